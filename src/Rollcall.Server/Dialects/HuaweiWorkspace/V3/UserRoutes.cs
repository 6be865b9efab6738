using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V3;

/// <summary>The directory as a file: <c>POST /v3/{project_id}/users/export</c>.</summary>
internal static class UserRoutes
{
    public static void MapUserExport(this RouteGroupBuilder project) =>
        project.MapPost("users/export", ExportAsync).WithName("ExportUsersNew").WithSummary("Export users as a task of the export centre")
            .Accepts<UserExportFilter>("application/json", RequestBody.AnyType);

    private static async Task<JsonHttpResult<ExportStartedJson>> ExportAsync(
        WorkspaceCaller caller, HttpRequest request, UserExport content, ExportDesk desk, CancellationToken cancel)
    {
        var tenant = caller.With(content.Needed);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var filter = UserExportFilter.Read(body.RootElement);
        var task = await desk.OrderAsync(
            tenant, caller.Caller, content, JsonSerializer.Serialize(filter, UserExportJson.Default.UserExportFilter), cancel);
        return TypedResults.Json(new ExportStartedJson(task), WorkspaceJson.Wire.ExportStartedJson);
    }
}
