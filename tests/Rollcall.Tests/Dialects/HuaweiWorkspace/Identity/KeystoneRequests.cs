using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>Requests by name, for either identity service. Each arranges what it needs in the service that it is for.</summary>
internal static class KeystoneRequests
{
    private const string Tokens = IdentityService.Tokens;
    private const string Nobody = "00000000000000000000000000000000";

    /// <summary>Answered alike.</summary>
    public static readonly IReadOnlyDictionary<string, Func<IdentityService, Task<Ask>>> Same = new Dictionary<string, Func<IdentityService, Task<Ask>>>(StringComparer.Ordinal)
    {
        ["version"] = _ => Now(Ask.Get("/v3")),
        ["version, with a slash"] = _ => Now(Ask.Get("/v3/")),
        ["issue for a project"] = to => Now(Issue(to, to.InProject)),
        ["issue for the domain"] = to => Now(Issue(to, to.InDomain)),
        ["issue unscoped"] = to => Now(Issue(to, "\"unscoped\"")),
        ["issue unscoped, as older clients ask"] = to => Now(Issue(to, """{"unscoped":{}}""")),
        ["issue unscoped, without a catalog"] = to => Now(Issue(to, "\"unscoped\"", "?nocatalog")),
        ["exchange for a project"] = async to => Ask.Post(Tokens, IdentityService.TokenBody(await Unscoped(to), to.InProject)),
        ["exchange for the domain"] = async to => Ask.Post(Tokens, IdentityService.TokenBody(await Admin(to), to.InDomain)),
        ["exchange for none"] = async to => Ask.Post(Tokens, IdentityService.TokenBody(await Reader(to), "\"unscoped\"")),
        ["look at one's own"] = async to => Look("GET", await Reader(to)),
        ["look at one's own unscoped"] = async to => Look("GET", await Unscoped(to)),
        ["look at an exchanged one"] = async to => Look("GET", await to.ExchangeAsync(await Reader(to), to.InProject)),
        ["look, headers only"] = async to => Look("HEAD", await Reader(to)),
        ["look at another's, as administrator"] = async to => Look("GET", await Admin(to), await Reader(to)),
        ["look at another's, as reader"] = async to => Look("GET", await Reader(to), await Admin(to)),
        ["look at an unknown one"] = async to => Look("GET", await Admin(to), "unknown"),
        ["look at a revoked one"] = async to => Look("GET", await Admin(to), await Revoked(to)),
        ["look, signed in as nobody"] = async to => Ask.Get(Tokens).With("X-Subject-Token", await Reader(to)),
        ["look, with a revoked token"] = async to => Look("GET", await Revoked(to)),
        ["revoke"] = async to => Look("DELETE", await to.IssueAsync("reader", to.InProject)),
        ["revoke an unknown one"] = async to => Look("DELETE", await Admin(to), "unknown"),
        ["projects to choose from"] = async to => Ask.Get("/v3/auth/projects", await Unscoped(to)),
        ["domains to choose from"] = async to => Ask.Get("/v3/auth/domains", await Admin(to)),
        ["projects of mine"] = async to => await Of(to, "reader", "/projects"),
        ["projects of another, as reader"] = async to => Ask.Get($"/v3/users/{await to.UserIdAsync(await Admin(to))}/projects", await Reader(to)),
        ["projects of nobody"] = async to => Ask.Get($"/v3/users/{Nobody}/projects", await Admin(to)),
        ["projects, as administrator"] = async to => Ask.Get("/v3/projects", await Admin(to)),
        ["projects by name"] = async to => Ask.Get("/v3/projects?name=main", await Admin(to)),
        ["projects by a name that none has"] = async to => Ask.Get("/v3/projects?name=none", await Admin(to)),
        ["projects of another domain"] = async to => Ask.Get($"/v3/projects?domain_id={Nobody}", await Admin(to)),
        ["projects, signed in as nobody"] = _ => Now(Ask.Get("/v3/projects")),
        ["project"] = async to => Ask.Get($"/v3/projects/{await to.ProjectIdAsync(await Admin(to))}", await Admin(to)),
        ["project that is none"] = async to => Ask.Get($"/v3/projects/{Nobody}", await Admin(to)),
        ["domains"] = async to => Ask.Get("/v3/domains", await Admin(to)),
        ["domains by name"] = async to => Ask.Get($"/v3/domains?name={to.Domain}", await Admin(to)),
        ["domain that is none"] = async to => Ask.Get($"/v3/domains/{Nobody}", await Admin(to)),
        ["me"] = async to => await Of(to, "reader", string.Empty),
        ["nobody"] = async to => Ask.Get($"/v3/users/{Nobody}", await Admin(to)),
        ["another, as reader"] = async to => Ask.Get($"/v3/users/{await to.UserIdAsync(await Admin(to))}", await Reader(to)),
        ["wrong password"] = to => Now(Ask.Post(Tokens, to.PasswordBody("admin", to.InProject, "wrong"))),
        ["wrong name"] = to => Now(Ask.Post(Tokens, to.PasswordBody("nobody", to.InProject))),
        ["a project that is none"] = to => Now(Issue(to, $$"""{"project":{"id":"{{Nobody}}"} }""")),
        ["a project by a wrong name"] = to => Now(Issue(to, to.InProject.Replace("\"main\"", "\"none\"", StringComparison.Ordinal))),
        ["a project in another domain"] = to => Now(Issue(to, """{"project":{"name":"main","domain":{"name":"another"}}}""")),
        ["another domain"] = to => Now(Issue(to, """{"domain":{"name":"another"}}""")),
        ["a scope that is none"] = to => Now(Issue(to, "{}")),
        ["a scope that is a word"] = to => Now(Issue(to, "\"whole\"")),
        ["two scopes"] = to => Now(Issue(to, to.InProject.TrimEnd('}', ' ') + "}}," + to.InDomain[1..])),
        ["a scope of another type"] = to => Now(Issue(to, "7")),
        ["no auth"] = _ => Now(Ask.Post(Tokens, "{}")),
        ["no token to exchange"] = _ => Now(Ask.Post(Tokens, """{"auth":{"identity":{"methods":["token"],"token":{}}}}""")),
        ["a body that is no JSON"] = _ => Now(Ask.Post(Tokens, "{")),
        ["a body that is a list"] = _ => Now(Ask.Post(Tokens, "[]")),
    };

