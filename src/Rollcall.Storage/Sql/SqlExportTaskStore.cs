using Rollcall.Core;
using Rollcall.Core.Exports;

namespace Rollcall.Storage.Sql;

/// <summary>Holds export tasks and leases them to workers, one worker at a time.</summary>
public sealed class SqlExportTaskStore(StoreDatabase database) : IExportTaskStore
{
    private const int RetryAfterSeconds = 10;

    internal const string Columns =
        """
        tenant, id, kind, filter, file_name, state, requested_by, created_ms, ended_ms, failure, row_count, size_bytes, sha256, download_count,
        attempts, format, snapshot_ms, rows_expected, sheet_count, cells_cut, program_version
        """;

    internal const int ColumnCount = 21;

    /// <summary>Tenants tried in one turn: those that other servers are just taking for are passed over.</summary>
    private const int TenantsTriedMax = 32;

    /// <summary>Tenants with a task that may be taken, whose turn it is first. Reads unfinished tasks alone, however many ended ones there are.</summary>
    private const string TenantsInTurn =
        """
        SELECT t.tenant FROM export_tasks t INDEXED BY export_tasks_work
        LEFT JOIN (
            SELECT tenant, COUNT(*) AS running FROM export_tasks INDEXED BY export_tasks_work
            WHERE state = 2 AND lease_ms > $now GROUP BY tenant) held ON held.tenant = t.tenant
        LEFT JOIN export_turns turn ON turn.tenant = t.tenant
        WHERE t.state IN (1, 2) AND (t.state = 1 OR t.lease_ms <= $now) AND COALESCE(held.running, 0) < $runningMax
        GROUP BY t.tenant
        ORDER BY MAX(COALESCE(held.running, 0)), MAX(COALESCE(turn.begun_ms, 0)), MIN(t.created_ms), t.tenant LIMIT $take
        """;

    /// <summary>The tenant's row of turns is locked: the limit is looked at again by what others have committed.</summary>
    private const string TakeNext =
        $"""
        UPDATE export_tasks SET state = 2, attempts = attempts + 1, lease_ms = $until
        WHERE tenant = $tenant AND id = (
            SELECT id FROM export_tasks INDEXED BY export_tasks_work
            WHERE tenant = $tenant AND state IN (1, 2) AND (state = 1 OR lease_ms <= $now)
              AND (SELECT COUNT(*) FROM export_tasks INDEXED BY export_tasks_work WHERE tenant = $tenant AND state = 2 AND lease_ms > $now) < $runningMax
            ORDER BY created_ms, id LIMIT 1 {SqlLocks.SkipLocked})
        RETURNING {Columns}
        """;

    public Task AddAsync(ExportTask task, ExportLimits limits, CancellationToken cancel) =>
        database.WriteRowsAsync(connection => Add(connection, task, limits), cancel);

    /// <summary>Orders of one tenant come one after another by its row of turns, so that none is over the limit.</summary>
    internal static void Add(StoreConnection connection, ExportTask task, ExportLimits limits)
    {
        connection.Execute(
            "INSERT INTO export_turns (tenant, begun_ms) VALUES ($tenant, 0) ON CONFLICT (tenant) DO UPDATE SET begun_ms = export_turns.begun_ms",
            ("$tenant", task.Tenant));
        var unfinished = connection.Number(
            "SELECT COUNT(*) FROM export_tasks WHERE tenant = $tenant AND state IN (1, 2)", ("$tenant", task.Tenant));
        if (unfinished >= limits.UnfinishedMax)
            throw FaultException.TooBusy($"{limits.UnfinishedMax} exports of this tenant are waiting already", RetryAfterSeconds);

        connection.Execute(
            """
            INSERT INTO export_tasks (tenant, id, kind, filter, file_name, format, state, requested_by, created_ms, attempts)
            VALUES ($tenant, $id, $kind, $filter, $file, $format, $state, $by, $created, 0)
            """,
            ("$tenant", task.Tenant), ("$id", task.Id), ("$kind", task.Kind), ("$filter", task.Filter), ("$file", task.FileName),
            ("$format", (int)task.Format), ("$state", (int)ExportState.Queued), ("$by", task.RequestedBy),
            ("$created", task.CreatedAt.ToUnixTimeMilliseconds()));
    }

