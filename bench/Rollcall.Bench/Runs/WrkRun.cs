using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Bench.Runs;

/// <summary>wrk, a client in C that asks for one address again and again: its own work is small beside that of any server.</summary>
internal static partial class WrkRun
{
    private const int Threads = 2;

    /// <summary>Requests answered, and in how many seconds.</summary>
    /// <param name="header">Sent with each; null sends none.</param>
    /// <exception cref="InvalidOperationException">An answer was no 200, or did not come.</exception>
    public static async Task<(long Requests, double Seconds)> LoadAsync(Uri address, string? header, int connections, TimeSpan time, CancellationToken cancel)
    {
        string[] headers = header is null ? [] : ["-H", header];
        var seconds = string.Create(CultureInfo.InvariantCulture, $"-d{(int)time.TotalSeconds}s");
        using var process = Process.Start(new ProcessStartInfo("wrk", [$"-t{Threads}", $"-c{connections}", seconds, .. headers, address.AbsoluteUri])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var said = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0 || Done().Match(said) is not { Success: true } done || Wrong().IsMatch(said))
            throw new InvalidOperationException($"wrk: {said}");

        return (long.Parse(done.Groups["requests"].Value, CultureInfo.InvariantCulture), double.Parse(done.Groups["seconds"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("(?<requests>[0-9]+) requests in (?<seconds>[0-9.]+)s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Done();

    [GeneratedRegex("Non-2xx|Socket errors", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Wrong();
}
