using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>The version, the projects, the domain and the users that clients look up before they work (contract 6.0 and 6.3).</summary>
public sealed class DirectoryTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private const string Stranger = "0123456789abcdef0123456789abcdef";

    private string Address => shared.Http.BaseAddress!.ToString().TrimEnd('/');

    [Theory, InlineData("/v3"), InlineData("/v3/"), InlineData("/V3?x=1")]
    public async Task D0048_the_version_is_the_vendors_and_needs_no_token(string path)
    {
        var version = (await Ask.Get(path).SendAsync(shared.Http)).Is(200).Json.GetProperty("version");

        Assert.Equal("v3.6", version.GetProperty("id").GetString());
        Assert.Equal("stable", version.GetProperty("status").GetString());
        Assert.Equal($"{Address}/v3/", Assert.Single(version.GetProperty("links").EnumerateArray()).GetProperty("href").GetString());
        (await Ask.Get(path, "wrong").SendAsync(shared.Http)).Is(200);
    }

    [Fact]
    public async Task Projects_are_the_callers_own_and_may_be_asked_for_by_the_region()
    {
        foreach (var query in (string[])["", "?name=", "?name=rollcall-1", "?name=Main", "?name=main&domain_id=", $"?parent_id={await DomainAsync()}&domain_id={await DomainAsync()}", "?enabled=true"])
        {
            var list = (await shared.GetAsync("/v3/projects" + query, "auditor")).Is(200).Json;

            Assert.Equal(shared.Project, Assert.Single(list.GetProperty("projects").EnumerateArray()).GetProperty("id").GetString());
            Assert.Equal($"{Address}/v3/projects{query}", list.GetProperty("links").GetProperty("self").GetString());
        }

        foreach (var query in (string[])["?name=other", "?name=ROLLCALL-1", "?name=main&name=main", $"?domain_id={Stranger}", $"?parent_id={Stranger}", "?name=%00", "?name=%F0%9F%98%80"])
            Assert.Empty((await shared.GetAsync("/v3/projects" + query, "auditor")).Is(200).Json.GetProperty("projects").EnumerateArray());
    }

    [Fact]
    public async Task The_first_administrator_finds_every_project_and_in_another_ones_scope_that_one()
    {
        var other = await shared.Server.Native.AddTenantAsync("Zürich");
        var service = new IdentityService(shared.Http, "rollcall");
        var there = await service.ExchangeAsync(await shared.TokenAsync(), $$"""{"project":{"id":"{{other}}"} }""");

        var all = Ids(await shared.GetAsync("/v3/auth/projects"));
        Assert.Equal(shared.Project, all[0]);
        Assert.Contains(other, all);
        Assert.Equal([other], Ids(await shared.GetAsync("/v3/projects?name=Z%C3%BCRICH")));
        Assert.Equal([other], Ids(await Ask.Get("/v3/projects?name=rollcall-1", there).SendAsync(shared.Http)));
        Assert.Equal([other], Ids(await Ask.Get("/v3/projects", there).SendAsync(shared.Http)));
        (await shared.GetAsync($"/v3/projects/{other}")).Is(200);
        Assert.Equal([shared.Project], Ids(await shared.GetAsync("/v3/auth/projects", "administrator")));
        Assert.Empty(Ids(await shared.GetAsync("/v3/projects?name=Z%C3%BCrich", "administrator")));
    }

    [Fact]
    public async Task Anothers_project_and_none_get_the_same_404()
    {
        var other = await shared.Server.Native.AddTenantAsync("hidden");

        var foreign = (await shared.GetAsync($"/v3/projects/{other}", "administrator")).Is(404);

        foreach (var id in (string[])[Stranger, "main", "x", "%01", "..%2f", new('a', 5000)])
            Assert.Equal(foreign.Text, (await shared.GetAsync($"/v3/projects/{id}", "administrator")).Is(404).Text);
        Assert.Equal("main", (await shared.GetAsync($"/v3/projects/{shared.Project}", "self")).Is(200).Json.GetProperty("project").GetProperty("name").GetString());
    }

    [Fact]
    public async Task The_one_domain_is_this_server_whoever_asks()
    {
        var id = await DomainAsync();
        foreach (var path in (string[])["/v3/auth/domains", "/v3/domains", "/v3/domains?name=", "/v3/domains?name=ROLLCALL"])
        {
            var domain = Assert.Single((await shared.GetAsync(path, "self")).Is(200).Json.GetProperty("domains").EnumerateArray());
            Assert.Equal((id, "rollcall"), (domain.GetProperty("id").GetString(), domain.GetProperty("name").GetString()));
        }

        Assert.Equal(id, (await shared.GetAsync($"/v3/domains/{id}", "self")).Is(200).Json.GetProperty("domain").GetProperty("id").GetString());
        Assert.Empty((await shared.GetAsync("/v3/domains?name=another", "self")).Is(200).Json.GetProperty("domains").EnumerateArray());
        (await shared.GetAsync($"/v3/domains/{Stranger}", "self")).Is(404);
        (await shared.GetAsync("/v3/domains/rollcall", "self")).Is(404);
    }

    [Fact]
    public async Task One_sees_oneself_and_an_administrator_sees_the_operators_of_the_tenant()
    {
        var other = await shared.Server.Native.AddTenantAsync("far");
        var far = await shared.Server.Native.AddOperatorAsync("far one", password: null, "auditor", other);
        var near = await shared.Server.Native.AddOperatorAsync("near one", password: null, "auditor");

        foreach (var below in (string[])["", "/projects"])
        {
            var hidden = (await shared.GetAsync($"/v3/users/{near}{below}", "auditor")).Is(403).Text;
            foreach (var id in (string[])["1", $"{far}", "999999", "x", "-1", "99999999999999999999", "%01"])
                Assert.Equal(hidden, (await shared.GetAsync($"/v3/users/{id}{below}", "auditor")).Is(403).Text);
            var none = (await shared.GetAsync($"/v3/users/{far}{below}", "administrator")).Is(404).Text;
            foreach (var id in (string[])["999999", "x", "+1", "1.0"])
                Assert.Equal(none, (await shared.GetAsync($"/v3/users/{id}{below}", "administrator")).Is(404).Text);
            (await shared.GetAsync($"/v3/users/{near}{below}", "administrator")).Is(200);
            (await shared.GetAsync($"/v3/users/{far}{below}")).Is(200);
        }

        Assert.Equal([other], Ids(await shared.GetAsync($"/v3/users/{far}/projects")));
        Assert.Equal("near one", (await shared.GetAsync($"/v3/users/{near}", "administrator")).Json.GetProperty("user").GetProperty("name").GetString());
    }

    private async Task<string> DomainAsync() =>
        Assert.Single((await shared.GetAsync("/v3/auth/domains")).Is(200).Json.GetProperty("domains").EnumerateArray()).GetProperty("id").GetString()!;

    private static IReadOnlyList<string> Ids(Answer answer) =>
        [.. answer.Is(200).Json.GetProperty("projects").EnumerateArray().Select(project => project.GetProperty("id").GetString()!)];
}
