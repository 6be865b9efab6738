using Rollcall.Core.Identity;

namespace Rollcall.Server.Dialects.Native;

internal sealed record TenantJson(string Id, string Name, DateTimeOffset CreatedAt);

internal sealed record OperatorJson(long Id, string Name, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt);

internal sealed record ApiTokenJson(string Id, string Name, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

internal sealed record AccessKeyJson(string Id, string AccessKey, long OperatorId, DateTimeOffset CreatedAt);

/// <summary>A new token; the secret is shown this once.</summary>
internal sealed record NewApiTokenJson(string Id, string Token);

/// <summary>A new key pair; the secret is shown this once.</summary>
internal sealed record NewAccessKeyJson(string AccessKey, string SecretKey);

/// <summary>A sign-in by password.</summary>
/// <param name="Token">Null when it went into the console's cookie, where no script can read it.</param>
internal sealed record SignedInJson(string? Token, DateTimeOffset? ExpiresAt, MeJson Me);

/// <summary>Who the caller is.</summary>
/// <param name="OperatorId">Null for an API token.</param>
/// <param name="Permissions">What the roles add up to, as a refusal names what is missing.</param>
/// <param name="IdleMinutes">Minutes of silence after which the sign-in is over; null when it may be silent.</param>
/// <param name="ExpiresAt">When the sign-in is over whatever happens; null when never, and for an API token.</param>
/// <param name="CsrfToken">Goes into <c>X-CSRF-Token</c> with every change; null unless the console's cookie is the way in.</param>
internal sealed record MeJson(
    string Name, long? OperatorId, string Tenant, IReadOnlyList<string> Roles, bool IsServerAdministrator, IReadOnlyList<string> Permissions,
    double? IdleMinutes, DateTimeOffset? ExpiresAt, string? CsrfToken)
{
    public static MeJson From(Caller caller, string? csrfToken) => new(
        caller.Name, caller.Operator?.Id, caller.Tenant.Value, OperatorRoutes.NamesOf(caller.Roles), caller.IsServerAdministrator,
        [.. Enum.GetValues<Permission>().Where(caller.May).Select(NativeDialect.WordOf)], caller.SignIn?.IdleLimit?.TotalMinutes,
        caller.SignIn?.ExpiresAt, csrfToken);
}
