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
    [JsonPropertyName("methods")] public IReadOnlyList<string> Methods { get; } = ["password"];
    [JsonPropertyName("user")] public required TokenUserJson User { get; init; }
    [JsonPropertyName("audit_ids")] public required IReadOnlyList<string> AuditIds { get; init; }
    [JsonPropertyName("expires_at")] public required string ExpiresAt { get; init; }
    [JsonPropertyName("issued_at")] public required string IssuedAt { get; init; }
    [JsonPropertyName("project")] public TokenProjectJson? Project { get; init; }

    /// <summary>Stands beside a project only.</summary>
    [JsonPropertyName("is_domain")] public bool? IsDomain { get; init; }

    [JsonPropertyName("domain")] public DomainJson? Domain { get; init; }
    [JsonPropertyName("roles")] public required IReadOnlyList<RoleJson> Roles { get; init; }

    /// <summary>Empty when the caller asked for none.</summary>
    [JsonPropertyName("catalog")] public required IReadOnlyList<CatalogJson> Catalog { get; init; }
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

    public static TokenJson Of(SignIn signIn, Operator holder, Tenant? project, ServerOptions options, string? baseUrl) => new()
    {
        User = new TokenUserJson(DomainJson.Of(options), holder.Id.ToString(CultureInfo.InvariantCulture), holder.Name),
        AuditIds = [signIn.Id.ToString("N")],
        ExpiresAt = TimeOf(signIn.ExpiresAt!.Value),
        IssuedAt = TimeOf(signIn.StartedAt),
        Project = project is null ? null : new TokenProjectJson(DomainJson.Of(options), project.Id.Value, project.Name),
        IsDomain = project is null ? null : false,
        Domain = project is null ? DomainJson.Of(options) : null,
        Roles = [.. holder.Roles.Select(RoleJson.Of)],
        Catalog = baseUrl is null ? [] : CatalogOf(project, options.Huawei.Region, baseUrl),
    };

    private static List<CatalogJson> CatalogOf(Tenant? project, string region, string baseUrl)
    {
        var services = new List<CatalogJson> { Service("identity", "iam", region, $"{baseUrl}/v3") };
        if (project is not null)
        {
            services.Add(Service("workspace", "workspace", region, $"{baseUrl}/v2/{project.Id}"));
            services.Add(Service("appstream", "workspaceapp", region, $"{baseUrl}/v1/{project.Id}"));
        }

        return services;
    }

    private static CatalogJson Service(string type, string name, string region, string url) =>
        new([new EndpointJson($"{name}-public", "public", region, url, region)], name, type, name);

    private static string TimeOf(DateTimeOffset at) => at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenAnswerJson))]
[JsonSerializable(typeof(IamErrorJson))]
[JsonSerializable(typeof(ProjectListJson))]
internal sealed partial class IamJson : JsonSerializerContext;
