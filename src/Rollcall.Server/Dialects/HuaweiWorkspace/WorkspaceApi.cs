using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Rollcall.Server.Dialects.HuaweiWorkspace.Iam;
using Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;
using Rollcall.Server.Dialects.HuaweiWorkspace.Sts;
using Rollcall.Server.Dialects.HuaweiWorkspace.V1;
using Rollcall.Server.Dialects.HuaweiWorkspace.V2;
using Rollcall.Server.Dialects.HuaweiWorkspace.V3;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>Huawei Cloud Workspace, whole, with the identity service its clients call first.</summary>
internal static class WorkspaceApi
{
    public const string Document = "huawei-workspace";

    public static void AddWorkspace(this IServiceCollection services)
    {
        services.AddSingleton<KeyLocks>();
        services.AddSingleton<SignatureDesk>();
        services.AddSingleton<AuthorizationMessages>();
        services.AddSingleton<IamDialect>();
        services.AddSingleton<StsDialect>();
        services.AddSingleton<IamProjects>();
        services.AddSingleton<TokenIssuer>();
        services.AddSingleton<WorkspaceDialect>();
        services.AddSingleton<SessionExport>();
        services.AddSingleton<UserExport>();
        services.AddSingleton<ConnectionExport>();
        services.AddSingleton<UserConnectionExport>();
        services.AddSingleton<AppConnectionExport>();
        services.AddSingleton<IExportContent>(provider => provider.GetRequiredService<SessionExport>());
        services.AddSingleton<IExportContent>(provider => provider.GetRequiredService<UserExport>());
        services.AddSingleton<IExportContent>(provider => provider.GetRequiredService<ConnectionExport>());
        services.AddSingleton<IExportContent>(provider => provider.GetRequiredService<UserConnectionExport>());
        services.AddSingleton<IExportContent>(provider => provider.GetRequiredService<AppConnectionExport>());
    }

    public static void MapWorkspace(this WebApplication app)
    {
        var root = app.MapGroup(string.Empty).WithGroupName(Document)
            .WithMetadata(new ApiParameter("X-Auth-Token", ParameterLocation.Header, "A token from POST /v3/auth/tokens; a request signed with an access key (Authorization: SDK-HMAC-SHA256 …) needs none"));
        app.MapGroup(string.Empty).WithGroupName(Document).Chapter("Identity").MapIamVersion();
        root.Chapter("Identity").MapTokens();
        root.Chapter("Identity").MapProjects();
        root.Chapter("Identity").MapDomains();
        root.Chapter("Identity").MapIamUsers();
        root.Chapter("Refusals").MapSts();
        var session = root.MapGroup("/v1/{project_id}/session");
        session.Chapter("Sessions").MapSessions();
        session.Chapter("Sessions").MapUserSessions();
        session.Chapter("Connections").MapUserConnections();
        session.Chapter("Connections").MapAppConnections();
        var second = root.MapGroup("/v2/{project_id}");
        second.Chapter("Connections").MapConnections();
        second.Chapter("Statistics").MapOnlineUsers();
        second.Chapter("Statistics").MapUserUsage();
        second.Chapter("Users").MapUsers();
        second.Chapter("Export centre").MapExportTasks();
        var third = root.MapGroup("/v3/{project_id}");
        third.Chapter("Connections").MapConnectionExport();
        third.Chapter("Users").MapUserExport();
    }
}

/// <summary>JSON of this dialect: absent values are left out (design 3, point 3).</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkspaceErrorJson))]
[JsonSerializable(typeof(AuthorizationMessageJson))]
[JsonSerializable(typeof(SessionListJson))]
[JsonSerializable(typeof(ExportStartedJson))]
[JsonSerializable(typeof(UserConnectionListJson))]
[JsonSerializable(typeof(AppConnectionListJson))]
[JsonSerializable(typeof(ConnectionRecordListJson))]
[JsonSerializable(typeof(ExportTaskListJson))]
[JsonSerializable(typeof(UserSessionListJson))]
[JsonSerializable(typeof(UserJson))]
[JsonSerializable(typeof(UserAnswerJson))]
[JsonSerializable(typeof(OnlineUsersJson))]
[JsonSerializable(typeof(UserUsageListJson))]
internal sealed partial class WorkspaceJson : JsonSerializerContext
{
    /// <summary>As it goes out: names in every script as themselves.</summary>
    public static WorkspaceJson Wire => field ??= new(JsonText.Readable(Default.Options));
}

/// <summary>The id of an export task.</summary>
internal sealed record ExportStartedJson([property: JsonPropertyName("task_id")] string TaskId);
