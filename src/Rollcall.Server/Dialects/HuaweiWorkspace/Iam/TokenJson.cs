using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>What a token says of itself, shaped as Keystone's recorded answers and contract 6.1.</summary>
internal sealed record TokenJson
{
    /// <summary>All that led here: an exchanged token goes back to a password.</summary>
    [JsonPropertyName("methods")] public required IReadOnlyList<string> Methods { get; init; }

    [JsonPropertyName("user")] public required TokenUserJson User { get; init; }

    /// <summary>The token's own, then that of the first of its chain.</summary>
    [JsonPropertyName("audit_ids")] public required IReadOnlyList<string> AuditIds { get; init; }
    [JsonPropertyName("expires_at")] public required string ExpiresAt { get; init; }
    [JsonPropertyName("issued_at")] public required string IssuedAt { get; init; }
    [JsonPropertyName("project")] public TokenProjectJson? Project { get; init; }

    /// <summary>Stands beside a project only.</summary>
    [JsonPropertyName("is_domain")] public bool? IsDomain { get; init; }

    [JsonPropertyName("domain")] public DomainJson? Domain { get; init; }

    /// <summary>Null in an unscoped token: roles are held in a project or the domain.</summary>
    [JsonPropertyName("roles")] public IReadOnlyList<RoleJson>? Roles { get; init; }

    /// <summary>Empty when the caller asked for none; null in an unscoped token.</summary>
    [JsonPropertyName("catalog")] public IReadOnlyList<CatalogJson>? Catalog { get; init; }
}

internal sealed record TokenAnswerJson([property: JsonPropertyName("token")] TokenJson Token);

internal sealed record TokenUserJson(
    [property: JsonPropertyName("domain")] DomainJson Domain,
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name)
{
    /// <summary>Null, as Keystone says never; passwords here do not expire.</summary>
    [JsonPropertyName("password_expires_at"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? PasswordExpiresAt => null;
}

internal sealed record DomainJson([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("name")] string Name)
{
    private const int IdBytes = 16;

    /// <summary>One server is one domain; its id follows from its name, 32 lower-case hexadecimal digits.</summary>
    public static DomainJson Of(ServerOptions options) => new(
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("domain\0" + options.Domain)).AsSpan(0, IdBytes)), options.Domain);

    /// <summary>Whether a request means this domain; the name ignores case.</summary>
    public bool Is(NamedThing asked) =>
        (asked.Id is null || asked.Id == Id) && (asked.Name is null || string.Equals(asked.Name, Name, StringComparison.OrdinalIgnoreCase));
}

internal sealed record TokenProjectJson(
    [property: JsonPropertyName("domain")] DomainJson Domain,
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name);

internal sealed record RoleJson([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("name")] string Name)
{
    /// <summary>The vendor's administrator is te_admin (contract 6.7); our other roles go under their own names, all with id 0 (contract 6.1).</summary>
    public static RoleJson Of(Role role) => new("0", role is Role.Administrator ? "te_admin" : Core.Identity.Roles.NameOf(role));
}

internal sealed record CatalogJson(
    [property: JsonPropertyName("endpoints")] IReadOnlyList<EndpointJson> Endpoints,
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("name")] string Name);

internal sealed record EndpointJson(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("interface")] string Interface,
    [property: JsonPropertyName("region_id")] string RegionId,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("region")] string Region);

/// <summary>Writes tokens down in the vendor's shape.</summary>
internal static class TokenWords
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Keystone's clients ask the identity service through the interface they are built with, most often <c>admin</c> (D0044).</summary>
    private static readonly string[] IdentityInterfaces = ["public", "internal", "admin"];

    /// <param name="baseUrl">Null when the caller wants no catalog.</param>
    public static TokenJson Of(TokenFacts token, ServerOptions options, string? baseUrl)
    {
        var isScoped = !token.Text.IsUnscoped;
        var domain = DomainJson.Of(options);
        return new TokenJson
        {
            Methods = token.Text.FirstId is null ? ["password"] : ["token", "password"],
            User = new TokenUserJson(domain, token.Holder.Id.ToString(CultureInfo.InvariantCulture), token.Holder.Name),
            AuditIds = [token.SignIn.Id.ToString("N"), .. token.Text.FirstId is { } first ? [first.ToString("N")] : Array.Empty<string>()],
            ExpiresAt = TimeOf(token.SignIn.ExpiresAt!.Value),
            IssuedAt = TimeOf(token.SignIn.StartedAt),
            Project = token.Project is { } project ? new TokenProjectJson(domain, project.Id.Value, project.Name) : null,
            IsDomain = token.Project is null ? null : false,
            Domain = token.Project is null && isScoped ? domain : null,
            Roles = isScoped ? [.. token.Holder.Roles.Select(RoleJson.Of)] : null,
            Catalog = isScoped ? CatalogOf(token.Project, options.Huawei.Region, baseUrl) : null,
        };
    }

    private static IReadOnlyList<CatalogJson> CatalogOf(Tenant? project, string region, string? baseUrl)
    {
        if (baseUrl is null)
            return [];

        var identity = Service("identity", "iam", region, $"{baseUrl}/v3", IdentityInterfaces);
        return project is null
            ? [identity]
            :
            [
                identity,
                Service("workspace", "workspace", region, $"{baseUrl}/v2/{project.Id}", "public"),
                Service("appstream", "workspaceapp", region, $"{baseUrl}/v1/{project.Id}", "public"),
            ];
    }

    private static CatalogJson Service(string type, string name, string region, string url, params string[] interfaces) =>
        new([.. interfaces.Select(at => new EndpointJson($"{name}-{at}", at, region, url, region))], name, type, name);

    private static string TimeOf(DateTimeOffset at) => at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenAnswerJson))]
[JsonSerializable(typeof(IamErrorJson))]
[JsonSerializable(typeof(ProjectListJson))]
[JsonSerializable(typeof(ProjectAnswerJson))]
[JsonSerializable(typeof(DomainListJson))]
[JsonSerializable(typeof(DomainAnswerJson))]
[JsonSerializable(typeof(IamUserAnswerJson))]
[JsonSerializable(typeof(VersionAnswerJson))]
internal sealed partial class IamJson : JsonSerializerContext;
