using System.Globalization;

namespace Rollcall.Core.Exports;

/// <summary>The stretch of time before a schedule is due that its file is about. The numbers are stored: never renumber.</summary>
public enum ExportPeriod
{
    /// <summary>The filter alone decides.</summary>
    None = 0,
    Yesterday = 1,

    /// <summary>Monday to Sunday (ISO 8601).</summary>
    LastWeek = 2,
    LastMonth = 3,
    Last24Hours = 4,
    Last7Days = 5,
    Last30Days = 6,
}

/// <summary>What a period is when something is due at an instant.</summary>
public static class ExportPeriods
{
    /// <summary>Whole days, weeks and months begin at midnight by the clocks of <paramref name="zone"/>.</summary>
    public static TimeRange Of(ExportPeriod period, DateTimeOffset due, TimeZoneInfo zone)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(due, zone).DateTime);
        var monday = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        var first = new DateOnly(today.Year, today.Month, 1);
        return period switch
        {
            ExportPeriod.None => TimeRange.Always,
            ExportPeriod.Yesterday => Days(today.AddDays(-1), today),
            ExportPeriod.LastWeek => Days(monday.AddDays(-7), monday),
            ExportPeriod.LastMonth => Days(first.AddMonths(-1), first),
            ExportPeriod.Last24Hours => new TimeRange(due.AddHours(-24), due),
            ExportPeriod.Last7Days => new TimeRange(due.AddDays(-7), due),
            ExportPeriod.Last30Days => new TimeRange(due.AddDays(-30), due),
            _ => throw new ArgumentOutOfRangeException(nameof(period), period, "not a period"),
        };

        TimeRange Days(DateOnly from, DateOnly to) => new(MidnightOf(from, zone), MidnightOf(to, zone));
    }

    /// <summary>The day's first instant: in some zones the clocks change at midnight.</summary>
    private static DateTimeOffset MidnightOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(1);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}

/// <summary>An export that is ordered again and again.</summary>
public sealed record ExportSchedule
{
    public required TenantId Tenant { get; init; }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>See <see cref="CronExpression"/>.</summary>
    public required string Cron { get; init; }

    /// <summary>IANA name: by its clocks the schedule is due and its period is cut.</summary>
    public required string TimeZone { get; init; }

    public required ExportPeriod Period { get; init; }

    /// <summary>Which content it writes, as in <see cref="ExportTask.Kind"/>.</summary>
    public required string Kind { get; init; }

    public required ExportFormat Format { get; init; }

    /// <summary>The dialect's own JSON, without the period; the core never reads it.</summary>
    public required string Filter { get; init; }

    /// <summary>Who gets a mail with a link when a file is ready or an export failed.</summary>
    public required IReadOnlyList<string> MailTo { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Whose rights it needs each time it is due: who made it, or who resumed it last.</summary>
    public required ScheduleHolder RunsFor { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is due next, or tried again.</summary>
    public required DateTimeOffset NextAt { get; init; }

    /// <summary>When it was due last; null before the first time.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>The task ordered then; null when none could be.</summary>
    public string? LastTaskId { get; init; }

    /// <summary>Why none could be ordered, in words for the caller.</summary>
    public string? LastFailure { get; init; }

    /// <summary>The due time that is tried again because the queue was full; null: none is.</summary>
    public DateTimeOffset? RetriedAt { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Tries { get; init; }

    /// <summary>Why it orders nothing until somebody resumes it, in words for the caller; null: it goes on.</summary>
    public string? Suspended { get; init; }

    /// <summary>The due time that is to be ordered: the one that is tried again, or the next.</summary>
    public DateTimeOffset DueAt => RetriedAt ?? NextAt;

    public TimeZoneInfo Zone() => TimeZoneInfo.FindSystemTimeZoneById(TimeZone);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"schedule {Name} ({RunsFor.Name})");
}

/// <summary>An operator or an API token in whose name a schedule orders.</summary>
/// <param name="OperatorId">Null when it is a token.</param>
/// <param name="ApiTokenId">Null when it is an operator.</param>
public sealed record ScheduleHolder(string Name, long? OperatorId, string? ApiTokenId);

/// <summary>What is done about a schedule that is due.</summary>
/// <param name="Task">To be ordered; null when nothing can be.</param>
/// <param name="NextAt">When it is due again.</param>
/// <param name="Failure">Why nothing can be ordered, in words for the caller; null otherwise.</param>
public sealed record ScheduledOrder(ExportTask? Task, DateTimeOffset NextAt, string? Failure)
{
    /// <summary>When the same due time is tried again if the queue is full; null: not any more.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The schedule waits, with <see cref="Failure"/> as the reason, until somebody resumes it.</summary>
    public bool Suspends { get; init; }
}

/// <summary>Holds schedules, and orders what they are due for exactly once.</summary>
public interface IExportScheduleStore
{
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/> when the tenant has <paramref name="schedulesMax"/> already.</exception>
    Task AddAsync(ExportSchedule schedule, int schedulesMax, CancellationToken cancel);

    /// <summary>All of the tenant's, in the order of their making; bounded by the number a tenant may have.</summary>
    Task<IReadOnlyList<ExportSchedule>> ListAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>Null when the tenant has no such schedule.</summary>
    Task<ExportSchedule?> TryGetAsync(TenantId tenant, string id, CancellationToken cancel);

    /// <summary>False when the tenant has no such schedule.</summary>
    Task<bool> DeleteAsync(TenantId tenant, string id, CancellationToken cancel);

    /// <summary>Goes on with a suspended schedule, from <paramref name="nextAt"/> and by another's rights. False when the tenant has no such schedule, or it is not suspended.</summary>
    Task<bool> ResumeAsync(TenantId tenant, string id, ScheduleHolder runsFor, DateTimeOffset nextAt, CancellationToken cancel);

    /// <summary>Schedules of any tenant that are due and not suspended, the longest due first.</summary>
    Task<IReadOnlyList<ExportSchedule>> FindDueAsync(DateTimeOffset now, int take, CancellationToken cancel);

    /// <summary>
    /// Orders and moves the schedule on, in one transaction: however many servers look and whenever one dies, each due time orders one task. A tenant
    /// with too many unfinished tasks gets none yet, and the schedule says so.
    /// </summary>
    /// <param name="due">As <see cref="FindDueAsync"/> gave it; nothing happens when it was run, changed or removed since.</param>
    /// <returns>False when nothing happened, or another server is just running it.</returns>
    Task<bool> RunAsync(ExportSchedule due, ScheduledOrder order, ExportLimits limits, CancellationToken cancel);
}

/// <summary>A task whose end somebody waits for by mail.</summary>
/// <param name="Attempts">Mails tried before this one.</param>
public sealed record ExportMail(ExportTask Task, IReadOnlyList<string> To, int Attempts);

/// <summary>Mails that are still to be sent about ended tasks: a durable outbox.</summary>
public interface IExportMailbox
{
    /// <summary>Takes one mail that is due, until <paramref name="retryAt"/>: who dies over it leaves it to the next.</summary>
    Task<ExportMail?> TryTakeAsync(DateTimeOffset now, Func<int, DateTimeOffset> retryAt, CancellationToken cancel);

    /// <summary>Told, or given up: only those who are left are told when it is taken again; empty: it is not.</summary>
    Task KeepAsync(ExportTask task, IReadOnlyList<string> left, CancellationToken cancel);
}
