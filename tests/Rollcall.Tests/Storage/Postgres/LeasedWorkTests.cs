using Npgsql;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Storage;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>Servers that take work side by side lock the rows they take, and nothing that anybody else waits for.</summary>
public abstract class LeasedWorkTests(StoreEngine engine)
{
    private static readonly TenantId TenantTwo = TenantId.Parse("00000000000000000000000000000002");
    private static readonly ExportLimits Limits = new(UnfinishedMax: 1000, RunningMax: 100);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Two_servers_take_different_tasks_at_once()
    {
        await using var store = await OpenAsync();
        var tasks = new SqlExportTaskStore(store.Database);
        foreach (var (tenant, id) in new[] { (TenantOne, "a1"), (TenantOne, "a2"), (TenantTwo, "b1") })
            await tasks.AddAsync(TaskOf(tenant, id), Limits, default);
        await using var another = await ConnectAsync(store);

        // The other server is in the middle of taking one of the first tenant's, whose turn it is.
        await RunAsync(another, $"BEGIN; SELECT 1 FROM export_turns WHERE tenant = '{TenantOne.Value}' FOR UPDATE; UPDATE export_tasks SET lease_ms = 1 WHERE id = 'a1'");
        Assert.Equal("b1", (await tasks.TryLeaseAsync(Limits, Nine, Lease, default))?.Id);
        Assert.Null(await tasks.TryLeaseAsync(Limits, Nine, Lease, default));

        // It has the first task, and somebody calls that off at this moment: the second is free.
        await RunAsync(another, "COMMIT; BEGIN; SELECT 1 FROM export_tasks WHERE id = 'a1' FOR UPDATE");
        Assert.Equal("a2", (await tasks.TryLeaseAsync(Limits, Nine, Lease, default))?.Id);
    }

    [Fact]
    public async Task What_a_server_held_that_died_is_taken_over_by_another()
    {
        await using var store = await OpenAsync();
        await using var other = PostgresDatabase.Open((await PostgresServers.GetAsync(engine)).AddressOf(store.Name));
        var (dead, alive) = (new SqlExportTaskStore(store.Database), new SqlExportTaskStore(other));
        await dead.AddAsync(TaskOf(TenantOne, "a1"), Limits, default);
        await using var cut = await ConnectAsync(store);
        await RunAsync(cut, $"BEGIN; SELECT 1 FROM export_turns WHERE tenant = '{TenantOne.Value}' FOR UPDATE; UPDATE export_tasks SET state = 2");
        Assert.Null(await alive.TryLeaseAsync(Limits, Nine, Lease, default));

        // Dead in the middle of taking it: nothing was taken.
        await RunAsync(await ConnectAsync(store, "postgres"), $"SELECT pg_terminate_backend({cut.ProcessID}, 10000)");
        var held = await dead.TryLeaseAsync(Limits, Nine, Lease, default);
        Assert.NotNull(held);

        // Dead while it works: the lease tells.
        Assert.Null(await alive.TryLeaseAsync(Limits, Nine + Lease - TimeSpan.FromMilliseconds(1), Lease, default));
        Assert.Equal(2, (await alive.TryLeaseAsync(Limits, Nine + Lease, Lease, default))?.Attempts);
        Assert.False(await dead.RenewLeaseAsync(held, 1, Nine + Lease, Lease, default));
    }

