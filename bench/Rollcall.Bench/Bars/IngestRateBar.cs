using System.Diagnostics;
using System.Globalization;
using Rollcall.Bench.Fleet;
using Rollcall.Bench.Ingest;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

/// <summary>Events a second over HTTP from 16 clients, each batch durable before its answer, with everything on; pgbench's insert beside it.</summary>
internal record IngestRateBar(string Name = "ingest-rate", double Minimum = 1, double Goal = 3)
    : Bar(Name, "pgbench, one 100-row INSERT with two indexes, synchronous commit", Sense.AtLeast, Minimum, Goal)
{
    public const int Clients = 16;

    /// <summary>Sent before the clock starts: the runtime compiles, the ledger meets its hosts.</summary>
    private const int WarmUpPercent = 10;

    /// <summary>Of one run: a minute's work or two, so that the whole table takes less than ten.</summary>
    protected virtual long EventsMax => 300_000;

    public override long RowsOf(BenchRun run) => Math.Min(run.Rows, EventsMax);

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var batches = IngestEvents.Batches(run.Seed, RowsOf(run)).ToList();
        var warmUp = batches.Count * WarmUpPercent / 100;
        await using var postgres = await PostgresRun.StartAsync(run.Workshop.PathOf($"{Name}-pgbench"), cancel);
        await using var server = await StartAsync(run.Workshop.PathOf(Name), postgres, cancel);
        using var client = await FleetClient.ConnectAsync(server, cancel, Clients);
        await SendAsync(client, batches[..warmUp], cancel);
        var (begun, before) = (Stopwatch.GetTimestamp(), server.Cpu);
        await SendAsync(client, batches[warmUp..], cancel);
        var (seconds, cpu) = (Stopwatch.GetElapsedTime(begun).TotalSeconds, server.Cpu - before);
        var events = batches.Skip(warmUp).Sum(batch => batch.Events);
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{events} events in {seconds:F1} s, {cpu.TotalMicroseconds / events:F1} CPU us an event in the server"));
        await CheckAsync(client, batches, RowsOf(run), cancel);
        var inserted = await postgres.InsertRateAsync(run.PoolPath(), Clients, TimeSpan.FromSeconds(Math.Clamp(seconds, 5, 30)), cancel);
        return Figure.Quotient(inserted, events / seconds, "events/s");
    }

    /// <param name="postgres">The yardstick's, which stands still meanwhile.</param>
    protected virtual Task<ServerRun> StartAsync(string data, PostgresRun postgres, CancellationToken cancel) => ServerRun.StartAsync(data, cancel);

    private static Task SendAsync(FleetClient client, List<IngestBatch> batches, CancellationToken cancel)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SendNextAsync()));

        async Task SendNextAsync()
        {
            for (var i = Interlocked.Increment(ref next); i < batches.Count; i = Interlocked.Increment(ref next))
                await client.SendAsync(batches[i].Body, batches[i].Events - batches[i].Repeated, cancel);
        }
    }

    /// <summary>Every session has both its events: none was lost, none doubled.</summary>
    private static async Task CheckAsync(FleetClient client, List<IngestBatch> batches, long events, CancellationToken cancel)
    {
        var ended = await client.CountEndedAsync(cancel);
        var different = batches.Sum(batch => batch.Events - batch.Repeated);
        if (different != events / 2 * 2)
            throw new InvalidOperationException($"{different} different events were sent instead of {events}");

        // Two sessions that were in one OS session of one host at once are one another's end: as many ended sessions as starts, whatever the order.
        if (ended != events / 2)
            throw new InvalidOperationException($"{ended} sessions have ended instead of {events / 2}");
    }
}

/// <summary>The same with the ledger in the PostgreSQL that pgbench inserts into afterwards, with its defaults. No bar of the plan: what we hold it to is our choice.</summary>
internal sealed record PostgresIngestRateBar() : IngestRateBar("ingest-rate-postgres", Minimum: 0.05, Goal: 0.3)
{
    protected override long EventsMax => 20_000;

    protected override async Task<ServerRun> StartAsync(string data, PostgresRun postgres, CancellationToken cancel) =>
        await ServerRun.StartAsync(data, cancel, await postgres.AddDatabaseAsync("rollcall", cancel));
}
