using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Exports;

namespace Rollcall.Storage.Sql;

/// <summary>Holds schedules of exports.</summary>
public sealed class SqlExportScheduleStore(StoreDatabase database) : IExportScheduleStore
{
    private const string Columns =
        """
        tenant, id, name, cron, time_zone, period, kind, format, filter, mail_to, created_by, created_ms, next_ms, last_ms, last_task_id, last_failure,
        runs_for, runs_for_operator, runs_for_token, retried_ms, tries, suspended
        """;

    public Task AddAsync(ExportSchedule schedule, int schedulesMax, CancellationToken cancel) => database.WriteAsync(
        schedule.Tenant,
        connection =>
        {
            var known = connection.Number("SELECT COUNT(*) FROM export_schedules WHERE tenant = $tenant", ("$tenant", schedule.Tenant));
            if (known >= schedulesMax)
                throw FaultException.Conflict($"This tenant has {schedulesMax} schedules already: remove one first");

            connection.Execute(
                """
                INSERT INTO export_schedules (tenant, id, name, cron, time_zone, period, kind, format, filter, mail_to, created_by, created_ms, next_ms,
                    runs_for, runs_for_operator, runs_for_token)
                VALUES ($tenant, $id, $name, $cron, $zone, $period, $kind, $format, $filter, $mail, $by, $created, $next, $holder, $operator, $token)
                """,
                ("$tenant", schedule.Tenant), ("$id", schedule.Id), ("$name", schedule.Name), ("$cron", schedule.Cron), ("$zone", schedule.TimeZone),
                ("$period", (int)schedule.Period), ("$kind", schedule.Kind), ("$format", (int)schedule.Format), ("$filter", schedule.Filter),
                ("$mail", JsonSerializer.Serialize(schedule.MailTo)), ("$by", schedule.CreatedBy), ("$created", schedule.CreatedAt.ToUnixTimeMilliseconds()),
                ("$next", schedule.NextAt.ToUnixTimeMilliseconds()), ("$holder", schedule.RunsFor.Name), ("$operator", schedule.RunsFor.OperatorId),
                ("$token", schedule.RunsFor.ApiTokenId));
        },
        cancel);

    public Task<IReadOnlyList<ExportSchedule>> ListAsync(TenantId tenant, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<ExportSchedule>>(database.Read(connection => connection.Rows(
            Read, $"SELECT {Columns} FROM export_schedules WHERE tenant = $tenant ORDER BY created_ms, id", ("$tenant", tenant))));

    public Task<ExportSchedule?> TryGetAsync(TenantId tenant, string id, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => connection.FirstRow(
            Read, $"SELECT {Columns} FROM export_schedules WHERE tenant = $tenant AND id = $id", ("$tenant", tenant), ("$id", id))));

    public Task<bool> DeleteAsync(TenantId tenant, string id, CancellationToken cancel) => database.WriteRowsAsync(
        connection => connection.Execute(
            "DELETE FROM export_schedules WHERE tenant = $tenant AND id = $id", ("$tenant", tenant), ("$id", id)) > 0,
        cancel);

    public Task<bool> ResumeAsync(TenantId tenant, string id, ScheduleHolder runsFor, DateTimeOffset nextAt, CancellationToken cancel) => database.WriteRowsAsync(
        connection => connection.Execute(
            """
            UPDATE export_schedules
            SET suspended = NULL, next_ms = $next, retried_ms = NULL, tries = 0, runs_for = $holder, runs_for_operator = $operator, runs_for_token = $token
            WHERE tenant = $tenant AND id = $id AND suspended IS NOT NULL
            """,
            ("$tenant", tenant), ("$id", id), ("$next", nextAt.ToUnixTimeMilliseconds()), ("$holder", runsFor.Name), ("$operator", runsFor.OperatorId),
            ("$token", runsFor.ApiTokenId)) > 0,
        cancel);

