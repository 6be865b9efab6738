using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V3;

/// <summary>Connection records as a file of the export centre: <c>GET /v3/{project_id}/desktops/connections/export</c>.</summary>
internal static class ConnectionRoutes
{
    public static void MapConnectionExport(this RouteGroupBuilder project) =>
        project.MapGet("desktops/connections/export", ExportAsync).WithName("ExportUserConnectionNew")
            .WithSummary("Export connection records as a task of the export centre");

    private static async Task<JsonHttpResult<ExportStartedJson>> ExportAsync(
        WorkspaceCaller caller, [AsParameters] ConnectionExportParameters wire, ConnectionExport content, ExportDesk desk, ServerOptions options,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(content.Needed);
        var filter = wire.ToFilter(options.Huawei.Connections, clock.GetUtcNow());
        var task = await desk.OrderAsync(
            tenant, caller.Caller, content, JsonSerializer.Serialize(filter, ConnectionExportJson.Default.ConnectionExportFilter), cancel);
        return TypedResults.Json(new ExportStartedJson(task), WorkspaceJson.Wire.ExportStartedJson);
    }
}
