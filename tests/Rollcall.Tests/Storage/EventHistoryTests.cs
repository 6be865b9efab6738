using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Random histories in a real store, in whatever batches, against the reducer that sees all of them at once.</summary>
public sealed class EventHistoryTests
{
    [Fact]
    public void Whatever_the_batches_the_store_says_what_the_reducer_says_of_all_events_and_no_id_is_lost() => CheckBatches(histories: 200);

    [Fact, Trait("Category", "Long")]
    public void Thousands_of_histories_in_whatever_batches_agree_with_the_reducer() => CheckBatches(histories: 5_000);

    private static void CheckBatches(int histories)
    {
        var property = Prop.ForAll(Arrivals().ToArbitrary(), arrivals =>
        {
            using var stored = new BlockingStore();
            var known = new HashSet<string>(StringComparer.Ordinal);
            foreach (var batch in arrivals)
            {
                stored.Append(batch);
                known.UnionWith(stored.Sessions().Select(session => session.Id));
                if (batch.Length % 2 == 0)
                    stored.JudgeSilence();
            }

            stored.JudgeSilence();
            var reduced = Reduce(WithSilence([.. arrivals.SelectMany(batch => batch)]));
            var wrong = reduced.FirstOrDefault(one => !AddsUp(one));
            return known.All(stored.Finds)
                && (wrong is null ? true : throw new InvalidOperationException($"does not add up: {wrong.Session} {string.Join(' ', wrong.Connections)}"))
                && Describe(stored.Sessions().Select(stored.Detail)) == Describe(reduced.Select(one => (one.Session, one.Connections)));
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(histories), property);
    }

    /// <summary>A lease has passed since the last arrival: a host that ever sent a beat is judged.</summary>
    private static LedgerEvent[] WithSilence(LedgerEvent[] events) =>
        events.Any(e => e.Kind is EventKind.HostBeat) ? [.. events, Silence(events)] : events;

    /// <summary>Time with and without a client is the whole time, but for what it spent initializing.</summary>
    private static bool AddsUp(ReducedSession reduced)
    {
        var (session, spentMs) = (reduced.Session, reduced.Session.ConnectedMs + reduced.Session.DisconnectedMs);
        var durationMs = session.DurationMsAt(session.ChangedAt);
        var isInitialized = reduced.Events.Any(stored => stored.Event.Kind is EventKind.SessionInitializing or EventKind.SessionFailed);
        var areConnectionsSound = reduced.Connections.All(connection => !(connection.EndedAt < (connection.EstablishedAt ?? connection.RequestedAt)));
        return areConnectionsSound && (spentMs == durationMs || (isInitialized && spentMs <= durationMs));
    }

    private static Gen<LedgerEvent> Beats() =>
        from minute in Gen.Choose(0, 24)
        from id in Gen.Choose(0, 1)
        from boot in Gen.Elements(null, null, null, "b1", "b2")
        from source in Gen.Elements("agent://a", "agent://a", "import://b")
        from roster in Gen.Elements<IReadOnlyList<RosterEntry>?>(
            [Line("3")], [Line("3")], [Line("3"), Line("4")], [Line("3", null)], [Line("3", "bob")], [Line("3", state: SessionState.Ended)], [], [Line("4")], null)
        select Beat(minute / 2.0, roster, boot, source, $"beat-{minute}-{id}", leaseSeconds: 60 + (minute % 3 * 30));

    /// <summary>What an operator may say once a batch has arrived; null says nothing.</summary>
    private static Gen<Func<LedgerEvent, LedgerEvent>?> Words() =>
        from minute in Gen.Choose(13, 30)
        from start in Gen.Elements<double?>(null, -3, 2)
        from end in Gen.Elements<double?>(null, 4, 9, 13)
        let given = end is null ? (double?)null : Math.Max(end.Value, 12)
        from word in Gen.Elements<Func<LedgerEvent, LedgerEvent>?>(
            null, null, null, about => Word(EventKind.SessionClosed, minute, about, endMinute: given), about => Word(EventKind.SessionCorrected, minute, about, start, end))
        select word;

    private static LedgerEvent[][] WithWords(LedgerEvent[][] batches, Func<LedgerEvent, LedgerEvent>?[] words) => [.. batches.Zip(words).SelectMany((pair, index) =>
        pair.Second is { } say && pair.First.FirstOrDefault(e => e.Kind.IsSession()) is { } about
            ? new[] { pair.First, [say(about) with { Id = $"word {index}" }] }
            : [pair.First])];

    private static Gen<LedgerEvent[][]> Arrivals()
    {
        var kinds = Gen.Elements(
            EventKind.SessionInitializing, EventKind.SessionStarted, EventKind.SessionDisconnected, EventKind.SessionReconnected,
            EventKind.SessionEnded, EventKind.SessionFailed, EventKind.SessionChanged, EventKind.HostStarted, EventKind.HostStopped);
        var one = from kind in kinds
                  from minute in Gen.Choose(0, 12)
                  from id in Gen.Choose(0, 3)
                  from source in Gen.Frequency((6, Gen.Constant("agent://a")), (1, Gen.Constant("import://b")))
                  from boot in Gen.Frequency((4, Gen.Constant<string?>(null)), (1, Gen.Constant<string?>("b1")), (1, Gen.Constant<string?>("b2")))
                  from os in Gen.Frequency((4, Gen.Constant("3")), (1, Gen.Constant("4")))
                  let e = Of(kind, minute, $"{kind}-{minute}-{id}", os, source: source)
                  select e with { Host = e.Host with { BootId = boot } };
        return from count in Gen.Choose(1, 14)
               from events in Gen.Frequency((3, one), (2, Beats())).ArrayOf(count)
               from size in Gen.Choose(1, 4)
               let batches = events.DistinctBy(e => (e.Source, e.Id))
                   .Chunk(size).ToArray()
               from words in Words().ArrayOf(batches.Length)
               select WithWords(batches, words);
    }

    private static string Describe(IEnumerable<(Session Session, IReadOnlyList<Connection> Connections)> all) => string.Join(
        '\n',
        all.Select(one => $"{one.Session with { Id = string.Empty, Revision = 0 }} {string.Join(' ', one.Connections.Select(Describe))}").Order(StringComparer.Ordinal));

    private static string Describe(Connection connection) =>
        $"{connection.Id} {connection.RequestedAt:O} {connection.EstablishedAt:O} {connection.EndedAt:O} {connection.IsReconnect} {connection.Failure}";

    /// <summary>A store for a property, which cannot wait.</summary>
    private sealed class BlockingStore : IDisposable
    {
        private readonly LedgerStore store = LedgerStore.OpenAsync().GetAwaiter().GetResult();

        public void Append(LedgerEvent[] batch) => store.Log.AppendAsync(TenantOne, batch, default).GetAwaiter().GetResult();

        public void JudgeSilence() => store.JudgeSilenceAsync().GetAwaiter().GetResult();

        public IReadOnlyList<Session> Sessions() => store.SessionsAsync().GetAwaiter().GetResult();

        public (Session Session, IReadOnlyList<Connection> Connections) Detail(Session session)
        {
            var detail = store.Ledger.TryGetAsync(TenantOne, session.Id, default).GetAwaiter().GetResult()!;
            return (detail.Session, detail.Connections);
        }

        public bool Finds(string id) => store.Ledger.TryGetAsync(TenantOne, id, default).GetAwaiter().GetResult() is not null;

        public void Dispose() => store.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