    public Task<Page<ExportTask>> FindAsync(ExportTaskQuery query, CancellationToken cancel)
    {
        var filter = new SqlFilter(query.Tenant)
            .And("file_name = $file", "$file", query.FileName)
            .And("id = $id", "$id", query.TaskId)
            .AndAnyOf("state", [.. query.States.Select(state => (int)state)])
            .And(query.IsDownloaded is true, "download_count > 0")
            .And(query.IsDownloaded is false, "download_count = 0");
        var direction = query.OldestFirst ? "ASC" : "DESC";
        return Task.FromResult(database.Read(connection =>
        {
            var total = connection.Number($"SELECT COUNT(*) FROM export_tasks {filter.Where}", filter.Parameters);
            var items = connection.Rows(
                Read,
                $"SELECT {Columns} FROM export_tasks {filter.Where} ORDER BY created_ms {direction}, id {direction} LIMIT $take OFFSET $skip",
                filter.With("$take", query.Window.Take).With("$skip", query.Window.Skip).Parameters);
            return new Page<ExportTask>(items, total);
        }));
    }

    public Task<Page<ExportTask>> FindAsync(
        TenantId tenant, IReadOnlyCollection<ExportState> states, string? cursor, int take, CancellationToken cancel)
    {
        var after = cursor is null ? null : TimeCursor.Parse(cursor);
        var filter = new SqlFilter(tenant).AndAnyOf("state", [.. states.Select(state => (int)state)]);
        return Task.FromResult(database.Read(connection =>
        {
            var total = connection.Number($"SELECT COUNT(*) FROM export_tasks {filter.Where}", filter.Parameters);
            filter.And("(created_ms, id) < ($afterMs, $afterId)", "$afterMs", after?.Ms).With("$afterId", after?.Id).With("$take", take + 1);
            var rows = connection.Rows(
                Read, $"SELECT {Columns} FROM export_tasks {filter.Where} ORDER BY created_ms DESC, id DESC LIMIT $take", filter.Parameters);
            return TimeCursor.Cut(rows, take, task => new TimeCursor(task.CreatedAt.ToUnixTimeMilliseconds(), task.Id), total);
        }));
    }

