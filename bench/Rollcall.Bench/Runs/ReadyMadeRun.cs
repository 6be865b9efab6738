using System.Diagnostics;

namespace Rollcall.Bench.Runs;

/// <summary>This program as a server that answers every request with the same bytes, as a process of its own: what HTTP itself costs.</summary>
internal sealed class ReadyMadeRun : IAsyncDisposable
{
    private readonly Process _process;

    private ReadyMadeRun(Process process)
    {
        _process = process;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>User and system time of all its threads until now.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="file">Its bytes are the answer.</param>
    public static async Task<ReadyMadeRun> StartAsync(string file, CancellationToken cancel)
    {
        var run = new ReadyMadeRun(Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["ready-made", file]) { UseShellExecute = false, RedirectStandardOutput = true })!);
        try
        {
            run.Address = new Uri(await run._process.StandardOutput.ReadLineAsync(cancel) ?? throw new InvalidOperationException("the server of ready-made answers did not start"));
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void OnExit(object? sender, EventArgs e) => _process.Kill();
}
