using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Bench.Bars;
using Rollcall.Bench.Fleet;
using Rollcall.Bench.Rows;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench;

/// <summary>
/// <c>console ROWS [--ledgers FOLDER]</c>: how soon the web console shows the first rows of a large ledger, what keeps its page from answering while one scrolls
/// and filters, and how soon concurrency over 30 days is answered.
/// </summary>
internal static class ConsoleCommand
{
    private const long RowsMin = 1000, RowsMax = 100_000_000;

    private const int Rounds = 3;

    /// <summary>From where the bench is built.</summary>
    private const string Checkout = "../../../../..";

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        if (arguments is not ([_] or [_, "--ledgers", _])
            || !long.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var rows) || rows is < RowsMin or > RowsMax)
        {
            await Console.Error.WriteLineAsync($"console ROWS [--ledgers FOLDER]: {RowsMin} to {RowsMax}");
            return 2;
        }

        using var workshop = new Workshop();
        var run = new BenchRun(rows, SessionRows.SeedDefault, FleetScale.Full, workshop, arguments.ElementAtOrDefault(2));
        await using var ledger = await FilledLedger.OpenAsync(run, cancel);
        await ledger.Server.ListsInMemory.WaitAsync(cancel);
        foreach (var by in (string[])["none", "host", "host_group", "user", "protocol"])
            Print($"concurrency of 30 days by {by}", await MedianAsync(ledger, $"/stats/concurrency?{LedgerWindow.Query}&bucket=PT1H&by={by}", cancel), goalMs: 1000);
        foreach (var (name, ms) in await DriveAsync(run, ledger, cancel))
            Print(name, ms, name.StartsWith("first_rows", StringComparison.Ordinal) ? 1000 : 200);
        return 0;
    }

    private static void Print(string what, double ms, double goalMs) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {ms,8:0} ms {(ms <= goalMs ? "holds" : "MISSED")}; at most {goalMs:0}"));

    private static async Task<double> MedianAsync(FilledLedger ledger, string path, CancellationToken cancel)
    {
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
            times.Add(await LedgerWindow.TimeAsync(ledger.Client, path, cancel));
        return times.Order().ElementAt(Rounds / 2);
    }

    private static async Task<IReadOnlyList<(string Name, double Ms)>> DriveAsync(BenchRun run, FilledLedger ledger, CancellationToken cancel)
    {
        var settings = new JsonObject
        {
            ["base"] = ledger.Server.Address.GetLeftPart(UriPartial.Authority),
            ["operator"] = ledger.Server.Bootstrap.GetProperty("operator").GetString(),
            ["password"] = ledger.Server.Bootstrap.GetProperty("password").GetString(),
            ["from"] = LedgerWindow.From,
            ["to"] = LedgerWindow.To,
            ["user"] = SessionText.Of(SessionRows.At(run.Seed, run.Rows / 2, run.Rows))[4],
        };
        using var browser = Process.Start(new ProcessStartInfo("node", ["speed.mjs", settings.ToJsonString()])
        {
            WorkingDirectory = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, Checkout, "web", "browser")),
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var printed = await browser.StandardOutput.ReadToEndAsync(cancel);
        await browser.WaitForExitAsync(cancel);
        if (browser.ExitCode != 0)
            throw new InvalidOperationException("the browser did not do its round; ./test installs Chromium and what web/browser needs");
        return [.. JsonElement.Parse(printed).EnumerateObject().Select(figure => (figure.Name, figure.Value.GetDouble()))];
    }
}
