using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>User sessions: <c>/v1/{project_id}/session/list-sessions</c>, listed and exported.</summary>
internal static class SessionRoutes
{
    public static void MapSessions(this RouteGroupBuilder session)
    {
        session.MapGet("list-sessions", ListAsync).WithName("ListSessions").WithSummary("Query user sessions");
        session.MapPost("list-sessions/export", ExportAsync).WithName("ExportSessions").WithSummary("Export user sessions as a task of the export centre");
    }

    private static async Task<JsonHttpResult<SessionListJson>> ListAsync(
        WorkspaceCaller caller, [AsParameters] SessionListParameters wire, ISessionLedger ledger, ServerOptions options, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        var page = await ledger.FindAsync(wire.ToQuery(tenant, options.Huawei.ListSessions), wire.ToWindow(), cancel);
        var now = clock.GetUtcNow();
        return TypedResults.Json(
            new SessionListJson(page.Total ?? 0, [.. page.Items.Select(found => SessionInfoJson.From(found, now))]),
            WorkspaceJson.Wire.SessionListJson);
    }

    private static async Task<JsonHttpResult<ExportStartedJson>> ExportAsync(
        WorkspaceCaller caller, HttpRequest request, SessionExport content, ExportDesk desk, ServerOptions options, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(content.Needed);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var filter = SessionExportFilter.Read(body.RootElement, options.Huawei.ExportSessions, clock.GetUtcNow());
        var task = await desk.OrderAsync(
            tenant, caller.Caller, content, JsonSerializer.Serialize(filter, SessionExportJson.Default.SessionExportFilter), cancel);
        return TypedResults.Json(new ExportStartedJson(task), WorkspaceJson.Wire.ExportStartedJson);
    }
}

// Every field binds as text: a number that will not parse must be refused in this dialect's words, not ASP.NET's.
internal sealed record SessionListParameters(
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "offset")] string? Offset,
    [FromQuery(Name = "user_name")] string? UserName,
    [FromQuery(Name = "query_begin_time")] string? QueryBeginTime,
    [FromQuery(Name = "query_end_time")] string? QueryEndTime,
    [FromQuery(Name = "app_server_group_id")] string? AppServerGroupId,
    [FromQuery(Name = "vm_ip")] string? VmIp,
    [FromQuery(Name = "public_ip")] string? PublicIp,
    [FromQuery(Name = "machine_name")] string? MachineName,
    [FromQuery(Name = "session_state")] string? SessionState,
    [FromQuery(Name = "is_success")] string? IsSuccess)
{
    private const int LimitDefault = 10, LimitMax = 100; // seed ListSessions
    private const int TimeLengthMax = 40; // design 3, point 3

    public PageWindow ToWindow() => new(
        Skip: WorkspaceText.WholeNumber("offset", Offset, fallback: 0, min: 0, max: int.MaxValue),
        Take: WorkspaceText.WholeNumber("limit", Limit, fallback: LimitDefault, min: 1, max: LimitMax));

    /// <summary>The start is bounded from below, the end from above; an open session matches when it had started by then (D0001).</summary>
    public SessionQuery ToQuery(TenantId tenant, ListSessionsOptions options)
    {
        var begin = WorkspaceTime.Parse("query_begin_time", WorkspaceText.Required("query_begin_time", QueryBeginTime, TimeLengthMax));
        var end = WorkspaceTime.Parse("query_end_time", WorkspaceText.Required("query_end_time", QueryEndTime, TimeLengthMax));
        if (begin.At > end.At)
            throw FaultException.Malformed("query_begin_time", "no later than query_end_time");

        var query = SessionFilter.Of(ValueOf).ToQuery(tenant);
        return options.EndTimeBasis is "start"
            ? query with { Started = new TimeRange(begin.At, end.AfterUnit) }
            : query with { Started = new TimeRange(begin.At, null), EndedOrOpenBefore = end.AfterUnit };
    }

    private string? ValueOf(string name) => name switch
    {
        "user_name" => UserName,
        "app_server_group_id" => AppServerGroupId,
        "vm_ip" => VmIp,
        "public_ip" => PublicIp,
        "machine_name" => MachineName,
        "session_state" => SessionState,
        "is_success" => IsSuccess,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "not a filter"),
    };
}
