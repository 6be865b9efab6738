using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core.Connections;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>Connections of users to applications: <c>/v1/{project_id}/session/app-connection</c>, listed and exported.</summary>
internal static class AppConnectionRoutes
{
    public static void MapAppConnections(this RouteGroupBuilder session)
    {
        session.MapPost("app-connection", ListAsync).WithName("ListAppConnection").WithSummary("Query application connections")
            .Accepts<AppConnectionBody>("application/json", RequestBody.AnyType);
        session.MapPost("app-connection/export", ExportAsync).WithName("ExportAppConnection")
            .WithSummary("Export application connections as a task of the export centre")
            .Accepts<AppConnectionBody>("application/json", RequestBody.AnyType);
    }

    private static async Task<JsonHttpResult<AppConnectionListJson>> ListAsync(
        WorkspaceCaller caller, HttpRequest request, [AsParameters] ConnectionPageParameters wire, IConnectionLog log, ServerOptions options,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadConnections);
        var window = wire.ToWindow();
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var order = AppConnectionBody.Read(body.RootElement, tenant, options.Huawei.Connections, clock.GetUtcNow());
        var page = await log.FindAsync(order.ToQuery(tenant), window, cancel);
        return TypedResults.Json(
            new AppConnectionListJson(page.Total ?? 0, [.. page.Items.Select(AppConnectionJson.From)]), WorkspaceJson.Wire.AppConnectionListJson);
    }

    private static async Task<JsonHttpResult<ExportStartedJson>> ExportAsync(
        WorkspaceCaller caller, HttpRequest request, AppConnectionExport content, ExportDesk desk, ServerOptions options, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(content.Needed);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var order = AppConnectionBody.Read(body.RootElement, tenant, options.Huawei.Connections, clock.GetUtcNow());
        var task = await desk.OrderAsync(
            tenant, caller.Caller, content, JsonSerializer.Serialize(order, ConnectionOrderJson.Default.ConnectionOrderAppConnectionBody), cancel);
        return TypedResults.Json(new ExportStartedJson(task), WorkspaceJson.Wire.ExportStartedJson);
    }
}
