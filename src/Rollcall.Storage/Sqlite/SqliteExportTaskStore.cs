using Microsoft.Data.Sqlite;
using Rollcall.Core;
using Rollcall.Core.Exports;

namespace Rollcall.Storage.Sqlite;

/// <summary>Holds export tasks and leases them to workers, one worker at a time.</summary>
public sealed class SqliteExportTaskStore(SqliteDatabase database) : IExportTaskStore
{
    private const int RetryAfterSeconds = 10;

    private const string Columns =
        """
        tenant, id, kind, filter, file_name, state, requested_by, created_ms, ended_ms, failure, row_count, size_bytes, sha256, is_downloaded, attempts
        """;

    public Task AddAsync(ExportTask task, int unfinishedMax, CancellationToken cancel) => database.WriteAsync(
        connection =>
        {
            var unfinished = connection.Number(
                "SELECT COUNT(*) FROM export_tasks WHERE tenant = $tenant AND state IN (1, 2)", ("$tenant", task.Tenant.Value));
            if (unfinished >= unfinishedMax)
                throw FaultException.TooBusy($"{unfinishedMax} exports of this tenant are waiting already", RetryAfterSeconds);

            connection.Execute(
                """
                INSERT INTO export_tasks (tenant, id, kind, filter, file_name, state, requested_by, created_ms, is_downloaded, attempts)
                VALUES ($tenant, $id, $kind, $filter, $file, $state, $by, $created, 0, 0)
                """,
                ("$tenant", task.Tenant.Value), ("$id", task.Id), ("$kind", task.Kind), ("$filter", task.Filter), ("$file", task.FileName),
                ("$state", (int)ExportState.Queued), ("$by", task.RequestedBy), ("$created", task.CreatedAt.ToUnixTimeMilliseconds()));
        },
        cancel);

    public Task<Page<ExportTask>> FindAsync(ExportTaskQuery query, CancellationToken cancel)
    {
        var filter = new SqliteFilter(query.Tenant)
            .And("file_name = $file", "$file", query.FileName)
            .And("id = $id", "$id", query.TaskId)
            .AndAnyOf("state", [.. query.States.Select(state => (int)state)])
            .And(query.IsDownloaded is true, "is_downloaded = 1")
            .And(query.IsDownloaded is false, "is_downloaded = 0");
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

    public Task<ExportTask?> TryGetAsync(TenantId tenant, string id, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => connection.FirstRow(
            Read, $"SELECT {Columns} FROM export_tasks WHERE tenant = $tenant AND id = $id", ("$tenant", tenant.Value), ("$id", id))));

    public Task<ExportTask?> TryLeaseAsync(DateTimeOffset now, TimeSpan lease, CancellationToken cancel) => database.WriteAsync(
        connection => connection.FirstRow(
            Read,
            $"""
            UPDATE export_tasks SET state = 2, attempts = attempts + 1, lease_ms = $until
            WHERE (tenant, id) = (
                SELECT tenant, id FROM export_tasks WHERE state = 1 OR (state = 2 AND lease_ms <= $now) ORDER BY created_ms LIMIT 1)
            RETURNING {Columns}
            """,
            ("$now", now.ToUnixTimeMilliseconds()), ("$until", (now + lease).ToUnixTimeMilliseconds())),
        cancel);

    public Task<bool> RenewLeaseAsync(ExportTask task, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        ChangeHeldAsync(task, "lease_ms = $until", cancel, ("$until", (now + lease).ToUnixTimeMilliseconds()));

    public Task<bool> FinishAsync(ExportTask task, ExportOutcome outcome, DateTimeOffset now, CancellationToken cancel) => ChangeHeldAsync(
        task, "state = 3, ended_ms = $now, row_count = $rows, size_bytes = $size, sha256 = $sha, lease_ms = NULL", cancel,
        ("$now", now.ToUnixTimeMilliseconds()), ("$rows", outcome.RowCount), ("$size", outcome.SizeBytes), ("$sha", outcome.Sha256));

    public Task ReleaseAsync(ExportTask task, CancellationToken cancel) =>
        ChangeHeldAsync(task, "state = 1, attempts = attempts - 1, lease_ms = NULL", cancel);

    public Task FailAsync(ExportTask task, string reason, DateTimeOffset now, CancellationToken cancel) => ChangeHeldAsync(
        task, "state = 4, ended_ms = $now, failure = $failure, lease_ms = NULL", cancel,
        ("$now", now.ToUnixTimeMilliseconds()), ("$failure", reason));

    public Task MarkDownloadedAsync(TenantId tenant, string id, CancellationToken cancel) => database.WriteAsync(
        connection => connection.Execute(
            "UPDATE export_tasks SET is_downloaded = 1 WHERE tenant = $tenant AND id = $id", ("$tenant", tenant.Value), ("$id", id)),
        cancel);

    public Task<IReadOnlyList<string>> DeleteAsync(TenantId tenant, IReadOnlyCollection<string> ids, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<string>>(
            connection => [.. ids.Distinct(StringComparer.Ordinal).Where(id => connection.Execute(
                "DELETE FROM export_tasks WHERE tenant = $tenant AND id = $id", ("$tenant", tenant.Value), ("$id", id)) > 0)],
            cancel);

    public Task<IReadOnlyList<(TenantId Tenant, string Id)>> ExpireAsync(DateTimeOffset before, int take, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<(TenantId, string)>>(
            connection => connection.Rows(
                row => (TenantId.Parse(row.GetString(0)), row.GetString(1)),
                """
                UPDATE export_tasks SET state = 5
                WHERE (tenant, id) IN (SELECT tenant, id FROM export_tasks WHERE state = 3 AND ended_ms < $before LIMIT $take)
                RETURNING tenant, id
                """,
                ("$before", before.ToUnixTimeMilliseconds()), ("$take", take)),
            cancel);

    /// <summary>Changes a task only while the worker that leased it still holds it: each lease counts one attempt.</summary>
    private Task<bool> ChangeHeldAsync(ExportTask task, string change, CancellationToken cancel, params (string, object?)[] parameters) =>
        database.WriteAsync(
            connection => connection.Execute(
                $"UPDATE export_tasks SET {change} WHERE tenant = $tenant AND id = $id AND state = 2 AND attempts = $attempts",
                [("$tenant", task.Tenant.Value), ("$id", task.Id), ("$attempts", task.Attempts), .. parameters]) > 0,
            cancel);

    private static ExportTask Read(SqliteDataReader row) => new()
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
        IsDownloaded = row.GetBoolean(13),
        Attempts = row.GetInt32(14),
    };
}
