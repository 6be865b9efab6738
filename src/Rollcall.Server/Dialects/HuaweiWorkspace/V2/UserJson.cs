using System.Globalization;
using System.Text.Json.Serialization;
using Rollcall.Core.Users;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>User of the list (contract 3.3). <c>user_info_map</c> and <c>certificate_status</c> are never known and so never there.</summary>
internal sealed record UserJson
{
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("sid")] public string? Sid { get; init; }
    [JsonPropertyName("user_name")] public required string UserName { get; init; }
    [JsonPropertyName("user_email")] public string? UserEmail { get; init; }
    [JsonPropertyName("total_desktops")] public int? TotalDesktops { get; init; }
    [JsonPropertyName("user_phone")] public string? UserPhone { get; init; }
    [JsonPropertyName("active_type")] public required string ActiveType { get; init; }
    [JsonPropertyName("is_pre_user")] public required bool IsPreUser { get; init; }
    [JsonPropertyName("account_expires")] public required string AccountExpires { get; init; }
    [JsonPropertyName("password_never_expired")] public required bool PasswordNeverExpired { get; init; }
    [JsonPropertyName("account_expired")] public required bool AccountExpired { get; init; }
    [JsonPropertyName("enable_change_password")] public required bool EnableChangePassword { get; init; }
    [JsonPropertyName("next_login_change_password")] public required bool NextLoginChangePassword { get; init; }
    [JsonPropertyName("description")] public string? Description { get; init; }
    [JsonPropertyName("locked")] public required bool Locked { get; init; }
    [JsonPropertyName("disabled")] public required bool Disabled { get; init; }
    [JsonPropertyName("share_space_subscription")] public required bool ShareSpaceSubscription { get; init; }
    [JsonPropertyName("share_space_desktops")] public required int ShareSpaceDesktops { get; init; }
    [JsonPropertyName("group_names")] public required IReadOnlyList<string> GroupNames { get; init; }
    [JsonPropertyName("enterprise_project_id")] public string? EnterpriseProjectId { get; init; }
    [JsonPropertyName("domain")] public string? Domain { get; init; }

    public static UserJson From(User user, DateTimeOffset now, bool isCountingDesktops) => new()
    {
        Id = user.Id,
        Sid = user.Sid,
        UserName = user.Name,
        UserEmail = user.Email,
        TotalDesktops = isCountingDesktops ? user.Desktops : null,
        UserPhone = user.Phone,
        ActiveType = WorkspaceUsers.WordOf(user.Activation),
        IsPreUser = user.Invited,
        AccountExpires = ExpiresMs(user).ToString(CultureInfo.InvariantCulture),
        PasswordNeverExpired = user.PasswordNeverExpires,
        AccountExpired = user.ExpiresAt <= now,
        EnableChangePassword = user.MayChangePassword,
        NextLoginChangePassword = user.MustChangePassword,
        Description = user.Description,
        Locked = user.Locked,
        Disabled = !user.Enabled,
        ShareSpaceSubscription = user.Sharing,
        ShareSpaceDesktops = user.SharedDesktops,
        GroupNames = user.Groups,
        EnterpriseProjectId = user.Subproject,
        Domain = user.Domain,
    };

    /// <summary>Milliseconds since 1970; 0 is never (D0063).</summary>
    public static long ExpiresMs(User user) => user.ExpiresAt?.ToUnixTimeMilliseconds() ?? 0;
}

/// <summary>UserDetail: the members of contract 3.4 that the directory knows.</summary>
internal sealed record UserDetailJson
{
    private const int AccountOfUser = 0; // contract 3.4: 1 is a group's

    [JsonPropertyName("description")] public string? Description { get; init; }
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("user_name")] public required string UserName { get; init; }
    [JsonPropertyName("user_email")] public string? UserEmail { get; init; }
    [JsonPropertyName("user_phone")] public string? UserPhone { get; init; }
    [JsonPropertyName("active_type")] public required string ActiveType { get; init; }
    [JsonPropertyName("object_sid")] public string? ObjectSid { get; init; }
    [JsonPropertyName("full_name")] public string? FullName { get; init; }
    [JsonPropertyName("account_type")] public required int AccountType { get; init; }
    [JsonPropertyName("account_expires")] public required long AccountExpires { get; init; }
    [JsonPropertyName("is_pre_user")] public required bool IsPreUser { get; init; }
    [JsonPropertyName("user_expired")] public required bool UserExpired { get; init; }
    [JsonPropertyName("locked")] public required bool Locked { get; init; }
    [JsonPropertyName("enable_change_password")] public required bool EnableChangePassword { get; init; }
    [JsonPropertyName("password_never_expired")] public required bool PasswordNeverExpired { get; init; }
    [JsonPropertyName("next_login_change_password")] public required bool NextLoginChangePassword { get; init; }
    [JsonPropertyName("disabled")] public required bool Disabled { get; init; }
    [JsonPropertyName("group_names")] public required IReadOnlyList<string> GroupNames { get; init; }
    [JsonPropertyName("share_space_subscription")] public required bool ShareSpaceSubscription { get; init; }
    [JsonPropertyName("share_space_desktops")] public required int ShareSpaceDesktops { get; init; }
    [JsonPropertyName("total_desktops")] public required int TotalDesktops { get; init; }

    public static UserDetailJson From(User user, DateTimeOffset now) => new()
    {
        Description = user.Description,
        Id = user.Id,
        UserName = user.Name,
        UserEmail = user.Email,
        UserPhone = user.Phone,
        ActiveType = WorkspaceUsers.WordOf(user.Activation),
        ObjectSid = user.Sid,
        FullName = user.FullName,
        AccountType = AccountOfUser,
        AccountExpires = UserJson.ExpiresMs(user),
        IsPreUser = user.Invited,
        UserExpired = user.ExpiresAt <= now,
        Locked = user.Locked,
        EnableChangePassword = user.MayChangePassword,
        PasswordNeverExpired = user.PasswordNeverExpires,
        NextLoginChangePassword = user.MustChangePassword,
        Disabled = !user.Enabled,
        GroupNames = user.Groups,
        ShareSpaceSubscription = user.Sharing,
        ShareSpaceDesktops = user.SharedDesktops,
        TotalDesktops = user.Desktops,
    };
}

internal sealed record UserAnswerJson([property: JsonPropertyName("user_detail")] UserDetailJson UserDetail);
