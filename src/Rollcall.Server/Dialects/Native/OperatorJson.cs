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
internal sealed record SignedInJson(string Token, DateTimeOffset? ExpiresAt, MeJson Me);

/// <summary>Who the caller is.</summary>
/// <param name="OperatorId">Null for an API token.</param>
internal sealed record MeJson(string Name, long? OperatorId, string Tenant, IReadOnlyList<string> Roles, bool IsServerAdministrator);
