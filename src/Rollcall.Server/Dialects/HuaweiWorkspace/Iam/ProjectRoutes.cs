using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>The caller's projects: <c>/v3/projects</c> and <c>/v3/auth/projects</c> (contract 6.3).</summary>
internal static class ProjectRoutes
{
    public static void MapProjects(this RouteGroupBuilder root)
    {
        root.MapGet("/v3/projects", ListAsync).WithSummary("The caller's one project; name may be the region, as SDKs send it");
        root.MapGet("/v3/projects/{id}", GetAsync).WithSummary("One project of the caller's");
        root.MapGet("/v3/auth/projects", ListOwnAsync).WithSummary("The projects that the caller may have a token for");
    }

    private static async Task<JsonHttpResult<ProjectListJson>> ListAsync(
        HttpContext context, [AsParameters] ProjectFilter filter, IIdentityStore identities, IamProjects projects, ServerOptions options,
        CancellationToken cancel)
    {
        var caller = await IamCaller.KnowAsync(context);
        var scope = caller.SignIn?.ScopeTenant ?? caller.Tenant;
        var own = await identities.TryGetTenantAsync(scope, cancel) ?? throw FaultException.NotFound("The project is gone");
        var isOwn = string.IsNullOrEmpty(filter.Name) || filter.Name == options.Huawei.Region || NameKey.Of(filter.Name) == NameKey.Of(own.Name);
        // A key reaches its own tenant alone: a client that found another's project here would be refused at every call.
        var isKey = caller.SignIn is null;
        var meant = isOwn ? own : isKey ? null : await projects.TryFindAsync(new NamedThing(Id: null, filter.Name), caller.Operator!, cancel);
        return ProjectListJson.Answer(context.Request, options, meant is not null && filter.Matches(DomainJson.Of(options)) ? [meant] : []);
    }

    /// <summary>Another's project and none get the same answer (D0030).</summary>
    private static async Task<JsonHttpResult<ProjectAnswerJson>> GetAsync(
        HttpContext context, string id, IamProjects projects, ServerOptions options, CancellationToken cancel)
    {
        var caller = await IamCaller.KnowAsync(context);
        var found = await projects.TryGetAsync(id, caller.Operator!, cancel) ?? throw FaultException.NotFound("Could not find project");
        return TypedResults.Json(
            new ProjectAnswerJson(ProjectJson.From(found, options, IamUrls.BaseOf(context.Request))), IamJson.Default.ProjectAnswerJson);
    }

    private static async Task<JsonHttpResult<ProjectListJson>> ListOwnAsync(
        HttpContext context, IamProjects projects, ServerOptions options, CancellationToken cancel)
    {
        var caller = await IamCaller.KnowAsync(context);
        return ProjectListJson.Answer(context.Request, options, await projects.AllAsync(caller.Operator!, cancel));
    }
}

/// <summary>An empty value is an absent one; what is not here is ignored.</summary>
internal sealed record ProjectFilter(
    [FromQuery(Name = "name")] string? Name,
    [FromQuery(Name = "domain_id")] string? DomainId,
    [FromQuery(Name = "parent_id")] string? ParentId)
{
    /// <summary>Every project stands in the one domain and has it as its parent.</summary>
    public bool Matches(DomainJson domain) => IsIt(DomainId, domain) && IsIt(ParentId, domain);

    private static bool IsIt(string? asked, DomainJson domain) => string.IsNullOrEmpty(asked) || asked == domain.Id;
}

internal sealed record ProjectAnswerJson([property: JsonPropertyName("project")] ProjectJson Project);

internal sealed record ProjectListJson(
    [property: JsonPropertyName("links")] ListLinksJson Links, [property: JsonPropertyName("projects")] IReadOnlyList<ProjectJson> Projects)
{
    public static JsonHttpResult<ProjectListJson> Answer(HttpRequest request, ServerOptions options, IReadOnlyList<Tenant> projects)
    {
        var baseUrl = IamUrls.BaseOf(request);
        return TypedResults.Json(
            new ProjectListJson(new ListLinksJson(IamUrls.SelfOf(request)), [.. projects.Select(project => ProjectJson.From(project, options, baseUrl))]),
            IamJson.Default.ProjectListJson);
    }
}

/// <summary>Everything fits one page, so the neighbours are null, as Keystone writes them.</summary>
internal sealed record ListLinksJson([property: JsonPropertyName("self")] string Self)
{
    [JsonPropertyName("next"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Next => null;

    [JsonPropertyName("previous"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Previous => null;
}

/// <summary>Where the thing itself is.</summary>
internal sealed record SelfLinkJson([property: JsonPropertyName("self")] string Self);

/// <summary>Keystone's resource options: none are known here, and the object is empty.</summary>
internal sealed record ResourceOptionsJson;

internal sealed record ProjectJson(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("domain_id")] string DomainId,
    [property: JsonPropertyName("parent_id")] string ParentId,
    [property: JsonPropertyName("links")] SelfLinkJson Links)
{
    [JsonPropertyName("description")] public string Description => string.Empty;
    [JsonPropertyName("enabled")] public bool Enabled => true;
    [JsonPropertyName("is_domain")] public bool IsDomain => false;
    [JsonPropertyName("tags")] public IReadOnlyList<string> Tags => [];
    [JsonPropertyName("options")] public ResourceOptionsJson Options { get; } = new();

    public static ProjectJson From(Tenant tenant, ServerOptions options, string baseUrl)
    {
        var domain = DomainJson.Of(options).Id;
        return new ProjectJson(tenant.Id.Value, tenant.Name, domain, domain, new SelfLinkJson($"{baseUrl}/v3/projects/{tenant.Id}"));
    }
}
