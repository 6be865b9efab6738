using System.Diagnostics;

namespace Rollcall.Tests.Support;

/// <summary>The real <c>rollcalld</c>, run for one of its commands about a ledger.</summary>
internal static class LedgerCommand
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(3);

    /// <summary>Begins one; the caller reads nothing from it and may kill it.</summary>
    public static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(ServerProcess.Binary("rollcalld"), arguments)
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = Path.GetTempPath(),
    })!;

    /// <summary>Runs one to its end.</summary>
    public static async Task<(int ExitCode, string Printed, string Said)> RunAsync(params string[] arguments)
    {
        using var limit = new CancellationTokenSource(WaitMax);
        using var process = Start(arguments);
        var said = process.StandardError.ReadToEndAsync(limit.Token);
        var printed = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, printed, await said);
    }

    /// <summary>Runs one that must do what it was asked to; what it printed.</summary>
    public static async Task<string> MustAsync(params string[] arguments)
    {
        var (code, printed, said) = await RunAsync(arguments);
        Assert.True(code == 0, $"rollcalld {string.Join(' ', arguments)}: exit {code}\n{printed}\n{said}");
        return printed;
    }

    /// <summary>Runs one that must fail with one sentence; that sentence, and what it printed before.</summary>
    public static async Task<string> RefusedAsync(params string[] arguments)
    {
        var (code, printed, said) = await RunAsync(arguments);
        Assert.True(code == 1, $"rollcalld {string.Join(' ', arguments)}: exit {code}\n{printed}\n{said}");
        Assert.StartsWith("rollcalld: ", said, StringComparison.Ordinal);
        return printed + said;
    }
}
