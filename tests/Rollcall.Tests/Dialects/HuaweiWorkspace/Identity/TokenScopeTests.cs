using System.Text.Json;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>What a token is good for, and how it is exchanged for another (contract 6.1).</summary>
public sealed class TokenScopeTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private const string Unscoped = "\"unscoped\"";
    private const string Domain = """{"domain":{"name":"rollcall"}}""";

    private IdentityService Service => new(shared.Http, "rollcall");

    private string Project => $$"""{"project":{"id":"{{shared.Project}}"} }""";

    [Fact]
    public async Task An_unscoped_token_says_who_and_how_long_and_nothing_else()
    {
        var token = await FirstAsync(Unscoped);

        var said = await Service.LookAsync(token);

        Assert.Equal(["methods", "user", "audit_ids", "expires_at", "issued_at"], said.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["password"], Texts(said, "methods"));
    }

    [Theory, InlineData(Unscoped), InlineData(Domain)]
    public async Task A_token_for_no_project_is_known_on_a_Workspace_path_and_opens_none(string scope) =>
        (await Ask.Get(shared.Tasks, await FirstAsync(scope)).SendAsync(shared.Http)).As(403, Refused.NotAllowed);

    [Fact]
    public async Task An_exchanged_token_opens_its_project_names_both_methods_and_the_first_token()
    {
        var first = await FirstAsync(Unscoped);
        var second = await Service.ExchangeAsync(first, Project);
        var third = await Service.ExchangeAsync(second, Domain);

        (await Ask.Get(shared.Tasks, second).SendAsync(shared.Http)).Is(200);
        (await Ask.Get(shared.Tasks, third).SendAsync(shared.Http)).Is(403);
        var id = Assert.Single(Texts(await Service.LookAsync(first), "audit_ids"));
        foreach (var said in new[] { await Service.LookAsync(second), await Service.LookAsync(third) })
        {
            Assert.Equal(["token", "password"], Texts(said, "methods"));
            Assert.Equal(id, Texts(said, "audit_ids")[1]);
            Assert.NotEqual(id, Texts(said, "audit_ids")[0]);
        }
    }

    [Fact]
    public async Task What_is_said_of_a_token_when_it_is_issued_is_said_when_it_is_looked_at()
    {
        var first = await FirstAsync(Unscoped);
        foreach (var scope in (string[])[Unscoped, Domain, Project])
        {
            var issued = (await Ask.Post(IdentityService.Tokens, IdentityService.TokenBody(first, scope)).SendAsync(shared.Http)).Is(201);
            var looked = await Ask.Get(IdentityService.Tokens, first).With("X-Subject-Token", issued.Header("X-Subject-Token")!).SendAsync(shared.Http);

            Assert.Equal(issued.Text, looked.Is(200).Text);
        }
    }

    [Fact]
    public async Task An_exchanged_token_lives_no_longer_than_the_one_it_came_from()
    {
        await using var own = await WorkspaceServer.StartAsync(new ServerOptions { Huawei = new() { TokenHours = 2 } });
        var service = new IdentityService(own.Http, "rollcall");
        var first = await own.TokenAsync();
        own.Clock.Advance(TimeSpan.FromMinutes(90));
        var second = await service.ExchangeAsync(first, Unscoped);
        own.Clock.Advance(TimeSpan.FromMinutes(20));
        var third = await service.ExchangeAsync(second, Unscoped);

        var said = await service.LookAsync(third);
        own.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal("2030-03-01T11:00:00.000000Z", said.GetProperty("expires_at").GetString());
        Assert.Equal("2030-03-01T10:50:00.000000Z", said.GetProperty("issued_at").GetString());
        foreach (var token in (string[])[first, second, third])
            (await Ask.Get("/v3/auth/projects", token).SendAsync(own.Http)).Is(401);
    }

    [Fact]
    public async Task A_token_that_is_none_expired_or_revoked_or_of_another_kind_is_not_exchanged()
    {
        await using var own = await WorkspaceServer.StartAsync();
        var service = new IdentityService(own.Http, "rollcall");
        var revoked = await service.ExchangeAsync(await own.TokenAsync(), Unscoped);
        (await new Ask("DELETE", IdentityService.Tokens) { Token = revoked }.With("X-Subject-Token", revoked).SendAsync(own.Http)).Is(204);
        var console = await ConsoleTokenAsync(own);
        var good = await own.TokenAsync();

        foreach (var token in (string[])[revoked, "x", good + ".u", good + ".", own.Server.Bootstrap.AgentToken, console])
            await AssertRefusedAsync(token);
        own.Clock.Advance(TimeSpan.FromHours(24));
        await AssertRefusedAsync(good);

        async Task AssertRefusedAsync(string token) =>
            Assert.Contains("requires authentication", (await Ask.Post(IdentityService.Tokens, IdentityService.TokenBody(token, Unscoped)).SendAsync(own.Http)).Is(401).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_a_removed_operator_is_not_exchanged()
    {
        var id = await shared.Server.Native.AddOperatorAsync("leaver", WorkspaceServer.Password, "auditor");
        var token = await shared.IssueAsync("leaver", WorkspaceServer.Password, Unscoped);
        await Service.ExchangeAsync(token, Project);

        var console = await ConsoleTokenAsync(shared);
        (await new Ask("DELETE", $"/api/v1/tenants/{shared.Project}/operators/{id}").With("Authorization", $"Bearer {console}").SendAsync(shared.Http)).Is(204);

        (await Ask.Post(IdentityService.Tokens, IdentityService.TokenBody(token, Project)).SendAsync(shared.Http)).Is(401);
    }

    [Fact]
    public async Task Revoking_a_token_leaves_those_that_were_exchanged_for_it()
    {
        var first = await shared.IssueAsync(shared.Server.Bootstrap.OperatorName, shared.Server.Bootstrap.Password, Unscoped);
        var second = await Service.ExchangeAsync(first, Project);

        (await new Ask("DELETE", IdentityService.Tokens) { Token = second }.With("X-Subject-Token", first).SendAsync(shared.Http)).Is(204);

        (await Ask.Get("/v3/auth/projects", first).SendAsync(shared.Http)).Is(401);
        (await Ask.Get("/v3/auth/projects", second).SendAsync(shared.Http)).Is(200);
    }

    [Fact]
    public async Task An_exchange_opens_no_project_that_a_password_would_not()
    {
        var other = await shared.Server.Native.AddTenantAsync("over there");
        var auditor = await shared.TokenAsync("auditor");
        var first = await shared.TokenAsync();

        foreach (var scope in (string[])[$$"""{"project":{"id":"{{other}}"} }""", """{"project":{"name":"over there"}}"""])
        {
            (await Ask.Post(IdentityService.Tokens, IdentityService.TokenBody(auditor, scope)).SendAsync(shared.Http)).Is(401);
            Assert.Equal(other, await Service.ProjectIdAsync(await Service.ExchangeAsync(first, scope)));
        }

        (await Ask.Post(IdentityService.Tokens, IdentityService.TokenBody(first, $$"""{"project":{"id":"{{other}}","name":"main"} }""")).SendAsync(shared.Http)).Is(401);
        Assert.Equal(shared.Project, await Service.ProjectIdAsync(await Service.ExchangeAsync(first, """{"project":{"name":"rollcall-1"}}""")));
    }

    [Theory]
    [InlineData("""{"project":{"name":"main","domain":{"name":"ROLLCALL"}}}""", 201)]
    [InlineData("""{"project":{"name":"rollcall-1","domain":{"name":"another"}}}""", 401)]
    [InlineData("""{"domain":{"id":"default"}}""", 401)]
    public async Task The_domain_of_a_scope_must_be_this_server(string scope, int status) =>
        (await Ask.Post(IdentityService.Tokens, IdentityService.TokenBody(await FirstAsync(Unscoped), scope)).SendAsync(shared.Http)).Is(status);

    [Fact]
    public async Task D0041_a_password_that_never_expires_has_null_and_not_an_empty_text() =>
        Assert.Equal(
            JsonValueKind.Null, (await Service.LookAsync(await shared.TokenAsync())).GetProperty("user").GetProperty("password_expires_at").ValueKind);

    [Fact]
    public async Task D0044_the_identity_service_stands_in_the_catalog_under_every_interface()
    {
        var catalog = (await Service.LookAsync(await shared.TokenAsync())).GetProperty("catalog").EnumerateArray().ToDictionary(
            service => service.GetProperty("type").GetString()!, service => service.GetProperty("endpoints").EnumerateArray().ToList(), StringComparer.Ordinal);

        Assert.Equal(["public", "internal", "admin"], catalog["identity"].Select(endpoint => endpoint.GetProperty("interface").GetString()));
        Assert.All(catalog["identity"], endpoint => Assert.Equal(new Uri(shared.Http.BaseAddress!, "v3").ToString(), endpoint.GetProperty("url").GetString()));
        foreach (var (service, url) in new[] { ("workspace", $"v2/{shared.Project}"), ("appstream", $"v1/{shared.Project}") })
        {
            var only = Assert.Single(catalog[service]);
            Assert.Equal("public", only.GetProperty("interface").GetString());
            Assert.Equal(("rollcall-1", "rollcall-1"), (only.GetProperty("region").GetString(), only.GetProperty("region_id").GetString()));
            Assert.Equal(new Uri(shared.Http.BaseAddress!, url).ToString(), only.GetProperty("url").GetString());
        }
    }

    /// <summary>By password, as the first operator.</summary>
    private Task<string> FirstAsync(string scope) =>
        shared.IssueAsync(shared.Server.Bootstrap.OperatorName, shared.Server.Bootstrap.Password, scope);

    private static async Task<string> ConsoleTokenAsync(WorkspaceServer server)
    {
        var first = server.Server.Bootstrap;
        var body = JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = first.OperatorName, ["password"] = first.Password });
        return (await Ask.Post("/api/v1/signin", body).SendAsync(server.Http)).Is(200).Json.GetProperty("token").GetString()!;
    }

    private static IReadOnlyList<string> Texts(JsonElement token, string member) => [.. token.GetProperty(member).EnumerateArray().Select(item => item.GetString()!)];
}