    [Theory, InlineData("export"), InlineData("mail"), InlineData("schedule")]
    public async Task Events_of_the_same_tenant_are_taken_while_a_server_stands_still_in_the_middle_of_taking_work(string kind)
    {
        await using var store = await OpenAsync();
        var take = await PrepareAsync(kind, store.Database);
        await using var gate = await ConnectAsync(store, "postgres");
        await RunAsync(gate, "SELECT pg_advisory_lock(77); CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NEW; END'");
        await RunAsync(gate, "CREATE TRIGGER wait BEFORE UPDATE ON export_tasks FOR EACH ROW EXECUTE FUNCTION wait(); CREATE TRIGGER wait BEFORE UPDATE ON export_schedules FOR EACH ROW EXECUTE FUNCTION wait()");

        var taking = Task.Run(take);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (await store.NumberAsync("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 77") == 0)
            await Task.Delay(10, limit.Token);
        // The one lock that is not of a row is that of this test.
        Assert.Equal(1, await store.NumberAsync(
            "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 77)"));
        var receipt = await new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1))).AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], [], default);
        Assert.Equal((1, false), (receipt.Accepted, taking.IsCompleted));

        await RunAsync(gate, "SELECT pg_advisory_unlock(77)");
        Assert.True(await taking);
        await RunAsync(gate, "DROP TRIGGER wait ON export_tasks; DROP TRIGGER wait ON export_schedules; DROP FUNCTION wait");
    }

    [Fact]
    public async Task While_one_tenants_silent_hosts_are_judged_events_of_another_are_taken()
    {
        await using var store = await OpenAsync();
        var clock = new FakeClock(Nine);
        var log = new SqlEventLog(store.Database, clock);
        await log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Beat(1, roster: null)], [], default);
        clock.Advance(TimeSpan.FromSeconds(2 * LeaseSeconds));
        await using var gate = await ConnectAsync(store);
        await RunAsync(gate, $"BEGIN; SELECT 1 FROM hosts WHERE tenant = '{TenantOne.Value}' FOR UPDATE");

        var judging = Task.Run(() => new SqlHostWatch(store.Database).JudgeSilenceAsync(clock.GetUtcNow(), Nine.AddDays(-1), take: 10, default));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (await store.NumberAsync("SELECT COUNT(*) FROM pg_locks WHERE NOT granted") == 0)
            await Task.Delay(10, limit.Token);
        Assert.Equal(0, await store.NumberAsync("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND classid = 0 AND objid = 0"));
        var receipt = await log.AppendAsync(TenantTwo, [Of(EventKind.SessionStarted, 0)], [], default);
        Assert.Equal((1, false), (receipt.Accepted, judging.IsCompleted));

        await RunAsync(gate, "COMMIT");
        Assert.Equal(1, await judging);
        Assert.Equal(0, await new SqlHostWatch(store.Database).JudgeSilenceAsync(clock.GetUtcNow(), Nine.AddDays(-1), take: 10, default));
    }

    /// <summary>What takes it, and says whether it did.</summary>
    private static async Task<Func<Task<bool>>> PrepareAsync(string kind, StoreDatabase database)
    {
        var tasks = new SqlExportTaskStore(database);
        if (kind == "export")
        {
            await tasks.AddAsync(TaskOf(TenantOne, "a1"), Limits, default);
            return async () => await tasks.TryLeaseAsync(Limits, Nine, Lease, default) is not null;
        }

        var schedules = new SqlExportScheduleStore(database);
        await schedules.AddAsync(ScheduleOf(), schedulesMax: 10, default);
        var due = Assert.Single(await schedules.FindDueAsync(Nine, take: 10, default));
        var order = new ScheduledOrder(TaskOf(TenantOne, "a1"), Nine.AddDays(1), Failure: null);
        if (kind == "schedule")
            return () => schedules.RunAsync(due, order, Limits, default);

        Assert.True(await schedules.RunAsync(due, order, Limits, default));
        await tasks.FailAsync((await tasks.TryLeaseAsync(Limits, Nine, Lease, default))!, "on purpose", Nine, default);
        return async () => await new SqlExportMailbox(database).TryTakeAsync(Nine, _ => Nine.AddMinutes(1), default) is not null;
    }

    private async Task<TestStore> OpenAsync()
    {
        var store = await TestStore.OpenAsync(engine);
        var identities = new SqlIdentityStore(store.Database);
        await identities.AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
        await identities.AddTenantAsync(new Tenant(TenantTwo, "two", Nine), default);
        return store;
    }

    private async Task<NpgsqlConnection> ConnectAsync(TestStore store, string user = "rollcall") =>
        await (await PostgresServers.GetAsync(engine)).ConnectAsync(store.Name, user);

    private static async Task RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    private static ExportTask TaskOf(TenantId tenant, string id) => new()
    {
        Tenant = tenant, Id = id, Kind = "sessions", Filter = "{}", FileName = "f", State = ExportState.Queued, RequestedBy = "anna", CreatedAt = Nine, Format = ExportFormat.Csv,
    };

    private static ExportSchedule ScheduleOf() => new()
    {
        Tenant = TenantOne, Id = "daily", Name = "daily", Cron = "0 9 * * *", TimeZone = "UTC", Period = ExportPeriod.None, Kind = "sessions", Format = ExportFormat.Csv,
        Filter = "{}", MailTo = ["anna@example.com"], CreatedBy = "anna", CreatedAt = Nine, NextAt = Nine, RunsFor = new ScheduleHolder("anna", 1, ApiTokenId: null),
    };
}

public sealed class Postgres15LeasedWorkTests() : LeasedWorkTests(StoreEngine.Postgres15);

public sealed class Postgres18LeasedWorkTests() : LeasedWorkTests(StoreEngine.Postgres18);
