using System.Diagnostics;
using System.Text.Json;
using Rollcall.Bench.Fleet;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

/// <summary>
/// A tenth of the hosts falls silent at once while the others go on: how long after their lease, counted from the answer to the last beat, all of their
/// sessions are seen to have ended. That each ended as it must, and no other did, is checked; a difference ends the run.
/// </summary>
internal sealed record FleetSilenceBar() : Bar("fleet-silence", "one lease; 500 of 5 000 hosts silent at once", Sense.AtMost, 5, 2)
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromMilliseconds(200), _lookMax = TimeSpan.FromMinutes(2);

    public override long RowsOf(BenchRun run) => run.Fleet.SilentHosts;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using var fleet = await LiveFleet.StartAsync(run, Name, cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        FleetHost[] silent = [.. fleet.Hosts.Take(run.Fleet.SilentHosts)];
        var others = GoOnAsync(fleet, [.. fleet.Hosts.Skip(silent.Length)], stop.Token);
        try
        {
            var late = await FallSilentAsync(fleet, silent, run.Fleet, cancel);
            await CheckAsync(fleet, silent, run.Fleet, cancel);
            return Figure.Absolute(late.TotalSeconds, "s after the lease");
        }
        finally
        {
            await stop.CancelAsync();
            await others;
        }
    }

    private static async Task GoOnAsync(LiveFleet fleet, FleetHost[] hosts, CancellationToken stop)
    {
        try
        {
            while (true)
                await fleet.BeatAsync(hosts, FleetScale.LeaseSeconds, FleetScale.BeatEvery, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    /// <summary>
    /// How long after the lease the last session was seen to have ended. The lease from its own start that the server waits is over by then: it began before the last beat.
    /// </summary>
    private static async Task<TimeSpan> FallSilentAsync(LiveFleet fleet, FleetHost[] silent, FleetScale scale, CancellationToken cancel)
    {
        var lease = TimeSpan.FromSeconds(scale.SilentLeaseSeconds);
        var begun = Stopwatch.GetTimestamp();
        await fleet.BeatAsync(silent, scale.SilentLeaseSeconds, TimeSpan.Zero, cancel);
        var answered = Stopwatch.GetTimestamp();
        var expected = (long)silent.Length * FleetScale.SessionsOfHost;
        while (true)
        {
            var ended = await fleet.Client.CountEndedAsync(cancel);
            var late = Stopwatch.GetElapsedTime(answered) - lease;
            if (ended > 0 && Stopwatch.GetElapsedTime(begun) < lease)
                throw new InvalidOperationException($"{ended} sessions ended before the lease had run out");
            if (ended >= expected)
                return late;
            if (late > _lookMax)
                throw new InvalidOperationException($"{ended} of {expected} sessions ended within {_lookMax} after the lease");

            await Task.Delay(_lookEvery, cancel);
        }
    }

    private static async Task CheckAsync(LiveFleet fleet, FleetHost[] silent, FleetScale scale, CancellationToken cancel)
    {
        var beats = silent.ToDictionary(host => host.Name, host => host.BeatAt!.Value, StringComparer.Ordinal);
        var (ended, all) = (0, 0);
        await foreach (var session in fleet.Client.SessionsAsync(cancel))
        {
            all++;
            var isSilent = beats.TryGetValue(session.GetProperty("host").GetProperty("name").GetString()!, out var beatAt);
            if (isSilent)
                ended++;
            if (isSilent ? !IsEndedBySilence(session, beatAt, scale.SilentLeaseSeconds) : session.GetProperty("state").GetString() != "active")
                throw new InvalidOperationException($"a session did not go the way of its host, whose last beat was at {beatAt:O}: {session}");
        }

        if (all != scale.Sessions || ended != silent.Length * FleetScale.SessionsOfHost)
            throw new InvalidOperationException($"{all} sessions were found, {ended} of them on silent hosts");
    }

    // The last roster names every session, so its beat is the last proof of life.
    private static bool IsEndedBySilence(JsonElement session, DateTimeOffset beatAt, int leaseSeconds) =>
        session.GetProperty("state").GetString() == "ended"
        && session.GetProperty("end_time_source").GetString() == "heartbeat"
        && session.GetProperty("end_time").GetDateTimeOffset() == beatAt
        && session.GetProperty("end_time_earliest").GetDateTimeOffset() == beatAt
        && session.GetProperty("end_time_latest").GetDateTimeOffset() == beatAt.AddSeconds(leaseSeconds);
}
