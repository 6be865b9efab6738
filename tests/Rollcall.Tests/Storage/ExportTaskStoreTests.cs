using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Tasks are leased fairly, held by one worker, and let go for good.</summary>
public abstract class ExportTaskStoreTests(StoreEngine engine)
{
    private static readonly TenantId TenantTwo = TenantId.Parse("00000000000000000000000000000002");
    private static readonly ExportLimits Wide = new(UnfinishedMax: 100, RunningMax: 100);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Tenants_take_turns_however_many_tasks_one_of_them_has()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.AddTenantAsync(TenantTwo);
        foreach (var minute in Enumerable.Range(0, 4))
            await store.Exports.AddAsync(TaskOf(TenantOne, minute), Wide, default);
        foreach (var minute in Enumerable.Range(10, 2))
            await store.Exports.AddAsync(TaskOf(TenantTwo, minute), Wide, default);

        var turns = new List<int>();
        for (var turn = 0; await store.Exports.TryLeaseAsync(Wide, Nine.AddMinutes(60).AddSeconds(turn), Lease, default) is { } task; turn++)
        {
            turns.Add(int.Parse(task.FileName));
            await store.Exports.FinishAsync(task, Outcome, Nine.AddMinutes(61), default);
        }

        Assert.Equal([0, 10, 1, 11, 2, 3], turns);
    }

    [Fact]
    public async Task No_tenant_runs_more_than_its_limit_and_none_queues_more()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var limits = new ExportLimits(UnfinishedMax: 3, RunningMax: 2);
        foreach (var minute in Enumerable.Range(0, 3))
            await store.Exports.AddAsync(TaskOf(TenantOne, minute), limits, default);

        var refused = await Assert.ThrowsAsync<FaultException>(() => store.Exports.AddAsync(TaskOf(TenantOne, 3), limits, default));
        var first = await store.Exports.TryLeaseAsync(limits, Nine, Lease, default);
        Assert.NotNull(await store.Exports.TryLeaseAsync(limits, Nine, Lease, default));

        Assert.Equal(FaultCode.TooBusy, refused.Code);
        Assert.Null(await store.Exports.TryLeaseAsync(limits, Nine, Lease, default));
        await store.Exports.FinishAsync(first!, Outcome, Nine, default);
        Assert.NotNull(await store.Exports.TryLeaseAsync(limits, Nine, Lease, default));
    }

    [Fact]
    public async Task A_worker_whose_lease_ran_out_can_change_nothing_any_more()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Exports.AddAsync(TaskOf(TenantOne, 0), Wide, default);
        var dead = (await store.Exports.TryLeaseAsync(Wide, Nine, Lease, default))!;

        Assert.Null(await store.Exports.TryLeaseAsync(Wide, Nine + Lease - TimeSpan.FromMilliseconds(1), Lease, default));
        var next = (await store.Exports.TryLeaseAsync(Wide, Nine + Lease, Lease, default))!;

        Assert.False(await store.Exports.RenewLeaseAsync(dead, 7, Nine + Lease, Lease, default));
        Assert.False(await store.Exports.FinishAsync(dead, Outcome, Nine + Lease, default));
        Assert.True(await store.Exports.BeginAsync(next, Nine, 9, default));
        Assert.True(await store.Exports.RenewLeaseAsync(next, 8, Nine + Lease, Lease, default));
        var seen = (await store.Exports.TryGetAsync(TenantOne, next.Id, default))!;
        Assert.Equal((ExportState.Running, 8L, 9L, Nine), (seen.State, seen.RowCount, seen.RowsExpected, seen.SnapshotAt));
    }

    [Fact]
    public async Task Records_of_ended_tasks_are_purged_in_small_batches_when_old_and_turns_stay_fair()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.AddTenantAsync(TenantTwo);
        foreach (var minute in Enumerable.Range(0, 4))
            await store.Exports.AddAsync(TaskOf(TenantOne, minute), Wide, default);
        foreach (var minute in Enumerable.Range(0, 3))
        {
            var task = (await store.Exports.TryLeaseAsync(Wide, Nine.AddMinutes(minute), Lease, default))!;
            await store.Exports.FailAsync(task, "on purpose", Nine.AddMinutes(minute), default);
        }

        Assert.Equal(0, await store.Exports.PurgeAsync(Nine, take: 9, default));
        Assert.Equal(1, await store.Exports.PurgeAsync(Nine.AddMinutes(2), take: 1, default));
        Assert.Equal(1, await store.Exports.PurgeAsync(Nine.AddMinutes(2), take: 9, default));
        Assert.Equal(0, await store.Exports.PurgeAsync(Nine.AddMinutes(2), take: 9, default));
        Assert.Equal(2, (await store.Exports.FindAsync(TenantOne, [], null, 9, default)).Total);

        // The first tenant's turns are remembered although their tasks are gone: the other comes first.
        await store.Exports.PurgeAsync(Nine.AddYears(1), take: 9, default);
        await store.Exports.AddAsync(TaskOf(TenantTwo, 59), Wide, default);
        Assert.Equal(TenantTwo, (await store.Exports.TryLeaseAsync(Wide, Nine.AddMinutes(60), Lease, default))!.Tenant);
    }

    [Fact]
    public async Task A_finished_task_is_never_purged_before_it_expired()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Exports.AddAsync(TaskOf(TenantOne, 0), Wide, default);
        await store.Exports.FinishAsync((await store.Exports.TryLeaseAsync(Wide, Nine, Lease, default))!, Outcome, Nine, default);

        Assert.Equal(0, await store.Exports.PurgeAsync(Nine.AddYears(9), take: 9, default));
        Assert.Single(await store.Exports.ExpireAsync(Nine.AddYears(9), take: 9, default));
        Assert.Equal(1, await store.Exports.PurgeAsync(Nine.AddYears(9), take: 9, default));
    }

    [Fact]
    public async Task A_task_whose_process_died_is_given_back_at_the_next_start_or_where_others_may_hold_it_when_its_lease_runs_out()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Exports.AddAsync(TaskOf(TenantOne, 0), Wide, default);
        var dead = (await store.Exports.TryLeaseAsync(Wide, Nine, Lease, default))!;

        await store.Exports.RecoverAsync(default);
        var soon = engine is StoreEngine.Sqlite ? Nine : Nine + Lease;

        Assert.Equal(engine is StoreEngine.Sqlite, (await store.Exports.TryLeaseAsync(Wide, soon - TimeSpan.FromMilliseconds(1), Lease, default)) is not null);
        Assert.Equal(engine is not StoreEngine.Sqlite, (await store.Exports.TryLeaseAsync(Wide, soon, Lease, default)) is { Attempts: 2 });
        Assert.False(await store.Exports.FinishAsync(dead, Outcome, Nine, default));
    }

    [Fact]
    public async Task A_task_that_was_called_off_stays_so_and_its_worker_stops()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Exports.AddAsync(TaskOf(TenantOne, 0), Wide, default);
        var running = (await store.Exports.TryLeaseAsync(Wide, Nine, Lease, default))!;

        var cancelled = await store.Exports.CancelAsync(TenantOne, running.Id, Nine, default);

        Assert.Equal((ExportState.Cancelled, Nine), (cancelled!.State, cancelled.EndedAt));
        Assert.False(await store.Exports.RenewLeaseAsync(running, 1, Nine, Lease, default));
        Assert.False(await store.Exports.FinishAsync(running, Outcome, Nine, default));
        Assert.Null(await store.Exports.TryLeaseAsync(Wide, Nine.AddDays(1), Lease, default));
        Assert.Null(await store.Exports.CancelAsync(TenantTwo, running.Id, Nine, default));
    }

    private static ExportOutcome Outcome { get; } = new(1, 1, 0, 100, new string('a', 64), "rollcalld test");

    private static ExportTask TaskOf(TenantId tenant, int minute) => new()
    {
        Tenant = tenant,
        Id = Guid.NewGuid().ToString("N"),
        Kind = "native.users",
        Filter = "{}",
        FileName = $"{minute}",
        Format = ExportFormat.Csv,
        State = ExportState.Queued,
        RequestedBy = "anna",
        CreatedAt = Nine.AddMinutes(minute),
    };
}

public sealed class SqliteExportTaskStoreTests() : ExportTaskStoreTests(StoreEngine.Sqlite);

public sealed class Postgres15ExportTaskStoreTests() : ExportTaskStoreTests(StoreEngine.Postgres15);

public sealed class Postgres18ExportTaskStoreTests() : ExportTaskStoreTests(StoreEngine.Postgres18);
