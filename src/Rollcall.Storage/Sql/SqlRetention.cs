using Rollcall.Core;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;

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

    /// <summary>Whether a server may work for a tenant: no other does, and no more is to be kept than when its run began.</summary>
    private const string MayWork = "(lease_by IS NULL OR lease_by = $worker OR lease_ms < $now) AND COALESCE(keep_days, $default) BETWEEN 1 AND $days";

    /// <summary>What a run that was broken off has taken is the new one's too: it is the same work.</summary>
    private static readonly string Begin =
        ", kept_from_ms = MAX(COALESCE(kept_from_ms, 0), $before), run_ms = CASE WHEN finished_ms < run_ms OR (finished_ms IS NULL AND run_ms > 0) THEN run_ms ELSE $now END"
        + string.Concat(((string[])["sessions", "connections", "events", "beats", "sign_ins"]).Select(count => $", {count} = CASE WHEN finished_ms >= run_ms THEN 0 ELSE {count} END"));

    public Task<RetentionState> ReadAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
    {
        var state = connection.FirstRow(row => StateOf(row, 0), $"SELECT {Columns} FROM tenant_retention WHERE tenant = $tenant", ("$tenant", tenant)) ?? RetentionState.Never;
        var arrivedMs = connection.Number("SELECT received_ms FROM event_batches WHERE tenant = $tenant ORDER BY no DESC LIMIT 1", ("$tenant", tenant));
        var seenMs = Math.Max(arrivedMs ?? long.MinValue, state.RunAt?.ToUnixTimeMilliseconds() ?? long.MinValue);
        return state with
        {
            Overdue = state.KeptFrom is { } keptFrom ? Overdue(connection, tenant, keptFrom.ToUnixTimeMilliseconds()) : 0,
            ClockSeenAt = seenMs == long.MinValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(seenMs),
        };
    }));

    /// <summary>Counted each by the index that has it.</summary>
    private static long Overdue(StoreConnection connection, TenantId tenant, long keptFromMs) => connection.Number(
        $"""
        SELECT (SELECT COUNT(*) FROM session_rows WHERE tenant = $tenant AND state = {(int)SessionState.Ended} AND ended_ms < $before)
            + (SELECT COUNT(*) FROM session_rows WHERE tenant = $tenant AND state = {(int)SessionState.Failed} AND started_ms < $before AND ended_ms < $before)
        """,
        ("$tenant", tenant), ("$before", keptFromMs)) ?? 0;

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

    public async Task<RetentionPlace?> StepAsync(RetentionRun run, RetentionPlace? at, CancellationToken cancel)
    {
        if (at is not null)
        {
            if (database.Read<(RetentionPlace Place, bool HasWork)?>(connection => Look(connection, run, at)) is not { } found)
                return null;
            if (!found.HasWork)
                return found.Place;

            at = found.Place;
        }

        return await database.WritePatientlyAsync(run.Tenant, connection => Step(connection, run, at), cancel).ConfigureAwait(false);
    }

    private (RetentionPlace Place, bool HasWork)? Look(StoreConnection connection, RetentionRun run, RetentionPlace at)
    {
        var now = Now();
        return connection.Number($"SELECT 1 FROM tenant_retention WHERE tenant = $tenant AND {MayWork}", Terms(run, now)) is null ? null : new RetentionStep(connection, run, seal, now).Look(at);
    }

    private DateTimeOffset Now() => Instants.ToMilliseconds(clock.GetUtcNow());

    private RetentionPlace? Step(StoreConnection connection, RetentionRun run, RetentionPlace? at)
    {
        var now = Now();
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
            {(isBeginning ? Begin : string.Empty)}
        WHERE tenant = $tenant AND {MayWork}
        """,
        [.. Terms(run, now), ("$until", (now + Lease).ToUnixTimeMilliseconds()), ("$before", run.Before.ToUnixTimeMilliseconds())]) == 1;

    private static (string, object?)[] Terms(RetentionRun run, DateTimeOffset now) =>
    [
        ("$tenant", run.Tenant), ("$worker", run.Worker), ("$now", now.ToUnixTimeMilliseconds()), ("$days", (long)run.Days), ("$default", (long)run.DefaultDays),
    ];

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
