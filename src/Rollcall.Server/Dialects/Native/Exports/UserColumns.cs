using Rollcall.Core.Users;
using static Rollcall.Server.Dialects.Native.Exports.Column;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>A user's members as columns.</summary>
internal static class UserColumns
{
    public static readonly IReadOnlyList<NativeColumn<User>> All =
    [
        Text<User>("id", "ID", "用户ID", 34, user => user.Id),
        Text<User>("sid", "SID", "SID", 44, user => user.Sid),
        Text<User>("name", "Name", "用户名", 24, user => user.Name),
        Text<User>("domain", "Domain", "域", 20, user => user.Domain),
        Text<User>("full_name", "Full name", "姓名", 28, user => user.FullName),
        Text<User>("email", "Email", "邮箱", 30, user => user.Email),
        Text<User>("phone", "Phone", "手机号", 18, user => user.Phone),
        Text<User>("description", "Description", "描述", 40, user => user.Description),
        Word<User>("activation", "Activation", "激活方式", 16, user => user.Activation is Activation.Administrator ? "administrator" : "self"),
        Flag<User>("invited", "Invited", "已邀请", 10, user => user.Invited),
        Flag<User>("enabled", "Enabled", "已启用", 10, user => user.Enabled),
        Flag<User>("locked", "Locked", "已锁定", 10, user => user.Locked),
        Text<User>("groups", "Groups", "用户组", 30, user => string.Join("; ", user.Groups)),
        Instant<User>("expires_at", "Expires", "到期时间", user => user.ExpiresAt),
        Flag<User>("password_never_expires", "Password never expires", "密码永不过期", 24, user => user.PasswordNeverExpires),
        Flag<User>("may_change_password", "May change password", "允许修改密码", 22, user => user.MayChangePassword),
        Flag<User>("must_change_password", "Must change password", "下次登录修改密码", 22, user => user.MustChangePassword),
        Number<User>("desktops", "Desktops", "桌面数", 10, user => user.Desktops),
        Flag<User>("sharing", "Sharing", "已订购协同", 10, user => user.Sharing),
        Number<User>("shared_desktops", "Shared desktops", "协同桌面数", 16, user => user.SharedDesktops),
        Text<User>("subproject", "Subproject", "子项目", 34, user => user.Subproject),
    ];
}
