using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Core.Tabular;
using Rollcall.Core.Users;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V3;

/// <summary>The file of ExportUsersNew: the members of contract 3.3 as columns, in its order.</summary>
internal sealed class UserExport(IUserDirectory directory) : IExportContent
{
    public string Kind => "workspace.users";

    /// <summary>The seed asks for no permission of its own: who may list users may write them out (design 3, point 7).</summary>
    public Permission Needed => Permission.ReadUsers;

    public async Task<OpenedExport> OpenAsync(ExportTask task, DateTimeOffset snapshotAt, CancellationToken cancel)
    {
        var filter = FilterOf(task);
        var language = WorkspaceLanguages.Parse(filter.Language);
        var rows = await directory.OpenAsync(filter.ToQuery(task.Tenant), PageWindow.Everything, cancel);
        return ExportSheets.Open(language.Pick("Users", "用户"), ColumnsIn(language, snapshotAt), rows);
    }

    public ExportOrder OrderOf(ExportTask task)
    {
        var language = WorkspaceLanguages.Parse(FilterOf(task).Language);
        return ExportSheets.OrderOf(task, ColumnsIn(language, task.CreatedAt), language.Tag());
    }

    private static UserExportFilter FilterOf(ExportTask task) => JsonSerializer.Deserialize(task.Filter, UserExportJson.Default.UserExportFilter)!;

    private static IReadOnlyList<ExportColumn<User>> ColumnsIn(WorkspaceLanguage language, DateTimeOffset now) =>
    [
        Text(language.Pick("ID", "ID"), 34, user => user.Id),
        Text(language.Pick("SID", "SID"), 44, user => user.Sid),
        Text(language.Pick("Username", "用户名"), 24, user => user.Name),
        Text(language.Pick("Email", "邮箱"), 30, user => user.Email),
        Number(language.Pick("Desktops", "桌面数"), user => user.Desktops),
        Text(language.Pick("Phone", "手机号"), 18, user => user.Phone),
        Text(language.Pick("Activation", "激活方式"), 30, user => user.Activation is Activation.Administrator
            ? language.Pick("Activated by administrator", "管理员激活")
            : language.Pick("Activated by user", "用户激活")),
        Flag(language, language.Pick("Pre-created user", "预创建用户"), user => user.Invited),
        new(language.Pick("Account expires (UTC; empty: never)", "帐号到期时间 (UTC; 空: 永不过期)"), TableKind.Instant, 34, user => TableCell.Of(user.ExpiresAt)),
        Flag(language, language.Pick("Password never expires", "密码永不过期"), user => user.PasswordNeverExpires),
        Flag(language, language.Pick("Account expired", "帐号已过期"), user => user.ExpiresAt <= now),
        Flag(language, language.Pick("May change password", "允许修改密码"), user => user.MayChangePassword),
        Flag(language, language.Pick("Change password at next login", "下次登录修改密码"), user => user.MustChangePassword),
        Text(language.Pick("Description", "描述"), 40, user => user.Description),
        Flag(language, language.Pick("Locked", "已锁定"), user => user.Locked),
        Flag(language, language.Pick("Disabled", "已禁用"), user => !user.Enabled),
        Flag(language, language.Pick("Collaboration subscribed", "已订购协同"), user => user.Sharing),
        Number(language.Pick("Collaborative desktops", "协同桌面数"), user => user.SharedDesktops),
        Text(language.Pick("Groups", "用户组"), 30, user => string.Join("; ", user.Groups)),
        Text(language.Pick("Enterprise project ID", "企业项目ID"), 34, user => user.Subproject),
        Text(language.Pick("Domain", "域"), 20, user => user.Domain),
    ];

    private static ExportColumn<User> Text(string header, int width, Func<User, string?> value) =>
        new(header, TableKind.Text, width, user => TableCell.Of(value(user)));

