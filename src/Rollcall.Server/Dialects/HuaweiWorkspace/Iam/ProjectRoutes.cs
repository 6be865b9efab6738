using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>The caller's projects: <c>GET /v3/projects</c> (contract 6.3).</summary>
internal static class ProjectRoutes
{
    public static void MapProjects(this RouteGroupBuilder root) =>
        root.MapGet("/v3/projects", ListAsync).WithSummary("The caller's one project; name may be the region, as SDKs send it");

    private static async Task<JsonHttpResult<ProjectListJson>> ListAsync(
        HttpContext context, [FromQuery(Name = "name")] string? name, IIdentityStore identities, ServerOptions options, CancellationToken cancel)
    {
        var caller = await IamCaller.KnowAsync(context);
        var own = await identities.TryGetTenantAsync(caller.SignIn?.ScopeTenant ?? caller.Tenant, cancel)
            ?? throw FaultException.NotFound("The project is gone");
        var isMeant = string.IsNullOrEmpty(name) || name == options.Huawei.Region || NameKey.Of(name) == NameKey.Of(own.Name);
        var self = $"{context.Request.Scheme}://{context.Request.Host}/v3/projects";
        return TypedResults.Json(
            new ProjectListJson(new ListLinksJson(self), isMeant ? [ProjectJson.From(own, options, self)] : []), IamJson.Default.ProjectListJson);
    }
}

internal sealed record ProjectListJson(
    [property: JsonPropertyName("links")] ListLinksJson Links, [property: JsonPropertyName("projects")] IReadOnlyList<ProjectJson> Projects);

/// <summary>Everything fits one page, so the neighbours are null, as Keystone writes them.</summary>
internal sealed record ListLinksJson([property: JsonPropertyName("self")] string Self)
{
    [JsonPropertyName("next"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Next => null;

    [JsonPropertyName("previous"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Previous => null;
}

internal sealed record ProjectLinksJson([property: JsonPropertyName("self")] string Self);

internal sealed record ProjectJson(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("domain_id")] string DomainId,
    [property: JsonPropertyName("parent_id")] string ParentId,
    [property: JsonPropertyName("description")] string Description,
    [property: JsonPropertyName("enabled")] bool Enabled,
    [property: JsonPropertyName("is_domain")] bool IsDomain,
    [property: JsonPropertyName("links")] ProjectLinksJson Links)
{
    public static ProjectJson From(Tenant tenant, ServerOptions options, string listUrl)
    {
        var domain = DomainJson.Of(options).Id;
        return new ProjectJson(
            tenant.Id.Value, tenant.Name, domain, domain, string.Empty, Enabled: true, IsDomain: false, new ProjectLinksJson($"{listUrl}/{tenant.Id}"));
    }
}
