using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Events in a real store: taken once, durable, and projected whatever the order and the batches.</summary>
public sealed class EventLogTests
{
    [Fact]
    public async Task An_event_sent_again_changes_nothing()
    {
        await using var store = await Store.OpenAsync();
        var started = Of(EventKind.SessionStarted, 0);

        var first = await store.Log.AppendAsync(TenantOne, [started], default);
        var again = await store.Log.AppendAsync(TenantOne, [started, started], default);

        Assert.Equal((1, 0), (first.Accepted, first.Duplicate));
        Assert.Equal((0, 2), (again.Accepted, again.Duplicate));
        Assert.Equal(1, Assert.Single(await store.SessionsAsync()).Revision);
    }

    [Fact]
    public async Task The_same_id_with_another_time_is_a_conflict_even_on_another_day()
    {
        await using var store = await Store.OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, id: "x")], default);

        var receipt = await store.Log.AppendAsync(
            TenantOne, [Of(EventKind.SessionStarted, 1, id: "y"), Of(EventKind.SessionStarted, 60 * 48, id: "x")], default);

        Assert.Equal([1], receipt.Conflicts);
        Assert.Equal(1, receipt.Accepted);
    }

    [Fact]
    public async Task The_same_id_from_another_source_is_another_event()
    {
        await using var store = await Store.OpenAsync();

        var receipt = await store.Log.AppendAsync(
            TenantOne,
            [Of(EventKind.SessionStarted, 0, id: "x", os: "1", source: "a"), Of(EventKind.SessionStarted, 0, id: "x", os: "2", source: "b")],
            default);

        Assert.Equal(2, receipt.Accepted);
    }

    [Fact]
    public async Task A_late_shutdown_ends_a_session_that_was_stored_before_it()
    {
        await using var store = await Store.OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.HostStopped, 5)], default);

        var session = Assert.Single(await store.SessionsAsync());

        Assert.Equal(EndTimeSource.HostEvent, session.End!.Source);
        Assert.Equal(2, session.Revision);
    }

    [Fact]
    public async Task A_roster_brings_back_a_session_that_several_rosters_lacked()
    {
        await using var store = await Store.OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Beat(1, [Line("3")])], default);
        foreach (var minute in (int[])[2, 3, 4])
            await store.Log.AppendAsync(TenantOne, [Beat(minute, [])], default);
        Assert.Equal(Nine.AddMinutes(2), Assert.Single(await store.SessionsAsync()).End!.Latest);

        await store.Log.AppendAsync(TenantOne, [Beat(5, [Line("3")])], default);

        Assert.Null(Assert.Single(await store.SessionsAsync()).End);
    }

    [Fact]
    public async Task A_beat_that_was_overtaken_by_a_logon_leaves_the_next_roster_to_be_compared()
    {
        await using var store = await Store.OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Beat(0, [])], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 1)], default);
        await store.Log.AppendAsync(TenantOne, [Beat(0.99, [])], default);
        foreach (var minute in (double[])[1.5, 2, 2.5])
            await store.Log.AppendAsync(TenantOne, [Beat(minute, [])], default);

        var end = Assert.Single(await store.SessionsAsync()).End!;
        Assert.Equal((EndTimeSource.Roster, Nine.AddMinutes(1), Nine.AddMinutes(1.5)), (end.Source, end.Earliest, end.Latest));
    }

    [Fact]
    public async Task Equal_rosters_after_a_shutdown_or_a_closing_bring_the_session_back()
    {
        await using var store = await Store.OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Beat(1, [Line("3")])], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.HostStopped, 2)], default);
        await store.Log.AppendAsync(TenantOne, [Beat(3, [Line("3")])], default);
        Assert.Null(Assert.Single(await store.SessionsAsync()).End);

        await store.Log.AppendAsync(TenantOne, [Word(EventKind.SessionClosed, 4, Of(EventKind.SessionStarted, 0))], default);
        Assert.Equal(EndTimeSource.Operator, Assert.Single(await store.SessionsAsync()).End!.Source);
        await store.Log.AppendAsync(TenantOne, [Beat(5, [Line("3")])], default);
        Assert.Null(Assert.Single(await store.SessionsAsync()).End);
    }

    [Fact]
    public async Task A_beat_from_the_end_of_time_does_not_stop_the_watch_over_the_others()
    {
        await using var store = await Store.OpenAsync();
        var evil = Beat(0, null, id: "evil") with { Host = new() { Name = "EVIL" }, At = DateTimeOffset.MaxValue.AddTicks(-9), LeaseSeconds = 1 };
        await store.Log.AppendAsync(TenantOne, [evil, Of(EventKind.SessionStarted, 0) with { Host = evil.Host, Id = "of evil" }], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Beat(1, [Line("3")])], default);

        await store.JudgeSilenceAsync();

        Assert.Equal(EndTimeSource.Heartbeat, (await store.SessionsAsync()).Single(session => session.Host.Name == "RDS-07").End!.Source);
    }

    [Fact]
    public async Task Another_roster_of_the_same_instant_is_another_beat_in_whatever_order()
    {
        foreach (var (first, second) in ((LedgerEvent, LedgerEvent)[])[(Beat(1, [Line("3")], id: "x"), Beat(1, [], id: "y")), (Beat(1, [], id: "y"), Beat(1, [Line("3")], id: "x"))])
        {
            await using var store = await Store.OpenAsync();
            await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
            await store.Log.AppendAsync(TenantOne, [first], default);
            Assert.Equal(1, (await store.Log.AppendAsync(TenantOne, [second], default)).Accepted);
            Assert.Null(Assert.Single(await store.SessionsAsync()).End);
            await store.Log.AppendAsync(TenantOne, [Beat(2, [])], default);
            Assert.Equal(Nine.AddMinutes(1), Assert.Single(await store.SessionsAsync()).End!.Earliest);
        }
    }

    [Fact]
    public async Task Beats_of_two_hours_ago_are_kept_as_runs_and_their_roster_still_ends_a_session()
    {
        await using var store = await Store.OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
        for (var hour = 0; hour < 10; hour++)
            await store.Log.AppendAsync(TenantOne, [.. Enumerable.Range(1, 100).Select(n => Beat((hour * 50) + (n / 2.0), [Line("3")]))], default);

        Assert.InRange(store.CountBeats(), 100, 400);
        await store.Log.AppendAsync(TenantOne, [Beat(501, [])], default);
        var end = Assert.Single(await store.SessionsAsync()).End!;
        Assert.Equal((Nine.AddMinutes(500), Nine.AddMinutes(501)), (end.Earliest, end.Latest));
    }

    [Fact]
    public async Task A_tenant_sees_only_its_own_sessions()
    {
        await using var store = await Store.OpenAsync();
        var other = TenantId.Parse("00000000000000000000000000000002");
        await store.AddTenantAsync(other);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
        await store.Log.AppendAsync(other, [Of(EventKind.SessionStarted, 0, user: "bob")], default);

        Assert.Equal("bob", Assert.Single(await store.SessionsAsync(other)).User);
        Assert.Equal(@"CORP\anna", Assert.Single(await store.SessionsAsync()).User);
    }

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
        private readonly Store store = Store.OpenAsync().GetAwaiter().GetResult();

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

    /// <summary>A real store in a folder of its own.</summary>
    private sealed class Store(TemporaryFolder folder, SqliteDatabase database) : IAsyncDisposable
    {
        private readonly FakeClock clock = new(Nine.AddDays(1));

        public SqliteEventLog Log => field ??= new SqliteEventLog(database, clock);

        public ISessionLedger Ledger { get; } = new SessionLedgerContract(new SqliteSessionLedger(database));

        public static async Task<Store> OpenAsync()
        {
            var folder = new TemporaryFolder();
            var store = new Store(folder, SqliteDatabase.Open(folder.File("ledger.db")));
            await store.AddTenantAsync(TenantOne);
            return store;
        }

        /// <summary>A lease later.</summary>
        public async Task JudgeSilenceAsync()
        {
            clock.Advance(TimeSpan.FromSeconds(2 * LeaseSeconds));
            await new SqliteHostWatch(database).JudgeSilenceAsync(clock.GetUtcNow(), Nine, take: 10, default);
        }

        public Task AddTenantAsync(TenantId tenant) =>
            new SqliteIdentityStore(database).AddTenantAsync(new Tenant(tenant, tenant.Value, Nine), default);

        public long CountBeats()
        {
            using var ledger = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder.File("ledger.db")};Mode=ReadOnly;Pooling=False");
            ledger.Open();
            using var count = ledger.CreateCommand();
            count.CommandText = "SELECT COUNT(*) FROM host_beats";
            return (long)count.ExecuteScalar()!;
        }

        public async Task<IReadOnlyList<Session>> SessionsAsync(TenantId? tenant = null)
        {
            var page = await Ledger.FindAsync(new SessionQuery(tenant ?? TenantOne), new PageWindow(0, 1000), default);
            return page.Items;
        }

        public async ValueTask DisposeAsync()
        {
            await database.DisposeAsync();
            folder.Dispose();
        }
    }
}
