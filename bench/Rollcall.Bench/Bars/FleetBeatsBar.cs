using System.Diagnostics;
using System.Globalization;
using Rollcall.Bench.Fleet;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

/// <summary>What 5 000 hosts with 50 000 open sessions cost that beat every 30 s with full rosters: the share of one core, and CPU time a beat.</summary>
internal sealed record FleetBeatsBar() : Bar("fleet-beats", "one core; 5 000 hosts that beat every 30 s", Sense.AtMost, 0.15, 0.08)
{
    private const int Rounds = 2;

    public override long RowsOf(BenchRun run) => run.Fleet.Sessions;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using var fleet = await LiveFleet.StartAsync(run, Name, cancel);
        // The runtime is still compiling what the beats run through, once in a server's life: a sixth of the CPU time of the round's first seconds.
        await fleet.BeatAsync(fleet.Hosts, FleetScale.LeaseSeconds, FleetScale.BeatEvery, cancel);
        var begun = Stopwatch.GetTimestamp();
        var before = fleet.Server.Cpu;
        for (var round = 0; round < Rounds; round++)
            await fleet.BeatAsync(fleet.Hosts, FleetScale.LeaseSeconds, FleetScale.BeatEvery, cancel);

        // At the true pace, so that no commit is shared by more beats than would be, and what the server does between them is counted.
        var cpu = fleet.Server.Cpu - before;
        var beats = Rounds * fleet.Hosts.Count;
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{beats} beats in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s, {cpu.TotalSeconds:F2} CPU s"));
        var perBeat = cpu / beats;
        return new Figure(null, perBeat.TotalMilliseconds, "CPU ms a beat", perBeat / FleetScale.BeatEvery);
    }
}
