using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>The sessions that one user has now: <c>GET /v1/{project_id}/session/user-session-info</c>.</summary>
internal static class UserSessionRoutes
{
    private const int UserNameLengthMax = 64; // contract 5.3

    /// <summary>The answer has no pages; these are the newest. Our choice, far above what one person has open (D0066).</summary>
    private const int SessionsMax = 1000;

    private static readonly SessionState[] Open = [SessionState.Initializing, SessionState.Active, SessionState.Disconnected];

    public static void MapUserSessions(this RouteGroupBuilder session) =>
        session.MapGet("user-session-info", ListAsync).WithName("ListSessionByUserName").WithSummary("Query the sessions a user has open now");

    private static async Task<JsonHttpResult<UserSessionListJson>> ListAsync(
        WorkspaceCaller caller, [FromQuery(Name = "user_name")] string? userName, ISessionLedger ledger, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        var query = new SessionQuery(tenant) { User = WorkspaceText.Required("user_name", userName, UserNameLengthMax), States = Open };
        var page = await ledger.FindAsync(query, cursor: null, SessionsMax, count: false, cancel);
        var now = clock.GetUtcNow();
        return TypedResults.Json(
            new UserSessionListJson([.. page.Items.Select(found => AppSessionJson.From(found, now))]), WorkspaceJson.Wire.UserSessionListJson);
    }
}

internal sealed record UserSessionListJson([property: JsonPropertyName("session_info_list")] IReadOnlyList<AppSessionJson> Sessions);
