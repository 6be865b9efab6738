using System.Diagnostics;

namespace Rollcall.Bench.Runs;

/// <summary>A process of its own that ends with the bench, however that ends.</summary>
internal abstract class ChildRun : IAsyncDisposable
{
    protected ChildRun(Process process)
    {
        Process = process;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>User and system time of all its threads until now, as <c>/proc/PID/stat</c> has it: steps of 10 ms.</summary>
    public TimeSpan Cpu
    {
        get
        {
            Process.Refresh();
            return Process.TotalProcessorTime;
        }
    }

    protected Process Process { get; }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Process.Kill();
        await Process.WaitForExitAsync(CancellationToken.None);
        Process.Dispose();
    }

    private void OnExit(object? sender, EventArgs e) => Process.Kill();
}
