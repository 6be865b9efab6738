using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;
using Rollcall.Core.SignIns;
using Rollcall.Storage;
using Rollcall.Storage.Columns;
using Rollcall.Storage.Sql;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>What retention takes away, and everything that it must not touch.</summary>
public abstract class RetentionTests(StoreEngine engine)
{
    [Fact]
    public async Task A_session_stays_that_another_rests_on_by_a_source_they_share()
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, id: "a1"), Of(EventKind.SessionStarted, 0, id: "b1", source: "import://b"), Of(EventKind.SessionEnded, 1, id: "a2")], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 20, id: "a3"), Of(EventKind.SessionDisconnected, 25, id: "b3", source: "import://b")], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 30, os: "9")], [], default);
        var was = await store.SessionsAsync();

        await RunAsync(store, Nine.AddMinutes(10));

        Assert.Equal(3, was.Count);
        Assert.Equal(was, await store.SessionsAsync());
        Assert.Equal(was.Count(session => session.End?.At < Nine.AddMinutes(10)), (await RetentionOf(store).ReadAsync(TenantOne, default)).Overdue);
    }

    [Fact]
    public async Task Whatever_arrived_what_stays_is_as_it_was_and_nothing_that_went_is_taken_again()
    {
        await (await OpenAsync()).DisposeAsync(); // skips the test where the engine is not
        var property = Prop.ForAll(RandomHistories.Arrivals().ToArbitrary(), Gen.Choose(-1, 14).ToArbitrary(), (arrivals, minute) => HoldsAsync(arrivals, Nine.AddMinutes(minute)).GetAwaiter().GetResult());

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(engine.Rounds(100)), property);
    }

    [Fact]
    public async Task Sessions_that_ended_before_go_with_all_they_have_and_open_ones_stay()
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "1"), Of(EventKind.SessionStarted, 1, os: "2")], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionEnded, 5, os: "2"), Of(EventKind.SessionFailed, 6, os: "4")], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 20, os: "5")], [], default);

        var taken = await RunAsync(store, Nine.AddMinutes(10));

        Assert.Equal(new RetentionCounts(2, 2, 3, 0, 0), taken);
        Assert.Equal(["1", "5"], (await store.SessionsAsync()).Select(session => session.OsSessionId).Order(StringComparer.Ordinal));
        Assert.Equal(2, await store.NumberAsync("SELECT COUNT(*) FROM events"));
        Assert.Equal(3, await store.NumberAsync("SELECT COUNT(*) FROM event_identities"));
        Assert.Equal(2, await store.NumberAsync("SELECT COUNT(*) FROM connections"));
        Assert.Empty(Faults(store.Database));
    }

    [Fact]
    public async Task The_chain_is_cut_behind_the_last_batch_of_which_nothing_stays_and_proves_the_rest()
    {
        await using var store = await OpenAsync();
        for (var number = 0; number < 6; number++)
            await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, number, os: $"{number}"), Of(EventKind.SessionEnded, number + 0.5, os: $"{number}")], [], default);
        var head = await store.NumberAsync("SELECT MAX(no) FROM event_batches");

        await RunAsync(store, Nine.AddMinutes(3));
        Assert.Equal(3, await store.NumberAsync("SELECT batch FROM ledger_checkpoints"));
        Assert.Equal(3, await store.NumberAsync("SELECT COUNT(*) FROM event_batches"));
        await RunAsync(store, Nine.AddMinutes(30));

        Assert.Equal(2, await store.NumberAsync("SELECT COUNT(*) FROM ledger_checkpoints"));
        Assert.Equal(head, await store.NumberAsync("SELECT MAX(no) FROM event_batches"));
        Assert.Empty(Faults(store.Database));
        Assert.Equal(2, store.Database.Read(connection =>
        {
            using var keyless = new SqlLedgerInspection(connection, schema: 0, openSeal: null, (_, _) => [], () => { });
            Assert.Empty(keyless.Check(_ => { }, default).ToList());
            return keyless.SealsUnchecked;
        }));
        Assert.Equal(
            ["the checkpoint at batch 3 is not sealed by the server's key", "the checkpoint at batch 5 is not sealed by the server's key"],
            Faults(store.Database, box => [.. box.Reverse()]).Select(fault => fault[(fault.IndexOf(": ", StringComparison.Ordinal) + 2)..]));
        Assert.Equal(1, await store.Database.WriteAsync(TenantOne, connection => connection.Execute("UPDATE ledger_checkpoints SET hash = $hash WHERE batch = 3", ("$hash", new byte[32])), default));
        Assert.Contains("the checkpoint at batch 3 is not the one that was made", Assert.Single(Faults(store.Database)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_session_holds_the_chain_but_not_what_came_after_it()
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "1")], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 1, os: "2"), Of(EventKind.SessionEnded, 2, os: "2")], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 20, os: "3")], [], default);

        await RunAsync(store, Nine.AddMinutes(10));

        Assert.Equal(0, await store.NumberAsync("SELECT COUNT(*) FROM ledger_checkpoints"));
        Assert.Equal(2, await store.NumberAsync("SELECT COUNT(*) FROM removed_leaves"));
        Assert.Empty(Faults(store.Database));
        await store.Database.WriteAsync(TenantOne, connection => connection.Execute("DELETE FROM removed_leaves WHERE seq = 3"), default);
        Assert.Contains("batch 2 has 1 of its 2 events", Assert.Single(Faults(store.Database)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_follows_the_sessions_is_told_of_those_that_went()
    {
        await using var store = await OpenAsync();
        using var columns = new SessionColumns(store.Database, 1_000_000);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "1"), Of(EventKind.SessionEnded, 2, os: "1"), Of(EventKind.SessionStarted, 3, os: "2")], [], default);
        Assert.Equal(SessionMemoryOutcome.Ready, columns.Build(TenantOne, default));
        var end = await store.Feed.EndAsync(TenantOne, default);
        var gone = (await store.SessionsAsync()).Single(session => session.OsSessionId == "1");

        await RunAsync(store, Nine.AddMinutes(10));

        var change = Assert.Single((await store.Feed.TryReadAsync(TenantOne, end, 10, default))!);
        Assert.Equal((gone.Id, null, null), (change.GoneId, change.JoinedId, change.Session));
        Assert.Equal(1, await new ColumnSessionLedger(store.Database, columns).CountAsync(new SessionQuery(TenantOne), default));
        Assert.True(columns.Holds(TenantOne));
        Assert.Null(await store.Ledger.TryGetAsync(TenantOne, gone.Id, default));
        Assert.Null(await store.History.TryGetAsync(TenantOne, gone.Id, Nine, default));
    }

    [Fact]
    public async Task Another_tenant_keeps_what_is_its_own()
    {
        await using var store = await OpenAsync();
        var other = TenantId.Parse("00000000000000000000000000000002");
        await store.AddTenantAsync(other);
        foreach (var tenant in new[] { TenantOne, other })
        {
            for (var number = 0; number < 3; number++)
                await store.Log.AppendAsync(tenant, [Of(EventKind.SessionStarted, number, os: $"{number}"), Of(EventKind.SessionEnded, number + 0.5, os: $"{number}"), Beat(number, [])], [], default);
        }

        await RunAsync(store, Nine.AddMinutes(10));

        Assert.Equal(3, (await store.SessionsAsync(other)).Count);
        Assert.Equal(3, await store.NumberAsync("SELECT COUNT(*) FROM host_beats b WHERE (SELECT COUNT(*) FROM host_beats o WHERE o.tenant = b.tenant) = 3"));
        Assert.Empty(Faults(store.Database));
    }

    [Fact]
    public async Task One_server_at_a_time_works_for_a_tenant_until_its_lease_runs_out()
    {
        await using var store = await OpenAsync();
        var retention = RetentionOf(store);
        var (mine, others) = (RunOf(Nine, "one"), RunOf(Nine, "two"));
        var at = await retention.StepAsync(mine, null, default);

        Assert.Null(await retention.StepAsync(others, null, default));
        store.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotNull(await retention.StepAsync(others, null, default));
        Assert.Null(await retention.StepAsync(mine, at, default));
    }

    [Fact]
    public async Task What_it_did_and_what_it_is_told_is_kept()
    {
        await using var store = await OpenAsync();
        var retention = RetentionOf(store);
        Assert.Equal(RetentionState.Never, await retention.ReadAsync(TenantOne, default));
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "1"), Of(EventKind.SessionEnded, 2, os: "1"), Of(EventKind.SessionStarted, 3, os: "2")], [], default);
        await retention.SetAsync(TenantOne, 30, default);

        await RunAsync(store, Nine.AddMinutes(10));

        var state = await retention.ReadAsync(TenantOne, default);
        Assert.Equal((30, Nine.AddMinutes(10), store.Clock.GetUtcNow(), store.Clock.GetUtcNow(), new RetentionCounts(1, 1, 2, 0, 0)), (state.KeepDays, state.KeptFrom, state.RunAt, state.FinishedAt, state.Removed));
        await RunAsync(store, Nine.AddMinutes(-10));
        Assert.Equal(Nine.AddMinutes(10), (await retention.ReadAsync(TenantOne, default)).KeptFrom);
    }

    [Theory, InlineData(EventKind.SessionDisconnected), InlineData(EventKind.SessionReconnected), InlineData(EventKind.SessionChanged), InlineData(EventKind.SessionEnded)]
    public async Task What_is_said_late_of_a_session_that_is_gone_makes_no_session(EventKind kind)
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Of(EventKind.SessionEnded, 5), Of(EventKind.SessionStarted, 20, os: "9")], [], default);
        await RunAsync(store, Nine.AddMinutes(10));
        store.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, (await store.Log.AppendAsync(TenantOne, [Of(kind, 2, id: "late")], [], default)).Accepted);
        Assert.Equal(1, (await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionChanged, 3, id: "later")], [], default)).Accepted);

        Assert.Equal(["9"], (await store.SessionsAsync()).Select(session => session.OsSessionId));
        var known = await store.History.FindAsync(new SessionQuery(TenantOne) { HostName = "RDS-07" }, store.Clock.GetUtcNow(), null, 10, count: true, default);
        Assert.Equal(["9"], known.Items.Select(session => session.OsSessionId));
        Assert.Empty(Faults(store.Database));

        // What begins a session, and what lies within what is kept, is one as ever.
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 30), Of(EventKind.SessionDisconnected, 12, os: "4")], [], default);
        Assert.Equal(["3", "4", "9"], (await store.SessionsAsync()).Select(session => session.OsSessionId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_reported_sign_in_that_stays_keeps_the_events_that_tell_of_it()
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [SignIn(EventKind.SignInStarted, 0, browser: 1), SignIn(EventKind.SignInStarted, 1, browser: 2)], [], default);
        await store.Log.AppendAsync(TenantOne, [SignIn(EventKind.SignInEnded, 20, browser: 2)], [], default);
        var open = (await SignInsAsync(store)).Single(signIn => signIn.BrowserSessionId == 1);

        Assert.Equal(default, await RunAsync(store, Nine.AddMinutes(10)));
        await store.Log.AppendAsync(TenantOne, [SignIn(EventKind.SignInEnded, 30, browser: 1)], [], default);

        var ended = (await SignInsAsync(store)).Single(signIn => signIn.BrowserSessionId == 1);
        Assert.Equal((open.Id, Nine, Nine.AddMinutes(30)), (ended.Id, ended.StartedAt, ended.SignedOutAt));
        Assert.Equal(4, await store.NumberAsync("SELECT COUNT(*) FROM events"));
    }

    [Fact]
    public async Task Of_one_key_the_sign_ins_that_are_over_go_with_their_events_and_do_not_come_back()
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [SignIn(EventKind.SignInStarted, 0), SignIn(EventKind.SignInEnded, 1), SignIn(EventKind.SignInStarted, 2), SignIn(EventKind.SignInEnded, 20)], [], default);

        Assert.Equal(new RetentionCounts(0, 0, 2, 0, 1), await RunAsync(store, Nine.AddMinutes(10)));
        await store.Log.AppendAsync(TenantOne, [SignIn(EventKind.SignInStarted, 30)], [], default);

        Assert.Equal([Nine.AddMinutes(2), Nine.AddMinutes(30)], (await SignInsAsync(store)).Select(signIn => signIn.StartedAt).Order());
        Assert.Empty(Faults(store.Database));
    }

    [Fact]
    public async Task What_a_run_that_was_broken_off_took_is_counted_with_the_next()
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionFailed, 0, os: "1"), Of(EventKind.SessionStarted, 1, os: "2"), Of(EventKind.SessionEnded, 2, os: "2"), Of(EventKind.SessionStarted, 20, os: "3")], [], default);
        var begun = store.Clock.GetUtcNow();
        await RetentionOf(store).StepAsync(RunOf(Nine.AddMinutes(10)), null, default);
        store.Clock.Advance(TimeSpan.FromSeconds(5));

        await RunAsync(store, Nine.AddMinutes(10));

        var state = await RetentionOf(store).ReadAsync(TenantOne, default);
        Assert.Equal((2, begun, store.Clock.GetUtcNow()), (state.Removed.Sessions, state.RunAt, state.FinishedAt));
        store.Clock.Advance(TimeSpan.FromSeconds(5));
        await RunAsync(store, Nine.AddMinutes(10));
        Assert.Equal((0, store.Clock.GetUtcNow()), ((await RetentionOf(store).ReadAsync(TenantOne, default)).Removed.Sessions, (await RetentionOf(store).ReadAsync(TenantOne, default)).RunAt));
    }

    [Fact]
    public async Task A_step_takes_away_some_thousands_of_events_whatever_the_sessions_have()
    {
        await using var store = await OpenAsync();
        foreach (var os in Enumerable.Range(0, 40))
            await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: $"{os}"), .. Enumerable.Range(0, 98).Select(n => Of(EventKind.SessionChanged, 0.001 * (n + 1), os: $"{os}")), Of(EventKind.SessionEnded, 1, os: $"{os}")], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 20, os: "open")], [], default);

        var at = await RetentionOf(store).StepAsync(RunOf(Nine.AddMinutes(10)), null, default);

        Assert.Equal((RetentionPhase.Sessions, 20, 2_000), (at!.Phase, at.Taken.Sessions, at.Taken.Events));
        Assert.Equal(40, (await RunAsync(store, Nine.AddMinutes(10))).Sessions + at.Taken.Sessions);
        Assert.Equal(4_000, await store.NumberAsync("SELECT COUNT(*) FROM event_identities"));
        Assert.Empty(Faults(store.Database));
    }

    [Fact]
    public async Task A_step_tries_a_few_streams_of_several_sources_only()
    {
        await using var store = await OpenAsync();
        foreach (var os in Enumerable.Range(0, 10))
            await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, os, os: $"{os}"), Of(EventKind.SessionStarted, os, os: $"{os}", source: "import://b"), Of(EventKind.SessionEnded, os + 0.5, os: $"{os}")], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 40, os: "open")], [], default);

        var at = await RetentionOf(store).StepAsync(RunOf(Nine.AddMinutes(30)), null, default);

        Assert.Equal((RetentionPhase.Sessions, 4), (at!.Phase, at.Taken.Sessions));
        Assert.Equal(10, (await RunAsync(store, Nine.AddMinutes(30))).Sessions + at.Taken.Sessions);
    }

    [Fact]
    public async Task A_step_cuts_off_some_thousands_of_leaves_or_one_batch()
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "open")], [], default);
        await store.Database.WriteAsync(TenantOne, connection =>
        {
            connection.Execute("DELETE FROM events WHERE tenant = $tenant", ("$tenant", TenantOne));
            foreach (var no in Enumerable.Range(2, 9))
            {
                connection.Execute(
                    "INSERT INTO event_batches (tenant, no, first_seq, last_seq, received_ms, previous_hash, hash) VALUES ($tenant, $no, $first, $last, 0, $hash, $hash)",
                    ("$tenant", TenantOne), ("$no", no), ("$first", 2 + ((no - 2) * 2_000)), ("$last", 1 + ((no - 1) * 2_000)), ("$hash", new byte[32]));
            }
        }, default);

        await RetentionOf(store).SetAsync(TenantOne, 30, default);
        var left = new List<long>();
        for (RetentionPlace? at = new RetentionPlace(RetentionPhase.Chain, 0, default); at is { IsDone: false }; at = await RetentionOf(store).StepAsync(RunOf(Nine.AddMinutes(10)), at, default))
            left.Add(await store.NumberAsync("SELECT COUNT(*) FROM event_batches"));

        Assert.Equal([10, 7, 5, 3], left);
        Assert.Equal(1, await store.NumberAsync("SELECT COUNT(*) FROM event_batches"));
    }

    [Fact]
    public async Task A_host_that_has_nothing_to_lose_costs_no_step()
    {
        await using var store = await OpenAsync();
        await store.Log.AppendAsync(TenantOne, [.. Enumerable.Range(0, 50).Select(number => Beat(number, [], id: $"beat-{number}") with { Host = new HostFacts { Name = $"RDS-{number}" } })], [], default);
        await store.Log.AppendAsync(TenantOne, [Beat(1, [Line("1")], id: "one"), Beat(2, [Line("2")], id: "two"), Beat(3, [Line("3")], id: "three")], [], default);

        var (steps, taken) = (0, default(RetentionCounts));
        for (RetentionPlace? at = null; at is not { IsDone: true }; taken += at.Taken, steps++)
            at = (await RetentionOf(store).StepAsync(RunOf(Nine.AddMinutes(60)), at, default))!;

        Assert.Equal(2, taken.Beats);
        Assert.InRange(steps, 1, 10);
    }

    [Theory, InlineData(0), InlineData(31)]
    public async Task A_run_that_began_when_less_was_to_be_kept_takes_nothing_more(int days)
    {
        await using var store = await OpenAsync();
        var retention = RetentionOf(store);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionFailed, 0, os: "1"), Of(EventKind.SessionStarted, 1, os: "2"), Of(EventKind.SessionEnded, 2, os: "2"), Of(EventKind.SessionStarted, 20, os: "3")], [], default);
        var at = await retention.StepAsync(RunOf(Nine.AddMinutes(10)), null, default);
        Assert.Equal(1, at!.Taken.Sessions);

        await retention.SetAsync(TenantOne, days, default);

        Assert.Null(await retention.StepAsync(RunOf(Nine.AddMinutes(10)), at, default));
        Assert.Null(await retention.StepAsync(RunOf(Nine.AddMinutes(10)), null, default));
        Assert.Equal(2, (await store.SessionsAsync()).Count);
        await retention.SetAsync(TenantOne, 29, default);
        Assert.NotNull(await retention.StepAsync(RunOf(Nine.AddMinutes(10)), at, default));
    }

    /// <summary>The clock of arrivals stands before everything: old by arrival is what is old.</summary>
    private Task<LedgerStore> OpenAsync() => LedgerStore.OpenAsync(engine, Nine.AddDays(-1));

    private async Task<bool> HoldsAsync(LedgerEvent[][] arrivals, DateTimeOffset before)
    {
        await using var store = await OpenAsync();
        foreach (var batch in arrivals)
        {
            await store.Log.AppendAsync(TenantOne, batch, [], default);
            store.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        var was = await store.SessionsAsync();
        await RunAsync(store, before);
        var stays = await store.SessionsAsync();
        var gone = was.ExceptBy(stays.Select(session => session.Id), session => session.Id).ToList();
        Assert.All(stays, session => Assert.Equal(was.Single(one => one.Id == session.Id), session));
        Assert.All(gone, session => Assert.True(session.End?.At < before || (session.State is SessionState.Failed && session.StartedAt < before), $"{session} went"));
        Assert.Empty(Faults(store.Database));

        foreach (var batch in arrivals)
        {
            var receipt = await store.Log.AppendAsync(TenantOne, [.. batch.Where(e => e.Kind is not EventKind.HostBeat)], [], default);
            Assert.Equal(0, receipt.Accepted);
        }

        foreach (var session in stays)
            Assert.Equal(session.End, (await store.History.TryGetAsync(TenantOne, session.Id, null, default))!.Readings[^1].Session.End);
        // What rested on a session that failed may go now; the rest is untouched.
        await RunAsync(store, before);
        Assert.All(await store.SessionsAsync(), session => Assert.Contains(session, stays));
        Assert.Empty(Faults(store.Database));
        return true;
    }

    private static LedgerEvent SignIn(EventKind kind, double minute, long browser = 1) =>
        Of(kind, minute, $"{kind}-{browser}-{minute}") with { SignIn = new SignInFacts("jsmith", 5, browser) };

    private static async Task<IReadOnlyList<SignIn>> SignInsAsync(LedgerStore store) =>
        (await new SqlSignInLog(store.Database).FindAsync(new SignInQuery(TenantOne), null, 100, count: false, default)).Items;

    private static SqlRetention RetentionOf(LedgerStore store) => new(store.Database, store.Clock, digest => digest);

    private static RetentionRun RunOf(DateTimeOffset before, string worker = "test") => new(TenantOne, before, worker, Days: 30, DefaultDays: 30);

    private static Task<RetentionCounts> RunAsync(LedgerStore store, DateTimeOffset before) => RunAsync(store.Database, store.Clock, before);

    private protected static async Task<RetentionCounts> RunAsync(StoreDatabase database, FakeClock clock, DateTimeOffset before)
    {
        var (run, taken) = (RunOf(before), default(RetentionCounts));
        for (RetentionPlace? at = null; at is not { IsDone: true }; taken += at.Taken)
            at = (await new SqlRetention(database, clock, digest => digest).StepAsync(run, at, default))!;
        return taken;
    }

    private static List<string> Faults(StoreDatabase database, Func<byte[], byte[]?>? openSeal = null) => database.Read(connection =>
    {
        using var inspection = new SqlLedgerInspection(connection, schema: 0, openSeal ?? (box => box), (_, _) => [], () => { });
        return inspection.Check(_ => { }, default).ToList();
    });
}

