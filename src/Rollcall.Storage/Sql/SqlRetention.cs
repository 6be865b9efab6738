using Rollcall.Core;
using Rollcall.Core.Retention;

namespace Rollcall.Storage.Sql;

/// <summary>Takes old history away in short transactions, each by itself whole: whatever breaks a run off, the ledger is sound and the next run goes on.</summary>
/// <param name="database">The store.</param>
/// <param name="clock">By which leases run out.</param>
/// <param name="seal">Seals a checkpoint's digest under the server's key.</param>
public sealed class SqlRetention(StoreDatabase database, TimeProvider clock, Func<byte[], byte[]> seal) : IRetention
{
    /// <summary>After which another server may take over from one that fell silent.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private const string Columns = "keep_days, kept_from_ms, run_ms, finished_ms, sessions, connections, events, beats, sign_ins";

    public Task<RetentionState> ReadAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(database.Read(connection => connection.FirstRow(
        row => StateOf(row, 0), $"SELECT {Columns} FROM tenant_retention WHERE tenant = $tenant", ("$tenant", tenant)) ?? RetentionState.Never));

    public Task<IReadOnlyList<TenantId>> TenantsAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<TenantId>>(
        database.Read(connection => connection.Rows(row => TenantId.Parse(row.GetString(0)), "SELECT id FROM tenants ORDER BY id")));

    public Task SetAsync(TenantId tenant, int? keepDays, CancellationToken cancel) => database.WriteAsync(
        tenant,
        connection =>
        {
            Ensure(connection, tenant);
            connection.Execute("UPDATE tenant_retention SET keep_days = $days WHERE tenant = $tenant", ("$tenant", tenant), ("$days", (long?)keepDays));
        },
        cancel);

    public Task<RetentionPlace?> StepAsync(RetentionRun run, RetentionPlace? at, CancellationToken cancel) => database.WritePatientlyAsync(
        run.Tenant, connection => Step(connection, run, at), cancel);

    private RetentionPlace? Step(StoreConnection connection, RetentionRun run, RetentionPlace? at)
    {
        var now = Instants.ToMilliseconds(clock.GetUtcNow());
        Ensure(connection, run.Tenant);
        if (!TakeLease(connection, run, isBeginning: at is null, now))
            return null;

        var next = new RetentionStep(connection, run, seal, now).Take(at ?? new RetentionPlace(RetentionPhase.Sessions, 0, default));
        Note(connection, run, next, now);
        return next;
    }

    private static void Ensure(StoreConnection connection, TenantId tenant) => connection.Execute(
        "INSERT INTO tenant_retention (tenant) VALUES ($tenant) ON CONFLICT (tenant) DO NOTHING", ("$tenant", tenant));

    /// <summary>In the transaction of the work itself: who lost its lease takes nothing away any more, and neither does who began when less was to be kept.</summary>
    private static bool TakeLease(StoreConnection connection, RetentionRun run, bool isBeginning, DateTimeOffset now) => connection.Execute(
        $"""
        UPDATE tenant_retention SET lease_by = $worker, lease_ms = $until
            {(isBeginning ? ", run_ms = $now, kept_from_ms = MAX(COALESCE(kept_from_ms, 0), $before), sessions = 0, connections = 0, events = 0, beats = 0, sign_ins = 0" : string.Empty)}
        WHERE tenant = $tenant AND (lease_by IS NULL OR lease_by = $worker OR lease_ms < $now) AND COALESCE(keep_days, $default) BETWEEN 1 AND $days
        """,
        ("$tenant", run.Tenant), ("$worker", run.Worker), ("$now", now.ToUnixTimeMilliseconds()), ("$until", (now + Lease).ToUnixTimeMilliseconds()),
        ("$before", run.Before.ToUnixTimeMilliseconds()), ("$days", (long)run.Days), ("$default", (long)run.DefaultDays)) == 1;

    private static void Note(StoreConnection connection, RetentionRun run, RetentionPlace next, DateTimeOffset now) => connection.Execute(
        $"""
        UPDATE tenant_retention SET sessions = sessions + $sessions, connections = connections + $connections, events = events + $events,
            beats = beats + $beats, sign_ins = sign_ins + $signIns {(next.IsDone ? ", finished_ms = $now, lease_by = NULL, lease_ms = NULL" : string.Empty)}
        WHERE tenant = $tenant
        """,
        ("$tenant", run.Tenant), ("$sessions", next.Taken.Sessions), ("$connections", next.Taken.Connections), ("$events", next.Taken.Events),
        ("$beats", next.Taken.Beats), ("$signIns", next.Taken.SignIns), ("$now", now.ToUnixTimeMilliseconds()));

    private static RetentionState StateOf(StoreRows row, int at) => new()
    {
        KeepDays = row.Int(at),
        KeptFrom = row.InstantOrNull(at + 1),
        RunAt = row.InstantOrNull(at + 2),
        FinishedAt = row.InstantOrNull(at + 3),
        Removed = new RetentionCounts(row.GetInt64(at + 4), row.GetInt64(at + 5), row.GetInt64(at + 6), row.GetInt64(at + 7), row.GetInt64(at + 8)),
    };
}
