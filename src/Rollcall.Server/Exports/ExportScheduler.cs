using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Exports;

/// <summary>Content that can be ordered for a stretch of time.</summary>
internal interface IPeriodicContent : IExportContent
{
    /// <summary>The stored filter, narrowed to the range.</summary>
    string Narrow(string filter, TimeRange range);
}

/// <summary>Orders the exports that schedules are due for. What was missed while no server ran is ordered once, for the period before it was due.</summary>
internal sealed class ExportScheduler(
    IExportScheduleStore schedules, ExportContents contents, ExportDesk desk, ScheduleRights rights, ExportSignal signal, ServerOptions options,
    TimeProvider clock, ILogger<ExportScheduler> log) : BackgroundService
{
    /// <summary>How often, and how soon again, a due time is tried that met a full queue: about an hour, and never past the next due time.</summary>
    private const int TriesMax = 60;

    /// <summary>Schedules looked at in one turn.</summary>
    private const int DueMax = 32;

    private static readonly TimeSpan RetryEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RunDueAsync(stoppingToken) > 0)
                    signal.Raise();
            }
            catch (Exception cause) when (cause is not OperationCanceledException)
            {
                // A busy or broken store: what is due stays due.
                ScheduleLog.TurnFailed(log, cause);
            }

            await Task.Delay(LookEvery, stoppingToken);
        }
    }

    /// <returns>How many this server ran; those that another one is running are its own.</returns>
    private async Task<int> RunDueAsync(CancellationToken cancel)
    {
        var ran = 0;
        foreach (var due in await schedules.FindDueAsync(clock.GetUtcNow(), DueMax, cancel))
            ran += await schedules.RunAsync(due, await PlanAsync(due, cancel), options.Exports.Limits(), cancel) ? 1 : 0;
        return ran;
    }

    private async Task<ScheduledOrder> PlanAsync(ExportSchedule schedule, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (contents.TryOf(schedule.Kind) is { } content && await rights.MissingAsync(schedule, content.Needed, cancel) is { } missing)
        {
            ScheduleLog.Suspended(log, schedule.Id, missing);
            return new ScheduledOrder(Task: null, schedule.NextAt, missing) { Suspends = true };
        }

        try
        {
            return Plan(schedule, now);
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            // A newer program made it, or this machine lost its time zones: the others must not wait for it.
            ScheduleLog.NotPlanned(log, schedule.Id, cause);
            return new ScheduledOrder(Task: null, now.AddDays(1), "This server does not know what the schedule writes, or its time zone");
        }
    }

    private ScheduledOrder Plan(ExportSchedule schedule, DateTimeOffset now)
    {
        var (zone, content) = (schedule.Zone(), contents.Of(schedule.Kind));
        var filter = schedule.Period is not ExportPeriod.None && content is IPeriodicContent periodic
            ? periodic.Narrow(schedule.Filter, ExportPeriods.Of(schedule.Period, schedule.DueAt, zone))
            : schedule.Filter;
        var (next, retry) = (NextOf(schedule, now, zone), now + RetryEvery);
        return new ScheduledOrder(desk.Draft(schedule.Tenant, schedule.ToString(), content, filter, schedule.Format), next, Failure: null)
        {
            RetryAt = schedule.Tries + 1 < TriesMax && retry < next ? retry : null,
        };
    }

    private static DateTimeOffset NextOf(ExportSchedule schedule, DateTimeOffset now, TimeZoneInfo zone) =>
        CronExpression.TryParse(schedule.Cron)?.Next(now > schedule.DueAt ? now : schedule.DueAt, zone) ?? DateTimeOffset.MaxValue;
}

/// <summary>Whether those in whose name schedules order are still there and may.</summary>
internal sealed class ScheduleRights(IIdentityStore identities, TimeProvider clock)
{
    /// <summary>Null when the schedule's holder may; else why not, in words for the caller.</summary>
    public async Task<string?> MissingAsync(ExportSchedule schedule, Permission needed, CancellationToken cancel)
    {
        var holder = schedule.RunsFor;
        if (holder.ApiTokenId is { } tokenId)
        {
            var token = await identities.TryGetApiTokenAsync(schedule.Tenant, tokenId, cancel);
            return token is null ? $"The API token {holder.Name} was removed"
                : token.ExpiresAt <= clock.GetUtcNow() ? $"The API token {holder.Name} has expired"
                : MissingOf(new Caller { Tenant = token.Tenant, Name = token.Name, Roles = token.Roles }, needed);
        }

        var known = holder.OperatorId is { } id ? await identities.TryGetOperatorAsync(id, cancel) : null;
        if (known is null or { IsRemoved: true })
            return $"The operator {holder.Name} was removed";

        return known.Tenant == schedule.Tenant || known.IsServerAdministrator
            ? MissingOf(new Caller { Tenant = known.Tenant, Name = known.Name, Operator = known, Roles = known.Roles }, needed)
            : $"{known.Name} may not use this tenant any more";
    }

    private static string? MissingOf(Caller caller, Permission needed) =>
        caller.May(needed) ? null : $"{caller.Name} may not write such rows out any more";
}

/// <summary>What the scheduler says. Event ids 3200-3299.</summary>
internal static partial class ScheduleLog
{
    [LoggerMessage(3202, LogLevel.Error, "Schedule {ScheduleId} cannot be planned; it is looked at again in a day")]
    public static partial void NotPlanned(ILogger log, string scheduleId, Exception cause);

    [LoggerMessage(3203, LogLevel.Warning, "Schedule {ScheduleId} is suspended until somebody resumes it: {Reason}")]
    public static partial void Suspended(ILogger log, string scheduleId, string reason);

    [LoggerMessage(3201, LogLevel.Warning, "The scheduler of exports could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);
}
