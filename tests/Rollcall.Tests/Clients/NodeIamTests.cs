using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Clients;

/// <summary>The official Node.js IAM client, unmodified, and what the core client asks of IAM by itself.</summary>
public sealed class NodeIamTests(SdkProcess sdk) : IClassFixture<SdkProcess>
{
    private const string Tasks = "/v2/{project_id}/export-tasks";

    [Fact]
    public async Task Projects_are_listed_whole_and_by_region_or_name()
    {
        foreach (var argument in (JsonObject?[])[null, new() { ["name"] = sdk.Bootstrap.Region }, new() { ["name"] = sdk.Bootstrap.TenantName }])
        {
            var project = Assert.Single((await sdk.IamAsync("keystoneListProjects", argument)).Json.GetProperty("projects").EnumerateArray());

            Assert.Equal(sdk.Bootstrap.TenantId, project.GetProperty("id").GetString());
            Assert.Equal(sdk.Bootstrap.TenantName, project.GetProperty("name").GetString());
        }

        Assert.Empty((await sdk.IamAsync("keystoneListProjects", new JsonObject { ["name"] = "nowhere-1" })).Json.GetProperty("projects").EnumerateArray());
    }

    [Fact]
    public async Task A_client_with_a_region_and_no_project_finds_its_project_by_itself()
    {
        var credentials = sdk.Key();
        credentials.Remove("projectId");
        credentials["iamEndpoint"] = sdk.Server.BaseAddress.ToString().TrimEnd('/');

        foreach (var told in (JsonObject?[])[credentials, null])
        {
            var answer = await sdk.SendAsync(told, SdkProcess.Request("GET", Tasks), sdk.Bootstrap.Region);

            Assert.Equal(JsonValueKind.Array, answer.Json.GetProperty("export_tasks").ValueKind);
        }
    }

    [Fact]
    public async Task What_a_caller_may_have_a_token_for_is_listed()
    {
        var project = Assert.Single((await sdk.IamAsync("keystoneListAuthProjects")).Json.GetProperty("projects").EnumerateArray());
        var domain = Assert.Single((await sdk.IamAsync("keystoneListAuthDomains")).Json.GetProperty("domains").EnumerateArray());
        var shown = (await sdk.IamAsync("keystoneShowProject", new JsonObject { ["project_id"] = sdk.Bootstrap.TenantId })).Json.GetProperty("project");

        Assert.Equal(sdk.Bootstrap.TenantId, project.GetProperty("id").GetString());
        Assert.Equal(sdk.Bootstrap.Domain, domain.GetProperty("name").GetString());
        Assert.Equal((sdk.Bootstrap.TenantName, domain.GetProperty("id").GetString()), (shown.GetProperty("name").GetString(), shown.GetProperty("domain_id").GetString()));
    }

    [Fact]
    public async Task A_client_of_the_domain_finds_its_domain_by_itself()
    {
        var credentials = sdk.Key();
        (credentials["kind"], credentials["iamEndpoint"]) = ("global", sdk.Server.BaseAddress.ToString().TrimEnd('/'));

        var answer = await sdk.SendAsync(credentials, SdkProcess.Request("GET", "/v3/domains/{domain_id}"), sdk.Bootstrap.Region);

        Assert.Equal(sdk.Bootstrap.Domain, answer.Json.GetProperty("domain").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_token_is_issued_looked_at_and_used()
    {
        var issued = (await sdk.IamAsync("keystoneCreateUserTokenByPassword", new JsonObject { ["nocatalog"] = "true", ["body"] = PasswordBody() })).Json;
        var token = issued.GetProperty("X-Subject-Token").GetString();
        Assert.Equal(sdk.Bootstrap.TenantId, issued.GetProperty("token").GetProperty("project").GetProperty("id").GetString());

        var seen = (await sdk.IamAsync("keystoneValidateToken", new JsonObject { ["X-Subject-Token"] = token })).Json;

        Assert.Equal(issued.GetProperty("token").GetProperty("expires_at").GetString(), seen.GetProperty("token").GetProperty("expires_at").GetString());
        (await Ask.Get($"/v2/{sdk.Bootstrap.TenantId}/export-tasks", token).SendAsync(sdk.Server.Http)).Is(200);
    }

    [Fact]
    public async Task A_refusal_of_IAM_has_its_number_as_code_and_a_request_id()
    {
        var answer = await sdk.IamAsync("keystoneValidateToken", new JsonObject { ["X-Subject-Token"] = "none" });

        Assert.Equal(("ClientRequestException", 404), (answer.Kind, answer.Status));
        Assert.Equal("404", answer.Error("errorCode"));
        Assert.Equal("X-Subject-Token is invalid in the request", answer.Error("errorMsg"));
        Assert.Equal(32, answer.Error("requestId")!.Length);
    }

    private JsonObject PasswordBody() => JsonNode.Parse(
        Dialects.HuaweiWorkspace.WorkspaceServer.TokenBody(sdk.Bootstrap.OperatorName, sdk.Bootstrap.Password, $$$"""{"project":{"name":"{{{sdk.Bootstrap.Region}}}"}}"""))!.AsObject();
}
