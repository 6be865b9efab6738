using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>Exports that are ordered again and again: <c>…/export-schedules</c>.</summary>
internal static class ScheduleRoutes
{
    private const string NoSuchSchedule = "There is no schedule with this id";

    public static void MapSchedules(this RouteGroupBuilder tenant)
    {
        tenant.MapPost("export-schedules", AddAsync).Accepts<NewScheduleJson>("application/json").WithSummary("Order an export again and again")
            .WithDescription("cron has five fields and goes by the clocks of time_zone. period narrows each file to the time before it is due: yesterday, last_week, last_month, last_24_hours, last_7_days, last_30_days.");
        tenant.MapGet("export-schedules", ListAsync).WithSummary("All schedules of the tenant");
        tenant.MapGet("export-schedules/{id}", GetAsync).WithSummary("One schedule, when it is due and what it ordered last");
        tenant.MapPost("export-schedules/{id}/resume", ResumeAsync).WithSummary("Go on with a suspended schedule, by the caller's rights")
            .WithDescription("A schedule is suspended when whoever it orders for is gone or may no longer write such rows out. What was due meanwhile is not made up for.");
        tenant.MapDelete("export-schedules/{id}", DeleteAsync).WithSummary("Remove a schedule; what it ordered stays");
    }

    private static async Task<JsonHttpResult<ScheduleJson>> AddAsync(
        NativeCaller caller, HttpContext context, IEnumerable<INativeExport> contents, IExportScheduleStore schedules, ServerOptions options, TimeProvider clock,
        CancellationToken cancel)
    {
        NativeQuery.Allow(context.Request);
        using var body = await RequestBody.ReadObjectAsync(context.Request, cancel);
        var export = ScheduleBody.ExportOf(body.RootElement);
        var content = NativeOrder.ContentOf(export, contents);
        var tenant = caller.With(content.Needed);
        var format = NativeOrder.FormatOf(export);
        var order = NativeOrder.Read(export, format);
        content.Check(order, tenant);
        var period = PeriodOf(body.RootElement, content, order, tenant);
        var zone = NativeOrder.ZoneOf(OperatorBodies.Text(body.RootElement, "time_zone")) ?? TimeZoneInfo.Utc;
        var (now, cron) = (Instants.ToMilliseconds(clock.GetUtcNow()), ScheduleBody.CronOf(body.RootElement));
        var schedule = new ExportSchedule
        {
            Tenant = tenant,
            Id = Guid.NewGuid().ToString("N"),
            Name = OperatorBodies.Name(body.RootElement),
            Cron = cron.Text,
            TimeZone = zone.Id,
            Period = period,
            Kind = content.Kind,
            Format = format,
            Filter = JsonSerializer.Serialize(order, NativeOrderJson.Default.NativeOrder),
            MailTo = ScheduleBody.MailToOf(body.RootElement, options.Mail.Host.Length > 0),
            CreatedBy = caller.Caller.Name,
            RunsFor = HolderOf(caller.Caller),
            CreatedAt = now,
            NextAt = cron.Next(now, zone)!.Value,
        };
        await schedules.AddAsync(schedule, options.Exports.SchedulesMax, cancel);
        context.Response.Headers.Location = $"/api/v1/tenants/{tenant}/export-schedules/{schedule.Id}";
        return TypedResults.Json(ScheduleJson.From(schedule, order), NativeJson.Wire.ScheduleJson, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>A period must be one that these rows have, and the only word about time.</summary>
    private static ExportPeriod PeriodOf(JsonElement body, INativeExport content, NativeOrder order, TenantId tenant)
    {
        var period = SchedulePeriods.Parse(OperatorBodies.Text(body, "period"));
        if (period is ExportPeriod.None)
            return period;
        if (order.Filter.ContainsKey("from") || order.Filter.ContainsKey("to"))
            throw FaultException.Malformed("period", "absent, or the filter without from and to");

        content.Check(order.Narrow(new TimeRange(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)), tenant);
        return period;
    }

    private static async Task<JsonHttpResult<ScheduleListJson>> ListAsync(
        NativeCaller caller, HttpRequest request, IExportScheduleStore schedules, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadExports);
        NativeQuery.Allow(request);
        var all = await schedules.ListAsync(tenant, cancel);
        return TypedResults.Json(new ScheduleListJson([.. all.Select(JsonOf)]), NativeJson.Wire.ScheduleListJson);
    }

    private static async Task<JsonHttpResult<ScheduleJson>> GetAsync(
        NativeCaller caller, HttpRequest request, string id, IExportScheduleStore schedules, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadExports);
        NativeQuery.Allow(request);
        var schedule = await schedules.TryGetAsync(tenant, id, cancel) ?? throw FaultException.NotFound(NoSuchSchedule);
        return TypedResults.Json(JsonOf(schedule), NativeJson.Wire.ScheduleJson);
    }

    private static async Task<JsonHttpResult<ScheduleJson>> ResumeAsync(
        NativeCaller caller, HttpRequest request, string id, ExportContents contents, IExportScheduleStore schedules, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadExports);
        NativeQuery.Allow(request);
        var schedule = await schedules.TryGetAsync(tenant, id, cancel) ?? throw FaultException.NotFound(NoSuchSchedule);
        if (contents.TryOf(schedule.Kind) is not { } content)
            throw FaultException.Unavailable("This server does not know what the schedule writes: a newer one made it", retryAfterSeconds: 60);

        caller.Caller.Demand(content.Needed);
        var next = CronExpression.TryParse(schedule.Cron)?.Next(clock.GetUtcNow(), schedule.Zone()) ?? DateTimeOffset.MaxValue;
        if (!await schedules.ResumeAsync(tenant, id, HolderOf(caller.Caller), next, cancel))
            throw FaultException.Conflict("This schedule is not suspended");

        return TypedResults.Json(JsonOf(await schedules.TryGetAsync(tenant, id, cancel) ?? throw FaultException.NotFound(NoSuchSchedule)), NativeJson.Wire.ScheduleJson);
    }

    private static async Task<NoContent> DeleteAsync(
        NativeCaller caller, HttpRequest request, string id, IExportScheduleStore schedules, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.DeleteExports);
        NativeQuery.Allow(request);
        return await schedules.DeleteAsync(tenant, id, cancel) ? TypedResults.NoContent() : throw FaultException.NotFound(NoSuchSchedule);
    }

    private static ScheduleHolder HolderOf(Caller caller) => new(caller.Name, caller.Operator?.Id, caller.ApiTokenId);

    private static ScheduleJson JsonOf(ExportSchedule schedule) => ScheduleJson.From(schedule, NativeOrder.Parse(schedule.Filter));
}
