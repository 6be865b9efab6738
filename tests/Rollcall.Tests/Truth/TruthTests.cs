using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Storage;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Truth;

/// <summary>The ledger against fleets of which the truth is known.</summary>
public abstract class TruthTests(StoreEngine engine)
{
    private static readonly TimeSpan[] Later = [TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromDays(1)];

    /// <summary>When the ledger is read, after the last arrival: once a lease has passed, and later.</summary>
    private static readonly TimeSpan[] Reads = [TimeSpan.FromSeconds(TrueHost.BeatLeaseSeconds + 1), TimeSpan.FromHours(1), TimeSpan.FromDays(1)];

    [Fact]
    public void Of_true_fleets_every_order_of_arrival_tells_the_same_and_the_truth() => CheckFleets(fleets: 60);

    [Fact, Trait("Category", "Long")]
    public void Of_hundreds_of_true_fleets_every_order_of_arrival_tells_the_same_and_the_truth() => CheckFleets(fleets: 250);

    [Fact]
    public void What_sessions_did_hours_ago_widens_intervals_about_the_truth_and_changes_nothing_else() => CheckHoursLate(fleets: 4);

    [Fact, Trait("Category", "Long")]
    public void In_dozens_of_true_fleets_what_sessions_did_hours_ago_widens_intervals_about_the_truth_and_changes_nothing_else() => CheckHoursLate(fleets: 40);

    private int thinned;

    /// <summary>The third thing by which arrival can be told: beats are thinned after an hour (ADR 0005).</summary>
    private void CheckHoursLate(int fleets)
    {
        var widened = 0;
        for (var seed = 1; seed <= engine.Rounds(fleets); seed++)
        {
            var fleet = TrueFleet.Of(seed, TrueLife.Long);
            var inTime = ReadLast(fleet, fleet.InOrder(seed));
            var late = ReadLast(fleet, fleet.HoursLate(seed));

            Assert.Equal(Text(fleet, Reduced(fleet).Select(one => (one.Session, one.Connections))), Text(fleet, inTime));
            Assert.Equal(Text(fleet, inTime.Select(WithoutWidth)), Text(fleet, late.Select(WithoutWidth)));
            foreach (var (narrow, wide) in inTime.Zip(late).Where(pair => pair.First.Session.End != pair.Second.Session.End))
            {
                Assert.True(narrow.Session.End!.Latest < wide.Session.End!.Latest, $"narrower, or known otherwise: {narrow.Session}, then {wide.Session}");
                widened++;
            }
        }

        Assert.True(widened > 0, "no interval was widened");
        Assert.True(thinned > 0, "no fleet had beats enough to be thinned");
    }

    /// <summary>In one order, after a lease; what is over lies about the truth.</summary>
    private List<(Session Session, IReadOnlyList<Connection> Connections)> ReadLast(TrueFleet fleet, IEnumerable<(DateTimeOffset At, LedgerEvent[] Batch)> batches)
    {
        using var store = new BlockingStore(engine, Nine);
        foreach (var (at, batch) in batches)
            store.AppendAt(at, batch);
        store.AdvanceTo(store.Now + Reads[0]);
        CheckTruth(fleet, store, isOver: true);
        thinned += store.CountBeats() < fleet.Sent.Count(sent => sent.Event.Kind is EventKind.HostBeat) ? 1 : 0;
        return
        [
            .. store.Sessions().OrderBy(session => session.Host.Name, StringComparer.Ordinal).ThenBy(session => session.OsSessionId, StringComparer.Ordinal).ThenBy(session => session.StartedAt)
                .Select(store.Detail),
        ];
    }

    /// <summary>Without how far the end may lie after the last proof of life, and which evidence said so.</summary>
    private static (Session Session, IReadOnlyList<Connection> Connections) WithoutWidth((Session Session, IReadOnlyList<Connection> Connections) one) =>
        (one.Session.End is { } end && end.Latest > end.Earliest ? one.Session with { End = end with { Latest = end.Earliest, Source = EndTimeSource.Unknown, Reason = null } } : one.Session, one.Connections);

    private void CheckFleets(int fleets) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(engine.Rounds(fleets)),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var fleet = TrueFleet.Of(seed, TrueLife.Busy);
            var (natural, shuffled) = (fleet.InOrder(seed).ToList(), fleet.InDisorder(seed).ToList());
            var lastAt = natural.Concat(shuffled).Max(batch => batch.At);
            var inOrder = Deliver(fleet, natural, lastAt, isNatural: true);
            var inDisorder = Deliver(fleet, shuffled, lastAt, isNatural: false);
            var reduced = Reduced(fleet);

