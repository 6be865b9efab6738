using Rollcall.Core;
using Rollcall.Core.Exports;
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
    IExportScheduleStore schedules, ExportContents contents, ExportDesk desk, ExportSignal signal, ServerOptions options, TimeProvider clock,
    ILogger<ExportScheduler> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await schedules.RunOneAsync(clock.GetUtcNow(), options.Exports.Limits(), Plan, stoppingToken))
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

    private ScheduledOrder Plan(ExportSchedule schedule)
    {
        var now = clock.GetUtcNow();
        try
        {
            var (zone, content) = (schedule.Zone(), contents.Of(schedule.Kind));
            var filter = schedule.Period is not ExportPeriod.None && content is IPeriodicContent periodic
                ? periodic.Narrow(schedule.Filter, ExportPeriods.Of(schedule.Period, schedule.NextAt, zone))
                : schedule.Filter;
            return new ScheduledOrder(desk.Draft(schedule.Tenant, schedule.ToString(), content, filter, schedule.Format), NextOf(schedule, now, zone), Failure: null);
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            // A newer program made it, or this machine lost its time zones: the others must not wait for it.
            ScheduleLog.NotPlanned(log, schedule.Id, cause);
            return new ScheduledOrder(Task: null, now.AddDays(1), "This server does not know what the schedule writes, or its time zone");
        }
    }

    private static DateTimeOffset NextOf(ExportSchedule schedule, DateTimeOffset now, TimeZoneInfo zone) =>
        CronExpression.TryParse(schedule.Cron)?.Next(now > schedule.NextAt ? now : schedule.NextAt, zone) ?? DateTimeOffset.MaxValue;
}

/// <summary>What the scheduler says. Event ids 3200-3299.</summary>
internal static partial class ScheduleLog
{
    [LoggerMessage(3202, LogLevel.Error, "Schedule {ScheduleId} cannot be planned; it is looked at again in a day")]
    public static partial void NotPlanned(ILogger log, string scheduleId, Exception cause);

    [LoggerMessage(3201, LogLevel.Warning, "The scheduler of exports could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);
}
