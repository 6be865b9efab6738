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

    public Task AddAsync(ExportTask task, ExportLimits limits, CancellationToken cancel) =>
        database.WriteAsync(connection => Add(connection, task, limits), cancel);

    internal static void Add(StoreConnection connection, ExportTask task, ExportLimits limits)
    {
        var unfinished = connection.Number(
            "SELECT COUNT(*) FROM export_tasks WHERE tenant = $tenant AND state IN (1, 2)", ("$tenant", task.Tenant.Value));
        if (unfinished >= limits.UnfinishedMax)
            throw FaultException.TooBusy($"{limits.UnfinishedMax} exports of this tenant are waiting already", RetryAfterSeconds);

        connection.Execute(
            """
            INSERT INTO export_tasks (tenant, id, kind, filter, file_name, format, state, requested_by, created_ms, attempts)
            VALUES ($tenant, $id, $kind, $filter, $file, $format, $state, $by, $created, 0)
            """,
            ("$tenant", task.Tenant.Value), ("$id", task.Id), ("$kind", task.Kind), ("$filter", task.Filter), ("$file", task.FileName),
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

    public Task<ExportTask?> TryLeaseAsync(ExportLimits limits, DateTimeOffset now, TimeSpan lease, CancellationToken cancel)
    {
        // Asked of a reader first: most turns find nothing, and the writer has better to do.
        if (database.Read(connection => connection.Number("SELECT 1 FROM export_tasks INDEXED BY export_tasks_work WHERE state IN (1, 2) LIMIT 1")) is null)
            return Task.FromResult<ExportTask?>(null);

        return database.WriteAsync(
            connection => connection.FirstRow(
                Read,
                $"""
                UPDATE export_tasks SET state = 2, attempts = attempts + 1, lease_ms = $until, begun_ms = $now
                WHERE (tenant, id) = (
                    SELECT t.tenant, t.id FROM export_tasks t
                    LEFT JOIN (
                        SELECT tenant, COUNT(CASE WHEN state = 2 AND lease_ms > $now THEN 1 END) AS running, MAX(begun_ms) AS turn_ms
                        FROM export_tasks GROUP BY tenant) held ON held.tenant = t.tenant
                    WHERE (t.state = 1 OR (t.state = 2 AND t.lease_ms <= $now)) AND held.running < $runningMax
                    ORDER BY held.running, COALESCE(held.turn_ms, 0), t.created_ms, t.id LIMIT 1)
                RETURNING {Columns}
                """,
                ("$now", now.ToUnixTimeMilliseconds()), ("$until", (now + lease).ToUnixTimeMilliseconds()), ("$runningMax", limits.RunningMax)),
            cancel);
    }

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

    public Task<ExportTask?> CancelAsync(TenantId tenant, string id, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        connection =>
        {
            connection.Execute(
                """
                UPDATE export_tasks SET state = 6, ended_ms = $now, lease_ms = NULL WHERE tenant = $tenant AND id = $id AND state IN (1, 2)
                """,
                ("$tenant", tenant.Value), ("$id", id), ("$now", now.ToUnixTimeMilliseconds()));
            return TryGet(connection, tenant, id);
        },
        cancel);

    public Task CountDownloadAsync(TenantId tenant, string id, CancellationToken cancel) => database.WriteAsync(
        connection => connection.Execute(
            "UPDATE export_tasks SET download_count = download_count + 1 WHERE tenant = $tenant AND id = $id", ("$tenant", tenant.Value), ("$id", id)),
        cancel);

    public Task<IReadOnlyList<ExportTask>> DeleteAsync(TenantId tenant, IReadOnlyCollection<string> ids, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<ExportTask>>(
            connection => [.. ids.Distinct(StringComparer.Ordinal).SelectMany(id => connection.Rows(
                Read, $"DELETE FROM export_tasks WHERE tenant = $tenant AND id = $id RETURNING {Columns}", ("$tenant", tenant.Value), ("$id", id)))],
            cancel);

    public Task<IReadOnlyList<ExportTask>> ExpireAsync(DateTimeOffset before, int take, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<ExportTask>>(
            connection => connection.Rows(
                Read,
                $"""
                UPDATE export_tasks SET state = 5
                WHERE (tenant, id) IN (SELECT tenant, id FROM export_tasks WHERE state = 3 AND ended_ms < $before LIMIT $take)
                RETURNING {Columns}
                """,
                ("$before", before.ToUnixTimeMilliseconds()), ("$take", take)),
            cancel);

    private static ExportTask? TryGet(StoreConnection connection, TenantId tenant, string id) => connection.FirstRow(
        Read, $"SELECT {Columns} FROM export_tasks WHERE tenant = $tenant AND id = $id", ("$tenant", tenant.Value), ("$id", id));

    /// <summary>Changes a task only while the worker that leased it still holds it: each lease counts one attempt.</summary>
    private Task<bool> ChangeHeldAsync(ExportTask task, string change, CancellationToken cancel, params (string, object?)[] parameters) =>
        database.WriteAsync(
            connection => connection.Execute(
                $"UPDATE export_tasks SET {change} WHERE tenant = $tenant AND id = $id AND state = 2 AND attempts = $attempts",
                [("$tenant", task.Tenant.Value), ("$id", task.Id), ("$attempts", task.Attempts), .. parameters]) > 0,
            cancel);

    internal static ExportTask Read(StoreRows row) => new()
    {
        Tenant = TenantId.Parse(row.GetString(0)),
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