            Assert.Equal(inOrder, inDisorder);
            Assert.All(inOrder, text => Assert.Equal(text, Text(fleet, reduced.Select(one => (one.Session, one.Connections)))));
            Assert.All(reduced, one => AddsUp(one, fleet));
        }));

    /// <summary>The whole ledger as text, at each of the <see cref="Reads"/>.</summary>
    private List<string> Deliver(TrueFleet fleet, IEnumerable<(DateTimeOffset At, LedgerEvent[] Batch)> batches, DateTimeOffset lastAt, bool isNatural)
    {
        using var store = new BlockingStore(engine, Nine);
        var reported = new HashSet<string>(StringComparer.Ordinal);
        var answers = new List<KnownAnswer>();
        foreach (var (at, batch) in batches)
        {
            store.AppendAt(at, batch);
            CheckTerminal(store, reported);
            if (answers.Count < 6 && batch.Length % 3 == 0)
                answers.Add(KnownAnswer.Of(store));
        }

        if (isNatural)
            CheckTruth(fleet, store, isOver: false);
        var texts = new List<string>();
        foreach (var later in Reads)
        {
            store.AdvanceTo(lastAt + later);
            CheckTerminal(store, reported);
            CheckTruth(fleet, store, isOver: true);
            texts.Add(Text(fleet, store.Sessions().Select(store.Detail)));
        }

        foreach (var answer in answers)
            answer.Check(store, KnownAnswer.Whole);
        return texts;
    }

    /// <summary>Nothing leaves a reported terminal state. An id is asked for, not looked up in the list: two sessions may turn out to be one.</summary>
    private static void CheckTerminal(BlockingStore store, HashSet<string> reported)
    {
        var sessions = store.Sessions();
        foreach (var session in reported.Select(id => store.Account(id, at: null)?.Detail.Session))
            Assert.True(session?.State is SessionState.Ended or SessionState.Failed, $"left its reported end: {session}");
        reported.UnionWith(sessions.Where(session => session.End?.Source is EndTimeSource.Reported).Select(session => session.Id));
    }

    /// <summary>Every end the ledger knows is the true one or lies about it; what is open and heard is open.</summary>
    private static void CheckTruth(TrueFleet fleet, BlockingStore store, bool isOver)
    {
        var bySession = store.Sessions().Select(session => store.Account(session.Id, at: null)!.Detail).ToList();
        foreach (var truth in fleet.Sessions)
        {
            var told = bySession.Where(detail => detail.Timeline.Any(stored => truth.Told.Contains((stored.Event.Source, stored.Event.Id)) && stored.Event.Host.Name == truth.Host)).ToList();
            Assert.True(truth.Told.Count == 0 || told.Count > 0, $"not in the ledger: {truth}");
            foreach (var session in told.Select(detail => detail.Session))
                CheckEnd(truth, session, isOver);
        }
    }

    private static void CheckEnd(TrueSession truth, Session session, bool isOver)
    {
        if (truth.EndAt is not { } endAt)
        {
            // A host whose story goes on unheard is judged silent: that end is provisional.
            Assert.True(session.End is null || isOver, $"{truth} is open, the ledger says {session.End}");
            return;
        }

        if (session.End is not { } end)
        {
            Assert.False(isOver, $"{truth} is over, the ledger says {session}");
            return;
        }

        var trueAt = Rollcall.Core.Instants.ToMilliseconds(endAt);
        Assert.True(end.Earliest <= trueAt && trueAt <= end.Latest, $"{truth}: the ledger says {end}");
        Assert.True(end.Earliest <= end.At && end.At <= end.Latest, $"{truth}: the ledger says {end}");
        if (end.Source is EndTimeSource.Reported)
            Assert.Equal(trueAt, end.At);
    }

    /// <summary>Connected and disconnected times are the whole of a session that began; one that never did was neither, while it waited.</summary>
    private static void AddsUp(ReducedSession reduced, TrueFleet fleet)
    {
        var session = reduced.Session;
        var hasBegun = reduced.Events.Any(stored => stored.Event.Kind is EventKind.SessionStarted);
        foreach (var now in Later.Select(later => fleet.EndsAt + later).Append(session.ChangedAt))
        {
            var (spentMs, durationMs) = (session.ConnectedMsAt(now) + session.DisconnectedMsAt(now), session.DurationMsAt(now));
            Assert.True(spentMs == durationMs || (!hasBegun && spentMs <= durationMs), $"{spentMs} of {durationMs} ms at {now:O}: {session}");
        }
    }

    /// <summary>All events at once, after a lease, without a store.</summary>
    private static List<ReducedSession> Reduced(TrueFleet fleet) =>
    [
        .. fleet.Sent.Select(sent => sent.Event).GroupBy(e => e.Host.Name, StringComparer.Ordinal).SelectMany(host =>
        {
            LedgerEvent[] events = [.. host];
            return Reduce(events.Any(e => e.Kind is EventKind.HostBeat) ? [.. events, Silence(events) with { Host = new() { Name = host.Key } }] : events);
        }),
    ];

    private static string Text(TrueFleet fleet, IEnumerable<(Session Session, IReadOnlyList<Connection> Connections)> all)
    {
        var sessions = all.ToList();
        var durations = Later.SelectMany(later => sessions.Select(one => Durations(one.Session, fleet.EndsAt + later))).Order(StringComparer.Ordinal);
        return $"{RandomHistories.Describe(sessions)}\n{string.Join('\n', durations)}";
    }

    private static string Durations(Session session, DateTimeOffset now) =>
        $"{now:O} {session.Host.Name} {session.OsSessionId} {session.StartedAt:O} {session.DurationMsAt(now)} {session.ConnectedMsAt(now)} {session.DisconnectedMsAt(now)}";
}

public sealed class SqliteTruthTests() : TruthTests(StoreEngine.Sqlite);

public sealed class Postgres15TruthTests() : TruthTests(StoreEngine.Postgres15);

public sealed class Postgres18TruthTests() : TruthTests(StoreEngine.Postgres18);