    private static ExportColumn<User> Number(string header, Func<User, int> value) =>
        new(header, TableKind.Number, 14, user => TableCell.Of((long)value(user)));

    private static ExportColumn<User> Flag(WorkspaceLanguage language, string header, Func<User, bool> value) =>
        new(header, TableKind.Text, 16, user => TableCell.Of(language.YesOrNo(value(user))));
}

/// <summary>What was asked for: stored with the task (design 3, point 7).</summary>
internal sealed record UserExportFilter
{
    private const int UserNameLengthMax = 20; // seed ExportUsersNew
    private const int DescriptionLengthMax = 255;
    private const int IdLengthMax = 64;

    [JsonPropertyName("user_name")] public string? UserName { get; init; }
    [JsonPropertyName("user_names")] public IReadOnlyList<string>? UserNames { get; init; }
    [JsonPropertyName("description")] public string? Description { get; init; }
    [JsonPropertyName("active_type")] public string? ActiveType { get; init; }
    [JsonPropertyName("language")] public string? Language { get; init; }
    [JsonPropertyName("enterprise_project_id")] public string? EnterpriseProjectId { get; init; }
    [JsonPropertyName("share_space_subscription")] public bool? ShareSpaceSubscription { get; init; }
    [JsonPropertyName("share_space_desktops")] public bool? ShareSpaceDesktops { get; init; }

    public static UserExportFilter Read(JsonElement body)
    {
        var filter = new UserExportFilter
        {
            UserName = CheckName(WorkspaceText.Member(body, "user_name")),
            UserNames = WorkspaceText.ListMember(body, "user_names", WorkspaceUsers.NamesMax, WorkspaceUsers.NameLengthMax),
            Description = WorkspaceText.Optional("description", WorkspaceText.Member(body, "description"), DescriptionLengthMax),
            ActiveType = WorkspaceText.Optional("active_type", WorkspaceText.Member(body, "active_type"), IdLengthMax),
            Language = WorkspaceText.Member(body, "language"),
            EnterpriseProjectId = WorkspaceText.Optional("enterprise_project_id", WorkspaceText.Member(body, "enterprise_project_id"), IdLengthMax),
            ShareSpaceSubscription = WorkspaceText.FlagMember(body, "share_space_subscription"),
            ShareSpaceDesktops = WorkspaceText.FlagMember(body, "share_space_desktops"),
        };
        _ = WorkspaceLanguages.Parse(filter.Language);
        _ = WorkspaceUsers.ActivationOf(filter.ActiveType);
        return filter;
    }

    public UserQuery ToQuery(TenantId tenant) => new(tenant)
    {
        NameContains = UserName,
        Names = UserNames ?? [],
        DescriptionContains = Description,
        Activation = WorkspaceUsers.ActivationOf(ActiveType),
        Subproject = WorkspaceUsers.SubprojectOf(EnterpriseProjectId),
        Sharing = ShareSpaceSubscription,
        HasSharedDesktops = ShareSpaceDesktops,
    };

    /// <summary>Letters of any script with their marks, digits, <c>-</c>, <c>_</c> and <c>.</c>; no leading digit or mark. A character is a code point.</summary>
    private static string? CheckName(string? name) => name is null || (name.EnumerateRunes().Count() <= UserNameLengthMax && IsOfName(name))
        ? name
        : throw FaultException.Malformed("user_name", "1 to 20 letters, digits, hyphens, underscores and dots that do not begin with a digit");

    private static bool IsOfName(string name) =>
        !Rune.IsDigit(Rune.GetRuneAt(name, 0)) && !IsMark(Rune.GetRuneAt(name, 0))
        && name.EnumerateRunes().All(rune => Rune.IsLetterOrDigit(rune) || IsMark(rune) || rune.Value is '-' or '_' or '.');

    /// <summary>A vowel sign or an accent: many scripts spell words with them.</summary>
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UserExportFilter))]
internal sealed partial class UserExportJson : JsonSerializerContext;
