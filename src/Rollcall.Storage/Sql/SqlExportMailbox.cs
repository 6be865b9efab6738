using System.Text.Json;
using Rollcall.Core.Exports;

namespace Rollcall.Storage.Sql;

/// <summary>Mails that are still to be sent about ended tasks, kept with the tasks.</summary>
public sealed class SqlExportMailbox(StoreDatabase database) : IExportMailbox
{
    private const string Due = "mail_to IS NOT NULL AND mail_ms <= $now AND state IN (3, 4)";

    public Task<ExportMail?> TryTakeAsync(DateTimeOffset now, Func<int, DateTimeOffset> retryAt, CancellationToken cancel)
    {
        var nowMs = ("$now", (object?)now.ToUnixTimeMilliseconds());
        if (database.Read(connection => connection.Number($"SELECT 1 FROM export_tasks INDEXED BY export_tasks_mail WHERE {Due} LIMIT 1", nowMs)) is null)
            return Task.FromResult<ExportMail?>(null);

        return database.WriteAsync(
            connection =>
            {
                var due = connection.FirstRow(
                    row => new ExportMail(
                        SqlExportTaskStore.Read(row),
                        JsonSerializer.Deserialize<List<string>>(row.GetString(SqlExportTaskStore.ColumnCount))!,
                        row.GetInt32(SqlExportTaskStore.ColumnCount + 1)),
                    $"""
                    SELECT {SqlExportTaskStore.Columns}, mail_to, mail_attempts FROM export_tasks INDEXED BY export_tasks_mail
                    WHERE {Due} ORDER BY mail_ms LIMIT 1
                    """,
                    nowMs);
                if (due is null)
                    return null;

                connection.Execute(
                    "UPDATE export_tasks SET mail_attempts = mail_attempts + 1, mail_ms = $retry WHERE tenant = $tenant AND id = $id",
                    ("$tenant", due.Task.Tenant), ("$id", due.Task.Id), ("$retry", retryAt(due.Attempts).ToUnixTimeMilliseconds()));
                return due;
            },
            cancel);
    }

    public Task KeepAsync(ExportTask task, IReadOnlyList<string> left, CancellationToken cancel) => database.WriteAsync(
        task.Tenant,
        connection => connection.Execute(
            "UPDATE export_tasks SET mail_to = $left WHERE tenant = $tenant AND id = $id",
            ("$tenant", task.Tenant), ("$id", task.Id), ("$left", left.Count == 0 ? null : JsonSerializer.Serialize(left))),
        cancel);
}
