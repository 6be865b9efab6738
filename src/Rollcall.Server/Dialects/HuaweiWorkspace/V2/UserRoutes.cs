using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Users;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>The directory: <c>GET /v2/{project_id}/users</c> and <c>GET /v2/{project_id}/users/{user_id}</c>.</summary>
internal static class UserRoutes
{
    private const int UserIdLengthMax = 255; // contract 3.3

    public static void MapUsers(this RouteGroupBuilder project)
    {
        project.MapGet("users", ListAsync).WithName("ListUsers").WithSummary("Query desktop users; without limit the answer has all of them")
            .WithMetadata(new ListParameters("user_names")).Produces<UserListJson>();
        project.MapGet("users/{user_id}", GetAsync).WithName("ListUserDetail").WithSummary("Query one desktop user");
    }

    private static async Task ListAsync(
        WorkspaceCaller caller, HttpContext context, [AsParameters] UserListParameters wire, IUserDirectory directory, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadUsers);
        var now = clock.GetUtcNow();
        await using var found = await directory.OpenAsync(wire.ToQuery(tenant), wire.ToWindow(), cancel);
        var users = found.Rows.Select(user => UserJson.From(user, now, wire.IsCountingDesktops));
        await WorkspaceRows.WriteAsync(context.Response, ("total_count", found.Total), "users", users, WorkspaceJson.Wire.UserJson);
    }

    private static async Task<JsonHttpResult<UserAnswerJson>> GetAsync(
        WorkspaceCaller caller, [FromRoute(Name = "user_id")] string userId, IUserDirectory directory, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadUsers);
        var user = await directory.TryGetByIdAsync(tenant, WorkspaceText.Required("user_id", userId, UserIdLengthMax), cancel)
            ?? throw FaultException.NotFound("There is no user with this ID"); // D0064
        return TypedResults.Json(new UserAnswerJson(UserDetailJson.From(user, clock.GetUtcNow())), WorkspaceJson.Wire.UserAnswerJson);
    }
}

/// <summary>The filters of the list, as text.</summary>
internal sealed record UserListParameters(
    [FromQuery(Name = "user_name")] string? UserName,
    [FromQuery(Name = "user_names")] string?[]? UserNames,
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "offset")] string? Offset,
    [FromQuery(Name = "description")] string? Description,
    [FromQuery(Name = "active_type")] string? ActiveType,
    [FromQuery(Name = "group_name")] string? GroupName,
    [FromQuery(Name = "share_space_subscription")] string? ShareSpaceSubscription,
    [FromQuery(Name = "share_space_desktops")] string? ShareSpaceDesktops,
    [FromQuery(Name = "is_query_total_desktops")] string? IsQueryTotalDesktops,
    [FromQuery(Name = "enterprise_project_id")] string? EnterpriseProjectId,
    [FromQuery(Name = "disabled")] string? Disabled,
    [FromQuery(Name = "domain")] string? Domain,
    [FromQuery(Name = "platform_type")] string? PlatformType)
{
    private const int TextLengthMax = 255, DescriptionLengthMax = 100, ActiveTypeLengthMax = 40, GroupNameLengthMax = 64; // contract 3.3

    public bool IsCountingDesktops => WorkspaceText.Flag("is_query_total_desktops", IsQueryTotalDesktops) ?? true;

    /// <summary>Without a limit all of them: the rows are streamed, so the server is bounded without one (D0061).</summary>
    public PageWindow ToWindow() => new(
        Skip: WorkspaceText.WholeNumber("offset", Offset, fallback: 0, min: 0, max: int.MaxValue),
        Take: WorkspaceText.WholeNumber("limit", Limit, fallback: int.MaxValue, min: 1, max: int.MaxValue));

    public UserQuery ToQuery(TenantId tenant) => CheckPlatform(new UserQuery(tenant)
    {
        // In part here, whole names there (D0060).
        NameContains = WorkspaceText.Optional("user_name", UserName, TextLengthMax),
        Names = WorkspaceText.List("user_names", UserNames, WorkspaceUsers.NamesMax, WorkspaceUsers.NameLengthMax),
        DescriptionContains = WorkspaceText.Optional("description", Description, DescriptionLengthMax),
        Activation = WorkspaceUsers.ActivationOf(WorkspaceText.Optional("active_type", ActiveType, ActiveTypeLengthMax)),
        Group = WorkspaceText.Optional("group_name", GroupName, GroupNameLengthMax),
        Sharing = WorkspaceText.Flag("share_space_subscription", ShareSpaceSubscription),
        HasSharedDesktops = WorkspaceText.Flag("share_space_desktops", ShareSpaceDesktops),
        Subproject = WorkspaceUsers.SubprojectOf(WorkspaceText.Optional("enterprise_project_id", EnterpriseProjectId, TextLengthMax)),
        Enabled = !WorkspaceText.Flag("disabled", Disabled),
        Domain = WorkspaceText.Optional("domain", Domain, TextLengthMax), // D0071
    });

    /// <summary>The directory does not know it; an answer that left the filter out would show others as if they matched (D0062).</summary>
    private UserQuery CheckPlatform(UserQuery query) => WorkspaceText.Optional("platform_type", PlatformType, TextLengthMax) switch
    {
        null => query,
        "AD" or "LOCAL" or "UOS" => throw FaultException.Malformed("platform_type", "absent: this server does not know where a user comes from"),
        _ => throw FaultException.Malformed("platform_type", "AD, LOCAL or UOS"),
    };
}

/// <summary>For the OpenAPI document: the rows of the answer are never held together.</summary>
internal sealed record UserListJson(
    [property: JsonPropertyName("total_count")] long TotalCount, [property: JsonPropertyName("users")] IReadOnlyList<UserJson> Users);
