using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>Which identity API this is: <c>GET /v3</c>, asked by Keystone's clients before they sign in (contract 6.0).</summary>
internal static class VersionRoutes
{
    public static void MapIamVersion(this RouteGroupBuilder root) =>
        root.MapGet("/v3", Show).WithName("KeystoneShowVersion").WithSummary("The version of the identity API; needs no token");

    private static JsonHttpResult<VersionAnswerJson> Show(HttpRequest request) =>
        TypedResults.Json(new VersionAnswerJson(new VersionJson($"{IamUrls.BaseOf(request)}/v3/")), IamJson.Default.VersionAnswerJson);
}

internal sealed record VersionAnswerJson([property: JsonPropertyName("version")] VersionJson Version);

/// <summary>The vendor's own number and date, not the newest Keystone's: that one promises more operations than are here.</summary>
internal sealed record VersionJson([property: JsonIgnore] string Url)
{
    [JsonPropertyName("id")] public string Id => "v3.6";
    [JsonPropertyName("status")] public string Status => "stable";
    [JsonPropertyName("updated")] public string Updated => "2016-04-04T00:00:00Z";
    [JsonPropertyName("links")] public IReadOnlyList<VersionLinkJson> Links => [new("self", Url)];
    [JsonPropertyName("media-types")] public IReadOnlyList<MediaTypeJson> MediaTypes => [new("application/json", "application/vnd.openstack.identity-v3+json")];
}

internal sealed record VersionLinkJson([property: JsonPropertyName("rel")] string Rel, [property: JsonPropertyName("href")] string Href);

internal sealed record MediaTypeJson([property: JsonPropertyName("base")] string Base, [property: JsonPropertyName("type")] string Type);
