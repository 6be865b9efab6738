using System.Globalization;
using Rollcall.Bench.Rows;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

/// <summary>The server's CPU time for a ListSessions page of 10 over HTTP, with its count, over that of a server that has the same bytes ready-made.</summary>
internal sealed record PageCpuBar() : Bar("page-cpu", "the same bytes ready-made over HTTP", Sense.AtMost, 4, 2)
{
    private const int Rounds = 3;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using var ledger = await FilledLedger.OpenAsync(run, cancel);
        await ledger.Server.ListsInMemory.WaitAsync(cancel);
        var page = await FirstPage.OfAsync(ledger, cancel);
        var file = run.Workshop.PathOf("page.json");
        await File.WriteAllBytesAsync(file, page.Body, cancel);
        await using var readyMade = await ReadyMadeRun.StartAsync(file, cancel);
        await WrkRun.LoadAsync(page.Address, page.Header, FirstPage.Clients, FirstPage.WarmUp, cancel);
        await WrkRun.LoadAsync(readyMade.Address, page.Header, FirstPage.Clients, FirstPage.WarmUp, cancel);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await MicrosecondsAsync(page.Address, page.Header, () => ledger.Server.Cpu, cancel));
            theirs.Add(await MicrosecondsAsync(readyMade.Address, page.Header, () => readyMade.Cpu, cancel));
        }

        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"a page of {page.Body.Length} bytes"));
        return Figure.Quotient(theirs.Order().ElementAt(Rounds / 2), ours.Order().ElementAt(Rounds / 2), "CPU us a request");
    }

    private static async Task<double> MicrosecondsAsync(Uri address, string header, Func<TimeSpan> cpu, CancellationToken cancel)
    {
        var before = cpu();
        var (requests, _) = await WrkRun.LoadAsync(address, header, FirstPage.Clients, FirstPage.Round, cancel);
        return (cpu() - before).TotalMicroseconds / requests;
    }
}

/// <summary>ListSessions pages of 10 a second, with their counts, over what PostgreSQL answers to a prepared statement for the same ten rows, without a count.</summary>
internal sealed record PageRateBar() : Bar("page-rate", "pgbench -M prepared, same page", Sense.AtLeast, 3, 6)
{
    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var rate = await OursAsync(run, cancel);
        var rows = run.Workshop.PathOf("rows.tsv");
        await WriteRowsAsync(rows, run, cancel);
        await using var postgres = await PostgresRun.StartAsync(run.Workshop.PathOf("pgpages"), cancel);
        var yardstick = await postgres.PageRateAsync(rows, FirstPage.Clients, FirstPage.WarmUp, FirstPage.Round, cancel);
        return Figure.Quotient(yardstick, rate, "pages/s");
    }

    private static async Task<double> OursAsync(BenchRun run, CancellationToken cancel)
    {
        await using var ledger = await FilledLedger.OpenAsync(run, cancel);
        await ledger.Server.ListsInMemory.WaitAsync(cancel);
        var page = await FirstPage.OfAsync(ledger, cancel);
        await WrkRun.LoadAsync(page.Address, page.Header, FirstPage.Clients, FirstPage.WarmUp, cancel);
        var (requests, seconds) = await WrkRun.LoadAsync(page.Address, page.Header, FirstPage.Clients, FirstPage.Round, cancel);
        return requests / seconds;
    }

    private static async Task WriteRowsAsync(string path, BenchRun run, CancellationToken cancel)
    {
        await using var file = new StreamWriter(path) { NewLine = "\n" };
        foreach (var facts in SessionRows.InOrder(run.Seed, run.Rows))
            await file.WriteLineAsync(string.Join('\t', SessionText.Of(facts)).AsMemory(), cancel);
    }
}

/// <summary>The first page of 10 of all sessions, as a Workspace client asks for it.</summary>
internal sealed record FirstPage(Uri Address, string Header, byte[] Body)
{
    public const int Clients = 16;

    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5), Round = TimeSpan.FromSeconds(8);

    public static async Task<FirstPage> OfAsync(FilledLedger ledger, CancellationToken cancel)
    {
        var (address, header) = await ledger.Client.WorkspaceAsync(LedgerWindow.WorkspacePage(offset: 0), cancel);
        return new FirstPage(address, $"{header.Name}: {header.Value}", await ledger.Client.GetBytesAsync(address, header, cancel));
    }
}