    public Task<IReadOnlyList<ExportSchedule>> FindDueAsync(DateTimeOffset now, int take, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<ExportSchedule>>(database.Read(connection => connection.Rows(
            Read,
            $"SELECT {Columns} FROM export_schedules INDEXED BY export_schedules_due WHERE suspended IS NULL AND next_ms <= $now ORDER BY next_ms LIMIT $take",
            ("$now", now.ToUnixTimeMilliseconds()), ("$take", take))));

    public Task<bool> RunAsync(ExportSchedule due, ScheduledOrder order, ExportLimits limits, CancellationToken cancel) => database.WriteRowsAsync(
        connection =>
        {
            var isStillDue = connection.Number(
                $"""
                SELECT 1 FROM export_schedules
                WHERE tenant = $tenant AND id = $id AND suspended IS NULL AND next_ms = $next AND tries = $tries {SqlLocks.SkipLocked}
                """,
                ("$tenant", due.Tenant), ("$id", due.Id), ("$next", due.NextAt.ToUnixTimeMilliseconds()), ("$tries", due.Tries)) is not null;
            if (!isStillDue)
                return false;

            if (order.Suspends)
                Suspend(connection, due, order.Failure!);
            else if (order.Task is { } task && Order(connection, due, task, limits) is { } full)
                Postpone(connection, due, order, full);
            else
                Advance(connection, due, order, order.Failure);
            return true;
        },
        cancel);

    /// <summary>Why the task could not be ordered; null when it was.</summary>
    private static string? Order(StoreConnection connection, ExportSchedule schedule, ExportTask task, ExportLimits limits)
    {
        try
        {
            SqlExportTaskStore.Add(connection, task, limits);
        }
        catch (FaultException busy)
        {
            return busy.Message;
        }

        if (schedule.MailTo.Count > 0)
        {
            connection.Execute(
                "UPDATE export_tasks SET mail_to = $mail, mail_ms = 0 WHERE tenant = $tenant AND id = $id",
                ("$tenant", task.Tenant), ("$id", task.Id), ("$mail", JsonSerializer.Serialize(schedule.MailTo)));
        }

        return null;
    }

    private static void Suspend(StoreConnection connection, ExportSchedule schedule, string reason) => connection.Execute(
        "UPDATE export_schedules SET suspended = $reason, retried_ms = NULL, tries = 0 WHERE tenant = $tenant AND id = $id",
        ("$tenant", schedule.Tenant), ("$id", schedule.Id), ("$reason", reason));

    /// <summary>Tries the same due time again, or leaves it out when it was tried enough.</summary>
    private static void Postpone(StoreConnection connection, ExportSchedule schedule, ScheduledOrder order, string full)
    {
        if (order.RetryAt is not { } retryAt)
        {
            Advance(connection, schedule, order with { Task = null }, $"{full}; tried {schedule.Tries + 1} times and left out");
            return;
        }

        connection.Execute(
            """
            UPDATE export_schedules SET next_ms = $next, retried_ms = $due, tries = tries + 1, last_failure = $failure WHERE tenant = $tenant AND id = $id
            """,
            ("$tenant", schedule.Tenant), ("$id", schedule.Id), ("$next", retryAt.ToUnixTimeMilliseconds()),
            ("$due", schedule.DueAt.ToUnixTimeMilliseconds()), ("$failure", full));
    }

    private static void Advance(StoreConnection connection, ExportSchedule schedule, ScheduledOrder order, string? failure) => connection.Execute(
        """
        UPDATE export_schedules SET next_ms = $next, last_ms = $last, last_task_id = $task, last_failure = $failure, retried_ms = NULL, tries = 0
        WHERE tenant = $tenant AND id = $id
        """,
        ("$tenant", schedule.Tenant), ("$id", schedule.Id), ("$next", order.NextAt.ToUnixTimeMilliseconds()),
        ("$last", schedule.DueAt.ToUnixTimeMilliseconds()), ("$task", order.Task?.Id), ("$failure", failure));

    private static ExportSchedule Read(StoreRows row) => new()
    {
        Tenant = row.Tenant(0),
        Id = row.GetString(1),
        Name = row.GetString(2),
        Cron = row.GetString(3),
        TimeZone = row.GetString(4),
        Period = (ExportPeriod)row.GetInt32(5),
        Kind = row.GetString(6),
        Format = (ExportFormat)row.GetInt32(7),
        Filter = row.GetString(8),
        MailTo = JsonSerializer.Deserialize<List<string>>(row.GetString(9))!,
        CreatedBy = row.GetString(10),
        CreatedAt = row.Instant(11),
        NextAt = row.Instant(12),
        LastAt = row.InstantOrNull(13),
        LastTaskId = row.Text(14),
        LastFailure = row.Text(15),
        RunsFor = new ScheduleHolder(row.GetString(16), row.Long(17), row.Text(18)),
        RetriedAt = row.InstantOrNull(19),
        Tries = row.GetInt32(20),
        Suspended = row.Text(21),
    };
}