    /// <summary>Requests to which the answers differ, each for a reason in docs/divergences.md.</summary>
    public static readonly IReadOnlyDictionary<string, Func<IdentityService, Task<Ask>>> Different = new Dictionary<string, Func<IdentityService, Task<Ask>>>(StringComparer.Ordinal)
    {
        ["issue without a catalog"] = to => Now(Issue(to, to.InProject, "?nocatalog=1")),
        ["issue without a scope"] = to => Now(Issue(to, scope: null)),
        ["exchange without a scope"] = async to => Ask.Post(Tokens, IdentityService.TokenBody(await Admin(to), scope: null)),
        ["a method that is none"] = _ => Now(Ask.Post(Tokens, """{"auth":{"identity":{"methods":["dance"],"dance":{}}}}""")),
        ["no method"] = _ => Now(Ask.Post(Tokens, """{"auth":{"identity":{"methods":[]}}}""")),
        ["two methods"] = async to => Ask.Post(Tokens, $$"""{"auth":{"identity":{"methods":["token","token"],"token":{"id":"{{await Admin(to)}}"} } } }"""),
        ["an unknown token to exchange"] = to => Now(Ask.Post(Tokens, IdentityService.TokenBody("unknown", to.InProject))),
        ["no token to look at"] = async to => Ask.Get(Tokens, await Admin(to)),
        ["a body that is not JSON by its type"] = _ => Now(Ask.Post(Tokens, "{}") with { ContentType = "text/plain" }),
        ["another method of HTTP"] = _ => Now(new Ask("PUT", Tokens)),
        ["no such path"] = async to => Ask.Get("/v3/auth/nothing", await Admin(to)),
        ["projects, as reader"] = async to => Ask.Get("/v3/projects", await Reader(to)),
        ["projects by the region"] = async to => Ask.Get("/v3/projects?name=rollcall-1", await Admin(to)),
        ["another's project, as reader"] = async to => Ask.Get($"/v3/projects/{Nobody}", await Reader(to)),
        ["domains, as reader"] = async to => Ask.Get("/v3/auth/domains", await Reader(to)),
        ["all domains, as reader"] = async to => Ask.Get("/v3/domains", await Reader(to)),
    };

    private static Ask Issue(IdentityService to, string? scope, string query = "") => Ask.Post(Tokens + query, to.PasswordBody("admin", scope));

    private static Ask Look(string method, string token, string? subject = null) => new Ask(method, Tokens) { Token = token }.With("X-Subject-Token", subject ?? token);

    private static Task<Ask> Now(Ask ask) => Task.FromResult(ask);

    private static Task<string> Admin(IdentityService at) => at.TokenAsync("admin", at.InProject);

    private static Task<string> Reader(IdentityService at) => at.TokenAsync("reader", at.InProject);

    private static Task<string> Unscoped(IdentityService at) => at.TokenAsync("reader", "\"unscoped\"");

    private static async Task<string> Revoked(IdentityService at)
    {
        var token = await at.IssueAsync("reader", at.InProject);
        (await Look("DELETE", token).SendAsync(at.Http)).Is(204);
        return token;
    }

    private static async Task<Ask> Of(IdentityService at, string user, string below)
    {
        var token = await at.TokenAsync(user, at.InProject);
        return Ask.Get($"/v3/users/{await at.UserIdAsync(token)}{below}", token);
    }
}
