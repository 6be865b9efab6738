using System.Diagnostics;

namespace Rollcall.Bench.Runs;

/// <summary>This program as a server that answers every request with the same bytes, as a process of its own: what HTTP itself costs.</summary>
internal sealed class ReadyMadeRun : ChildRun
{
    private ReadyMadeRun(Process process)
        : base(process)
    {
    }

    public Uri Address { get; private set; } = null!;

    /// <param name="file">Its bytes are the answer.</param>
    public static async Task<ReadyMadeRun> StartAsync(string file, CancellationToken cancel)
    {
        var run = new ReadyMadeRun(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["ready-made", file]) { UseShellExecute = false, RedirectStandardOutput = true })!);
        try
        {
            run.Address = new Uri(await run.Process.StandardOutput.ReadLineAsync(cancel) ?? throw new InvalidOperationException("the server of ready-made answers did not start"));
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }
}