    public Task<ExportTask?> TryGetAsync(TenantId tenant, string id, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => TryGet(connection, tenant, id)));

    public async Task<ExportTask?> TryLeaseAsync(ExportLimits limits, DateTimeOffset now, TimeSpan lease, CancellationToken cancel)
    {
        // Asked of a reader first: most turns find nothing, and the writer has better to do.
        var tenants = database.Read(connection => connection.Rows(
            row => row.Tenant(0),
            TenantsInTurn,
            ("$now", now.ToUnixTimeMilliseconds()), ("$runningMax", limits.RunningMax), ("$take", TenantsTriedMax)));
        foreach (var tenant in tenants)
        {
            if (await database.WriteRowsAsync(connection => TryLease(connection, tenant, limits, now, lease), cancel).ConfigureAwait(false) is { } task)
                return task;
        }

        return null;
    }

    private static ExportTask? TryLease(StoreConnection connection, TenantId tenant, ExportLimits limits, DateTimeOffset now, TimeSpan lease)
    {
        var (of, nowMs) = (("$tenant", (object?)tenant), ("$now", (object?)now.ToUnixTimeMilliseconds()));
        connection.Execute("INSERT INTO export_turns (tenant, begun_ms) VALUES ($tenant, 0) ON CONFLICT (tenant) DO NOTHING", of);
        if (connection.Number($"SELECT begun_ms FROM export_turns WHERE tenant = $tenant {SqlLocks.SkipLocked}", of) is null)
            return null; // another server is just taking one of this tenant's, or it is being given one

        var task = connection.FirstRow(
            Read, TakeNext, of, nowMs, ("$runningMax", limits.RunningMax), ("$until", (now + lease).ToUnixTimeMilliseconds()));
        if (task is not null)
            connection.Execute("UPDATE export_turns SET begun_ms = $now WHERE tenant = $tenant", of, nowMs);
        return task;
    }

    // Where the ledger is one process's own, whoever held a task before this one began is dead; elsewhere only the lease tells.
    public Task RecoverAsync(CancellationToken cancel) => database.IsShared ? Task.CompletedTask : database.WriteAsync(
        connection => connection.Execute("UPDATE export_tasks INDEXED BY export_tasks_work SET state = 1, lease_ms = NULL WHERE state = 2"), cancel);

    public Task<bool> BeginAsync(ExportTask task, DateTimeOffset snapshotAt, long rowsExpected, CancellationToken cancel) => ChangeHeldAsync(
        task, "snapshot_ms = $snapshot, rows_expected = $expected, row_count = 0", cancel,
        ("$snapshot", snapshotAt.ToUnixTimeMilliseconds()), ("$expected", rowsExpected));

    public Task<bool> RenewLeaseAsync(ExportTask task, long rowCount, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        ChangeHeldAsync(task, "lease_ms = $until, row_count = $rows", cancel, ("$until", (now + lease).ToUnixTimeMilliseconds()), ("$rows", rowCount));

    public Task<bool> FinishAsync(ExportTask task, ExportOutcome outcome, DateTimeOffset now, CancellationToken cancel) => ChangeHeldAsync(
        task,
        """
        state = 3, ended_ms = $now, row_count = $rows, sheet_count = $sheets, cells_cut = $cut, size_bytes = $size, sha256 = $sha,
        program_version = $version, lease_ms = NULL
        """,
        cancel,
        ("$now", now.ToUnixTimeMilliseconds()), ("$rows", outcome.RowCount), ("$sheets", outcome.SheetCount), ("$cut", outcome.CellsCut),
        ("$size", outcome.SizeBytes), ("$sha", outcome.Sha256), ("$version", outcome.ProgramVersion));

    public Task ReleaseAsync(ExportTask task, CancellationToken cancel) => ChangeHeldAsync(
        task, "state = 1, attempts = attempts - 1, lease_ms = NULL, snapshot_ms = NULL, rows_expected = NULL, row_count = NULL", cancel);

    public Task FailAsync(ExportTask task, string reason, DateTimeOffset now, CancellationToken cancel) => ChangeHeldAsync(
        task, "state = 4, ended_ms = $now, failure = $failure, lease_ms = NULL", cancel,
        ("$now", now.ToUnixTimeMilliseconds()), ("$failure", reason));

    public Task<ExportTask?> CancelAsync(TenantId tenant, string id, DateTimeOffset now, CancellationToken cancel) => database.WriteRowsAsync(
        connection =>
        {
            connection.Execute(
                """
                UPDATE export_tasks SET state = 6, ended_ms = $now, lease_ms = NULL WHERE tenant = $tenant AND id = $id AND state IN (1, 2)
                """,
                ("$tenant", tenant), ("$id", id), ("$now", now.ToUnixTimeMilliseconds()));
            return TryGet(connection, tenant, id);
        },
        cancel);

    public Task CountDownloadAsync(TenantId tenant, string id, CancellationToken cancel) => database.WriteRowsAsync(
        connection => connection.Execute(
            "UPDATE export_tasks SET download_count = download_count + 1 WHERE tenant = $tenant AND id = $id", ("$tenant", tenant), ("$id", id)),
        cancel);

    public Task<IReadOnlyList<ExportTask>> DeleteAsync(TenantId tenant, IReadOnlyCollection<string> ids, CancellationToken cancel) =>
        database.WriteRowsAsync<IReadOnlyList<ExportTask>>(
            connection => [.. ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).SelectMany(id => connection.Rows(
                Read, $"DELETE FROM export_tasks WHERE tenant = $tenant AND id = $id RETURNING {Columns}", ("$tenant", tenant), ("$id", id)))],
            cancel);

    public async Task<IReadOnlyList<ExportTask>> ExpireAsync(DateTimeOffset before, int take, CancellationToken cancel)
    {
        var expired = new List<ExportTask>();
        foreach (var due in EndedBefore("state = 3", before, take))
        {
            expired.AddRange(await database.WriteRowsAsync(
                connection => connection.Rows(
                    Read, $"UPDATE export_tasks SET state = 5 WHERE tenant = $tenant AND id IN ({Free("state = 3")}) RETURNING {Columns}", Among(due)),
                cancel).ConfigureAwait(false));
        }

        return expired;
    }

    public async Task<int> PurgeAsync(DateTimeOffset before, int take, CancellationToken cancel)
    {
        var purged = 0;
        foreach (var old in EndedBefore("state IN (4, 5, 6)", before, take))
        {
            purged += await database.WriteRowsAsync(
                connection => connection.Execute($"DELETE FROM export_tasks WHERE tenant = $tenant AND id IN ({Free("state IN (4, 5, 6)")})", Among(old)),
                cancel).ConfigureAwait(false);
        }

        return purged;
    }

    /// <summary>Asked of a reader: what another server changes meanwhile is left out when it is done.</summary>
    private IEnumerable<IGrouping<TenantId, string>> EndedBefore(string states, DateTimeOffset before, int take) => database.Read(connection => connection.Rows(
        row => (Tenant: row.Tenant(0), Id: row.GetString(1)),
        $"SELECT tenant, id FROM export_tasks INDEXED BY export_tasks_ended WHERE {states} AND ended_ms < $before LIMIT $take",
        ("$before", before.ToUnixTimeMilliseconds()), ("$take", take))).GroupBy(task => task.Tenant, task => task.Id);

    private static string Free(string states) =>
        $"SELECT id FROM export_tasks WHERE tenant = $tenant AND id IN (SELECT value FROM json_each($ids)) AND {states} {SqlLocks.SkipLocked}";

    private static (string, object?)[] Among(IGrouping<TenantId, string> tasks) => [("$tenant", tasks.Key), ("$ids", tasks.ToList())];

    private static ExportTask? TryGet(StoreConnection connection, TenantId tenant, string id) => connection.FirstRow(
        Read, $"SELECT {Columns} FROM export_tasks WHERE tenant = $tenant AND id = $id", ("$tenant", tenant), ("$id", id));

    /// <summary>Changes a task only while the worker that leased it still holds it: each lease counts one attempt.</summary>
    private Task<bool> ChangeHeldAsync(ExportTask task, string change, CancellationToken cancel, params (string, object?)[] parameters) =>
        database.WriteRowsAsync(
            connection => connection.Execute(
                $"UPDATE export_tasks SET {change} WHERE tenant = $tenant AND id = $id AND state = 2 AND attempts = $attempts",
                [("$tenant", task.Tenant), ("$id", task.Id), ("$attempts", task.Attempts), .. parameters]) > 0,
            cancel);

    internal static ExportTask Read(StoreRows row) => new()
    {
        Tenant = row.Tenant(0),
        Id = row.GetString(1),
        Kind = row.GetString(2),
        Filter = row.GetString(3),
        FileName = row.GetString(4),
        State = (ExportState)row.GetInt32(5),
        RequestedBy = row.GetString(6),
        CreatedAt = row.Instant(7),
        EndedAt = row.InstantOrNull(8),
        Failure = row.Text(9),
        RowCount = row.Long(10),
        SizeBytes = row.Long(11),
        Sha256 = row.Text(12),
        DownloadCount = row.GetInt32(13),
        Attempts = row.GetInt32(14),
        Format = (ExportFormat)row.GetInt32(15),
        SnapshotAt = row.InstantOrNull(16),
        RowsExpected = row.Long(17),
        SheetCount = row.Int(18),
        CellsCut = row.Long(19),
        ProgramVersion = row.Text(20),
    };
}
