using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Exports;

namespace Rollcall.Storage.Sql;

/// <summary>Mails that are still to be sent about ended tasks, kept with the tasks.</summary>
public sealed class SqlExportMailbox(StoreDatabase database) : IExportMailbox
{
    private const string Due = "mail_to IS NOT NULL AND mail_ms <= $now AND state IN (3, 4)";

    /// <summary>Mails tried in one turn: those that other servers are just taking are passed over.</summary>
    private const int TriedMax = 32;

    public async Task<ExportMail?> TryTakeAsync(DateTimeOffset now, Func<int, DateTimeOffset> retryAt, CancellationToken cancel)
    {
        // Asked of a reader first: most turns find nothing, and the writer has better to do.
        var due = database.Read(connection => connection.Rows(
            row => (Tenant: row.Tenant(0), Id: row.GetString(1)),
            $"SELECT tenant, id FROM export_tasks INDEXED BY export_tasks_mail WHERE {Due} ORDER BY mail_ms LIMIT $take",
            ("$now", now.ToUnixTimeMilliseconds()), ("$take", TriedMax)));
        foreach (var (tenant, id) in due)
        {
            if (await database.WriteRowsAsync(connection => TryTake(connection, tenant, id, now, retryAt), cancel).ConfigureAwait(false) is { } mail)
                return mail;
        }

        return null;
    }

    public Task KeepAsync(ExportTask task, IReadOnlyList<string> left, CancellationToken cancel) => database.WriteRowsAsync(
        connection => connection.Execute(
            "UPDATE export_tasks SET mail_to = $left WHERE tenant = $tenant AND id = $id",
            ("$tenant", task.Tenant), ("$id", task.Id), ("$left", left.Count == 0 ? null : JsonSerializer.Serialize(left))),
        cancel);

    private static ExportMail? TryTake(StoreConnection connection, TenantId tenant, string id, DateTimeOffset now, Func<int, DateTimeOffset> retryAt)
    {
        var due = connection.FirstRow(
            row => new ExportMail(
                SqlExportTaskStore.Read(row),
                JsonSerializer.Deserialize<List<string>>(row.GetString(SqlExportTaskStore.ColumnCount))!,
                row.GetInt32(SqlExportTaskStore.ColumnCount + 1)),
            $"""
            SELECT {SqlExportTaskStore.Columns}, mail_to, mail_attempts FROM export_tasks
            WHERE tenant = $tenant AND id = $id AND {Due} {SqlLocks.SkipLocked}
            """,
            ("$tenant", tenant), ("$id", id), ("$now", now.ToUnixTimeMilliseconds()));
        if (due is null)
            return null;

        connection.Execute(
            "UPDATE export_tasks SET mail_attempts = mail_attempts + 1, mail_ms = $retry WHERE tenant = $tenant AND id = $id",
            ("$tenant", tenant), ("$id", id), ("$retry", retryAt(due.Attempts).ToUnixTimeMilliseconds()));
        return due;
    }
}
