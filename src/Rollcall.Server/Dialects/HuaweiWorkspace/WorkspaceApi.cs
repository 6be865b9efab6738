using System.Text.Json.Serialization;
using Rollcall.Server.Dialects.HuaweiWorkspace.Iam;
using Rollcall.Server.Dialects.HuaweiWorkspace.V1;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>Huawei Cloud Workspace, whole, with the identity service its clients call first.</summary>
internal static class WorkspaceApi
{
    public const string Document = "huawei-workspace";

    public static void MapWorkspace(this WebApplication app)
    {
        var root = app.MapGroup(string.Empty).WithGroupName(Document);
        root.MapTokens();
        root.MapProjects();
        root.MapGroup("/v1/{project_id}/session").MapSessions();
    }
}

/// <summary>JSON of this dialect: absent values are left out (design 3, point 3).</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkspaceErrorJson))]
[JsonSerializable(typeof(AuthorizationMessageJson))]
[JsonSerializable(typeof(SessionListJson))]
[JsonSerializable(typeof(ExportStartedJson))]
internal sealed partial class WorkspaceJson : JsonSerializerContext;

/// <summary>The id of an export task.</summary>
internal sealed record ExportStartedJson([property: JsonPropertyName("task_id")] string TaskId);
