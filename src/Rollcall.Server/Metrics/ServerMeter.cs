using System.Diagnostics.Metrics;
using Rollcall.Core.Events;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;
using Rollcall.Server.Ingest;
using Rollcall.Server.Streams;

namespace Rollcall.Server.Metrics;

/// <summary>What the server measures of itself. No measurement names a tenant, a host or a person.</summary>
internal sealed class ServerMeter
{
    public const string Name = "Rollcall";

    private readonly ServerLoadCache load;
    private readonly Counter<long> events, late, logons, failures, removed;

    public ServerMeter(IMeterFactory meters, ServerLoadCache load, SessionWatch watch)
    {
        this.load = load;
        var meter = meters.Create(Name);
        events = meter.CreateCounter<long>("rollcall.events", "{event}", "Events that this server was sent, by what became of them");
        late = meter.CreateCounter<long>("rollcall.events.late", "{event}", "Accepted events that came longer after their time than Ledger:LateSeconds");
        logons = meter.CreateCounter<long>("rollcall.logons", "{logon}", "Accepted events that tell of a logon; one that two sources tell of counts twice");
        failures = meter.CreateCounter<long>("rollcall.logon.failures", "{logon}", "Accepted events that tell of a failed logon; one that two sources tell of counts twice");
        removed = meter.CreateCounter<long>("rollcall.retention.removed", "{row}", "Rows that retention took away through this server, by kind");
        meter.CreateObservableGauge("rollcall.sessions.open", OpenSessions, "{session}", "Sessions open now, of all tenants, by state");
        meter.CreateObservableGauge("rollcall.exports.unfinished", UnfinishedExports, "{export}", "Exports that wait or run now, of all tenants and servers of the ledger, by state");
        meter.CreateObservableGauge("rollcall.streams.open", () => (long)watch.Count, "{stream}", "Streams of changes that this server has open");
        meter.CreateObservableGauge("rollcall.store.up", () => load.Latest is null ? 0L : 1L, "{store}", "Whether the ledger could be read a moment ago: 1 or 0");
    }

    /// <summary>So that a first event is a rise from nought and not the appearance of a series. To be called once somebody listens.</summary>
    public void BeginAtZero()
    {
        Took(new Receipt(0, 0, []), 0);
        Tag("rejected", 0);
        Removed(default);
    }

    /// <param name="rejected">Events that were refused before the ledger saw them.</param>
    public void Took(Receipt receipt, int rejected)
    {
        Tag("accepted", receipt.Accepted);
        Tag("duplicate", receipt.Duplicate);
        Tag("rejected", receipt.Conflicts.Count + rejected);
        late.Add(receipt.Late);
        logons.Add(receipt.Logons);
        failures.Add(receipt.Failures);
    }

    /// <summary>What retention took away in one step.</summary>
    public void Removed(RetentionCounts taken)
    {
        Remove(taken.Sessions, "sessions");
        Remove(taken.Connections, "connections");
        Remove(taken.Events, "events");
        Remove(taken.Beats, "beats");
        Remove(taken.SignIns, "sign_ins");
    }

    private void Remove(long count, string kind) => removed.Add(count, new KeyValuePair<string, object?>("kind", kind));

    private void Tag(string outcome, long count) => events.Add(count, new KeyValuePair<string, object?>("outcome", outcome));

    private IEnumerable<Measurement<long>> OpenSessions() =>
        (load.Latest?.OpenSessions ?? new Dictionary<SessionState, long>()).Select(open => InState(open.Value, SessionWords.Of(open.Key)));

    private IEnumerable<Measurement<long>> UnfinishedExports() =>
        load.Latest is { } known ? [InState(known.ExportsQueued, "queued"), InState(known.ExportsRunning, "running")] : [];

    private static Measurement<long> InState(long count, string state) => new(count, new KeyValuePair<string, object?>("state", state));
}
