using System.Diagnostics;
using System.Globalization;
using Rollcall.Bench.Fleet;
using Rollcall.Bench.Rows;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

/// <summary>Exact counts over HTTP in a window of 30 of the days, with mixes of filters, after one round that is not measured: of a hundred the slowest but one.</summary>
internal sealed record CountBar() : Bar("count-p99-ms", "absolute", Sense.AtMost, 50, 4)
{
    private const int Rounds = 30;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using var ledger = await FilledLedger.OpenAsync(run, cancel);
        await ledger.Server.ListsInMemory.WaitAsync(cancel);
        var window = LedgerWindow.Query;
        var facts = SessionRows.At(run.Seed, run.Rows / 2, run.Rows);
        var texts = SessionText.Of(facts);
        string[] filters =
        [
            "", "&state=ended", "&state=active", $"&user={Uri.EscapeDataString(texts[4])}", $"&host={texts[11]}", "&user=nobody@desktops.example", "&host=nowhere",
            $"&user={Uri.EscapeDataString(texts[4])}&state=ended", $"&host={texts[11]}&state=ended", $"&user={Uri.EscapeDataString(texts[4])}&host={texts[11]}&state=ended",
            "&user_contains=an&state=ended", "&client_ip=10.0.0.0/9", "&app_contains=e&protocol=hdp", $"&open_longer_than=P1D&host={texts[11]}",
        ];
        // The server's code is compiled as it is first used.
        foreach (var filter in filters)
            await AskAsync(filter);

        var times = new List<double>();
        foreach (var filter in filters.SelectMany(filter => Enumerable.Repeat(filter, Rounds)))
            times.Add(await AskAsync(filter));
        return Figure.Absolute(times.Order().ElementAt((int)Math.Ceiling(times.Count * 0.99) - 1), "ms");

        Task<double> AskAsync(string filter) => LedgerWindow.TimeAsync(ledger.Client, $"/sessions?limit=1&count=exact&{window}{filter}", cancel);
    }
}

/// <summary>A page of 10 far down: at a third of the tenant's rows, by the offset that Workspace clients send, over the first one.</summary>
internal sealed record DeepPageBar() : Bar("deep-page-ms", "the page at offset 0", Sense.AtMost, 25, 2)
{
    private const int Rounds = 9;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using var ledger = await FilledLedger.OpenAsync(run, cancel);
        await ledger.Server.ListsInMemory.WaitAsync(cancel);
        var first = await MedianAsync(ledger, 0, cancel);
        var deep = await MedianAsync(ledger, run.Rows / 3, cancel);
        return Figure.Difference(first, deep, "ms");
    }

    private static async Task<double> MedianAsync(FilledLedger ledger, long offset, CancellationToken cancel)
    {
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
            times.Add(await LedgerWindow.TimeWorkspaceAsync(ledger.Client, offset, cancel));
        return times.Order().ElementAt(Rounds / 2);
    }
}

/// <summary>By how much the file grows with a session, all indexes included.</summary>
internal sealed record SessionBytesBar() : Bar("session-bytes", "the wide PostgreSQL table: 1 070 bytes", Sense.AtMost, 0.40, 0.20)
{
    private const double WideRowBytes = 1070;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var file = await FilledLedger.FileAsync(run, cancel);
        return Figure.Quotient(WideRowBytes, (double)file.AddedBytes / run.Rows, "bytes a session");
    }
}

/// <summary>From the start of the process to its first answer, on a ledger that is there.</summary>
internal sealed record StartBar() : Bar("start-ms", "absolute", Sense.AtMost, 3000, 1000)
{
    private const int Rounds = 3;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            await using var ledger = await FilledLedger.OpenAsync(run, cancel);
            times.Add(ledger.Server.StartTime.TotalMilliseconds + await LedgerWindow.TimeAsync(ledger.Client, "/sessions?limit=10&count=none", cancel));
        }

        return Figure.Absolute(times.Order().ElementAt(Rounds / 2), "ms");
    }
}

/// <summary>Questions to the filled ledger, and how long their answers take.</summary>
internal static class LedgerWindow
{
    private const int FirstDay = 10, Days = 30;

    public static string From { get; } = Day(FirstDay);

    public static string To { get; } = Day(FirstDay + Days);

    /// <summary>30 of the 50 days.</summary>
    public static string Query { get; } = $"from={From}&to={To}";

    /// <summary>All 50 days, as Workspace clients write times; they must name both ends.</summary>
    private const string Workspace = "query_begin_time=2025-01-01T00:00:00Z&query_end_time=2025-03-01T00:00:00Z";

    private static string Day(int after) =>
        new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(after).ToString("yyyy-MM-dd'T00:00:00Z'", CultureInfo.InvariantCulture);

    public static async Task<double> TimeAsync(FleetClient client, string path, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        await client.GetAsync(path, cancel);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    /// <summary>Below the project's path.</summary>
    public static string WorkspacePage(long offset) => string.Create(CultureInfo.InvariantCulture, $"/session/list-sessions?limit=10&offset={offset}&{Workspace}");

    public static async Task<double> TimeWorkspaceAsync(FleetClient client, long offset, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        await client.GetWorkspaceAsync(WorkspacePage(offset), cancel);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }
}
