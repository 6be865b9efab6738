using Rollcall.Core.SignIns;
using static Rollcall.Server.Dialects.Native.Exports.Column;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>A sign-in's members as columns. What its machine called itself is not among them: with it a token can be renewed.</summary>
internal static class SignInColumns
{
    /// <param name="asOf">The instant at which a sign-in has ended or has not.</param>
    public static IReadOnlyList<NativeColumn<SignIn>> At(DateTimeOffset asOf) =>
    [
        Text<SignIn>("id", "ID", "登录ID", 38, signIn => signIn.Id.ToString("D")),
        Text<SignIn>("user", "User", "用户", 28, signIn => signIn.OperatorName),
        Number<SignIn>("operator_id", "Operator ID", "操作员ID", 14, signIn => signIn.OperatorId),
        Word<SignIn>("scope", "Scope", "范围", 12, signIn => WordOf(signIn.Scope)),
        Text<SignIn>("scope_tenant", "Scope tenant", "范围租户", 34, signIn => signIn.ScopeTenant?.Value),
        Number<SignIn>("console_type", "Console type", "控制台类型", 14, signIn => signIn.ConsoleType),
        Text<SignIn>("host", "Host", "主机", 24, signIn => signIn.Host),
        Text<SignIn>("client_address", "Client address", "客户端地址", 24, signIn => signIn.ClientAddress),
        Number<SignIn>("browser_session_id", "Browser session ID", "浏览器会话ID", 20, signIn => signIn.BrowserSessionId),
        Instant<SignIn>("started_at", "Start", "开始时间", signIn => signIn.StartedAt),
        Instant<SignIn>("last_seen_at", "Last seen", "最近活动", signIn => signIn.LastSeenAt),
        Instant<SignIn>("ended_at", "End", "结束时间", signIn => signIn.EndedAt(asOf)),
        Instant<SignIn>("expires_at", "Expires", "到期时间", signIn => signIn.ExpiresAt),
        Flag<SignIn>("signed_out", "Signed out", "已登出", 12, signIn => signIn.SignedOutAt is not null),
    ];

    private static string WordOf(SignInScope scope) => scope switch
    {
        SignInScope.Foreign => "foreign",
        SignInScope.Tenant => "tenant",
        SignInScope.Domain => "domain",
        SignInScope.Console => "console",
    };
}
