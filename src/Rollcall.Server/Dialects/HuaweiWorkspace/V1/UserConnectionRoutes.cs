using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core.Connections;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>Connections of users to desktops and applications: <c>/v1/{project_id}/session/user-connection</c>, listed and exported.</summary>
internal static class UserConnectionRoutes
{
    public static void MapUserConnections(this RouteGroupBuilder session)
    {
        session.MapPost("user-connection", ListAsync).WithName("ListUserConnection").WithSummary("Query user connections")
            .Accepts<UserConnectionBody>("application/json", RequestBody.AnyType);
        session.MapPost("user-connection/export", ExportAsync).WithName("ExportUserConnection")
            .WithSummary("Export user connections as a task of the export centre")
            .Accepts<UserConnectionBody>("application/json", RequestBody.AnyType);
    }

    private static async Task<JsonHttpResult<UserConnectionListJson>> ListAsync(
        WorkspaceCaller caller, HttpRequest request, [AsParameters] ConnectionPageParameters wire, IConnectionLog log, ServerOptions options,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadConnections);
        var window = wire.ToWindow();
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var order = UserConnectionBody.Read(body.RootElement, tenant, options.Huawei.Connections, clock.GetUtcNow());
        var page = await log.FindAsync(order.ToQuery(tenant), window, cancel);
        return TypedResults.Json(
            new UserConnectionListJson(page.Total ?? 0, [.. page.Items.Select(UserConnectionJson.From)]), WorkspaceJson.Wire.UserConnectionListJson);
    }

    private static async Task<JsonHttpResult<ExportStartedJson>> ExportAsync(
        WorkspaceCaller caller, HttpRequest request, UserConnectionExport content, ExportDesk desk, ServerOptions options, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(content.Needed);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var order = UserConnectionBody.Read(body.RootElement, tenant, options.Huawei.Connections, clock.GetUtcNow());
        var task = await desk.OrderAsync(
            tenant, caller.Caller, content, JsonSerializer.Serialize(order, ConnectionOrderJson.Default.ConnectionOrderUserConnectionBody), cancel);
        return TypedResults.Json(new ExportStartedJson(task), WorkspaceJson.Wire.ExportStartedJson);
    }
}
