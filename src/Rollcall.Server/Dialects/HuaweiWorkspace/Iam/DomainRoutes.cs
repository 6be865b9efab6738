using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>The one domain that this server is: <c>/v3/auth/domains</c> and <c>/v3/domains</c> (contract 6.3).</summary>
internal static class DomainRoutes
{
    public static void MapDomains(this RouteGroupBuilder root)
    {
        root.MapGet("/v3/auth/domains", ListAsync).WithSummary("The domains that the caller may have a token for: this server");
        root.MapGet("/v3/domains", ListAsync).WithSummary("This server as a domain, by its name if one is given");
        root.MapGet("/v3/domains/{id}", GetAsync).WithSummary("This server as a domain");
    }

    private static async Task<JsonHttpResult<DomainListJson>> ListAsync(
        HttpContext context, [FromQuery(Name = "name")] string? name, ServerOptions options)
    {
        await IamCaller.KnowAsync(context);
        var domain = DomainDetailJson.Of(options, IamUrls.BaseOf(context.Request));
        var isMeant = string.IsNullOrEmpty(name) || DomainJson.Of(options).Is(new NamedThing(Id: null, name));
        return TypedResults.Json(
            new DomainListJson(isMeant ? [domain] : [], new ListLinksJson(IamUrls.SelfOf(context.Request))), IamJson.Default.DomainListJson);
    }

    private static async Task<JsonHttpResult<DomainAnswerJson>> GetAsync(HttpContext context, string id, ServerOptions options)
    {
        await IamCaller.KnowAsync(context);
        return id == DomainJson.Of(options).Id
            ? TypedResults.Json(new DomainAnswerJson(DomainDetailJson.Of(options, IamUrls.BaseOf(context.Request))), IamJson.Default.DomainAnswerJson)
            : throw FaultException.NotFound("Could not find domain");
    }
}

internal sealed record DomainAnswerJson([property: JsonPropertyName("domain")] DomainDetailJson Domain);

internal sealed record DomainListJson(
    [property: JsonPropertyName("domains")] IReadOnlyList<DomainDetailJson> Domains, [property: JsonPropertyName("links")] ListLinksJson Links);

internal sealed record DomainDetailJson(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("links")] SelfLinkJson Links)
{
    [JsonPropertyName("description")] public string Description => string.Empty;
    [JsonPropertyName("enabled")] public bool Enabled => true;
    [JsonPropertyName("tags")] public IReadOnlyList<string> Tags => [];
    [JsonPropertyName("options")] public ResourceOptionsJson Options { get; } = new();

    public static DomainDetailJson Of(ServerOptions options, string baseUrl)
    {
        var domain = DomainJson.Of(options);
        return new DomainDetailJson(domain.Id, domain.Name, new SelfLinkJson($"{baseUrl}/v3/domains/{domain.Id}"));
    }
}
