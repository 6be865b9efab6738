using System.Diagnostics;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Storage;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>How often a batch of events goes to PostgreSQL and back: each way takes as long as some inserts.</summary>
public abstract class RoundTripTests(StoreEngine engine)
{
    private const int BatchEvents = 1000, Hosts = 20;

    [Fact]
    public async Task A_batch_of_a_thousand_new_sessions_takes_a_few_ways()
    {
        await using var store = await OpenAsync();

        Assert.InRange(await AppendAsync(store, Logons(0)), 1, 45);
        // Hosts, groups and sources are known now.
        Assert.InRange(await AppendAsync(store, Logons(1)), 1, 30);
        Assert.Equal(2 * BatchEvents, await new SqlSessionLedger(store.Database).CountAsync(new SessionQuery(TenantOne), default));
    }

    [Fact]
    public async Task What_goes_on_with_known_sessions_takes_few_ways_however_many_they_are()
    {
        await using var store = await OpenAsync();
        await AppendAsync(store, Logons(0));

        Assert.InRange(await AppendAsync(store, Ends(0)), 1, 20);
        Assert.Equal(BatchEvents, await new SqlSessionLedger(store.Database).CountAsync(new SessionQuery(TenantOne) { States = [SessionState.Ended] }, default));
    }

    [Fact]
    public async Task What_goes_on_with_sessions_of_which_another_server_wrote_is_read_again()
    {
        await using var store = await OpenAsync();
        await using var other = PostgresDatabase.Open((await PostgresServers.GetAsync(engine)).AddressOf(store.Name));
        var (one, two) = (new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1))), new SqlEventLog(other, new FakeClock(Nine.AddDays(1))));

        await one.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], [], default);
        await two.AppendAsync(TenantOne, [Of(EventKind.SessionDisconnected, 1), Of(EventKind.SessionStarted, 0, os: "4", user: "bert")], [], default);
        await one.AppendAsync(TenantOne, [Of(EventKind.SessionReconnected, 2), Of(EventKind.SessionStarted, 0, os: "5", user: "carl")], [], default);
        await two.AppendAsync(TenantOne, [Of(EventKind.SessionEnded, 3), Of(EventKind.SessionEnded, 3, os: "5", user: "carl")], [], default);

        var sessions = (await new SqlSessionLedger(store.Database).FindAsync(new SessionQuery(TenantOne), new PageWindow(0, 10), default)).Items;
        Assert.Equal(
            [("3", @"CORP\anna", SessionState.Ended, 60_000), ("4", "bert", SessionState.Active, 0), ("5", "carl", SessionState.Ended, 0)],
            sessions.OrderBy(session => session.OsSessionId).Select(session => (session.OsSessionId, session.User, session.State, session.DisconnectedMs)));
    }

    [Fact]
    public async Task What_a_write_that_failed_would_have_written_is_not_remembered()
    {
        await using var store = await OpenAsync();
        var log = new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1)));
        await log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], [], default);

        await Assert.ThrowsAsync<FaultException>(() => store.Database.WriteAsync<int>(
            TenantOne,
            connection =>
            {
                var lost = Of(EventKind.SessionStarted, 1, os: "4", user: "bert") with { Host = new HostFacts { Name = "RDS-08" } };
                new EventAppender(connection, TenantOne, Nine.AddDays(1), HealthLimits.Default).Append([lost], [EventParts.Of(lost)], []);
                throw FaultException.Conflict("no");
            },
            default));
        await log.AppendAsync(TenantOne, [Of(EventKind.SessionEnded, 2), Of(EventKind.SessionStarted, 1, os: "5", user: "carl")], [], default);

        Assert.Equal(2, await new SqlSessionLedger(store.Database).CountAsync(new SessionQuery(TenantOne), default));
        Assert.Equal(1, await store.NumberAsync("SELECT COUNT(*) FROM hosts"));
        Assert.Equal(3, await store.NumberAsync("SELECT MAX(seq) FROM events"));
        Assert.Equal(2, await store.NumberAsync("SELECT MAX(no) FROM session_users"));
    }

    [Fact]
    public async Task A_batch_that_is_sent_again_is_found_by_one_question()
    {
        await using var store = await OpenAsync();
        await AppendAsync(store, Logons(0));

        Assert.InRange(await AppendAsync(store, Logons(0)), 1, 10);
        Assert.Equal(BatchEvents, await new SqlSessionLedger(store.Database).CountAsync(new SessionQuery(TenantOne), default));
    }

    private async Task<TestStore> OpenAsync()
    {
        var store = await TestStore.OpenAsync(engine);
        await new SqlIdentityStore(store.Database).AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
        return store;
    }

    /// <returns>Ways to PostgreSQL and back before the commit.</returns>
    private static async Task<int> AppendAsync(TestStore store, List<LedgerEvent> batch)
    {
        var parts = batch.ConvertAll(e => (EventParts?)EventParts.Of(e));
        var watch = Stopwatch.StartNew();
        var trips = await store.Database.WriteAsync(
            TenantOne,
            connection =>
            {
                new EventAppender(connection, TenantOne, Nine.AddDays(1), HealthLimits.Default).Append(batch, parts, []);
                var postgres = (PostgresConnection)connection;
                postgres.SendQueued();
                return postgres.RoundTrips;
            },
            default);
        TestContext.Current.SendDiagnosticMessage("{0} events: {1} round trips, {2} ms", batch.Count, trips, watch.ElapsedMilliseconds);
        return trips;
    }

    private static List<LedgerEvent> Logons(int round) => [.. Enumerable.Range(0, BatchEvents).Select(number => Event(EventKind.SessionStarted, round, number))];

    private static List<LedgerEvent> Ends(int round) => [.. Enumerable.Range(0, BatchEvents).Select(number => Event(EventKind.SessionEnded, round, number))];

    private static LedgerEvent Event(EventKind kind, int round, int number) =>
        Of(kind, (kind is EventKind.SessionEnded ? 600 : 0) + (number / 100.0), id: $"{kind}-{round}-{number}", os: $"{round}-{number}", user: $@"CORP\user{round}-{number}") with
        {
            Host = new HostFacts { Name = $"RDS-{number % Hosts}", Ip = $"10.0.0.{number % Hosts}", GroupId = "pool" },
            Client = new ClientFacts { Name = $"PC-{round}-{number}", Ip = $"10.1.{round}.{number % 250}" },
        };
}

public sealed class Postgres15RoundTripTests() : RoundTripTests(StoreEngine.Postgres15);

public sealed class Postgres18RoundTripTests() : RoundTripTests(StoreEngine.Postgres18);
