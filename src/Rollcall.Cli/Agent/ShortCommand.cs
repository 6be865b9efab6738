using System.ComponentModel;
using System.Diagnostics;

namespace Rollcall.Cli.Agent;

/// <summary>Programs of the host that answer at once or not at all.</summary>
internal static class ShortCommand
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    private const int AnswerLengthMax = 4 * 1024 * 1024;

    /// <summary>What it printed, whatever it thought of it; null when it is not there, took too long or said too much.</summary>
    public static async Task<string?> TryRunAsync(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            using var limit = new CancellationTokenSource(AnswerMax);
            try
            {
                process.ErrorDataReceived += (_, _) => { };
                process.BeginErrorReadLine();
                var printed = await process.StandardOutput.ReadToEndAsync(limit.Token);
                await process.WaitForExitAsync(limit.Token);
                return printed.Length <= AnswerLengthMax ? printed : null;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return null;
            }
        }
        catch (Win32Exception)
        {
            return null; // there is no such program here
        }
    }
}
