using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>Operators as the identity service's users: <c>/v3/users/{id}</c>, which Keystone's clients ask about themselves.</summary>
internal static class UserRoutes
{
    public static void MapIamUsers(this RouteGroupBuilder root)
    {
        root.MapGet("/v3/users/{id}", GetAsync).WithSummary("The caller, or another operator for an administrator");
        root.MapGet("/v3/users/{id}/projects", ListProjectsAsync).WithSummary("The projects that an operator may have a token for");
    }

    private static async Task<JsonHttpResult<IamUserAnswerJson>> GetAsync(
        HttpContext context, string id, IIdentityStore identities, ServerOptions options, CancellationToken cancel)
    {
        var found = await FindAsync(context, id, identities, cancel);
        return TypedResults.Json(
            new IamUserAnswerJson(IamUserJson.From(found, options, IamUrls.BaseOf(context.Request))), IamJson.Default.IamUserAnswerJson);
    }

    private static async Task<JsonHttpResult<ProjectListJson>> ListProjectsAsync(
        HttpContext context, string id, IIdentityStore identities, IamProjects projects, ServerOptions options, CancellationToken cancel)
    {
        var found = await FindAsync(context, id, identities, cancel);
        return ProjectListJson.Answer(context.Request, options, await projects.AllAsync(found, cancel));
    }

    /// <summary>Oneself needs no right. Who may not see others cannot tell a known one from an unknown one.</summary>
    private static async Task<Operator> FindAsync(HttpContext context, string id, IIdentityStore identities, CancellationToken cancel)
    {
        var caller = await IamCaller.KnowAsync(context);
        if (caller.Operator is { } self && id == IdOf(self))
            return self;

        caller.Demand(Permission.ManageOperators);
        var found = DecimalText.TryParse(id, out var number) ? await identities.TryGetOperatorAsync(number, cancel) : null;
        return found is { IsRemoved: false } && (caller.IsServerAdministrator || found.Tenant == caller.Tenant)
            ? found
            : throw FaultException.NotFound("Could not find user");
    }

    private static string IdOf(Operator known) => known.Id.ToString(CultureInfo.InvariantCulture);
}

internal sealed record IamUserAnswerJson([property: JsonPropertyName("user")] IamUserJson User);

internal sealed record IamUserJson(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("domain_id")] string DomainId,
    [property: JsonPropertyName("links")] SelfLinkJson Links)
{
    [JsonPropertyName("enabled")] public bool Enabled => true;
    [JsonPropertyName("options")] public ResourceOptionsJson Options { get; } = new();

    /// <summary>Null, as Keystone says never; passwords here do not expire.</summary>
    [JsonPropertyName("password_expires_at"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? PasswordExpiresAt => null;

    public static IamUserJson From(Operator known, ServerOptions options, string baseUrl)
    {
        var id = known.Id.ToString(CultureInfo.InvariantCulture);
        return new IamUserJson(id, known.Name, DomainJson.Of(options).Id, new SelfLinkJson($"{baseUrl}/v3/users/{id}"));
    }
}