public sealed class SqliteRetentionTests() : RetentionTests(StoreEngine.Sqlite)
{
    [Fact]
    public async Task Of_what_went_no_byte_stays_in_the_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("ledger.db");
        await using (var database = SqliteDatabase.Open(path))
        {
            await new SqlIdentityStore(database).AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
            var log = new SqlEventLog(database, new FakeClock(Nine.AddDays(-1)));
            foreach (var number in Enumerable.Range(0, 200))
                await log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, $"a-needle-{number}", $"{number}"), Of(EventKind.SessionEnded, 1, $"b-needle-{number}", $"{number}")], [], default);
            await log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 20, "stays-here", "open")], [], default);
            Assert.Equal(200, (await RunAsync(database, new FakeClock(Nine.AddDays(-1)), Nine.AddMinutes(10))).Sessions);
        }

        var bytes = await File.ReadAllBytesAsync(path);
        Assert.Equal(-1, bytes.AsSpan().IndexOf("-needle-"u8));
        Assert.NotEqual(-1, bytes.AsSpan().IndexOf("stays-here"u8));
    }
}

public sealed class Postgres15RetentionTests() : RetentionTests(StoreEngine.Postgres15);

public sealed class Postgres18RetentionTests() : RetentionTests(StoreEngine.Postgres18);
