using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>
/// Our identity service beside the real Keystone: the same requests, answers compared member by member, and Keystone's own clients,
/// as Debian packages them, run against both.
/// </summary>
[Collection(nameof(BothServices))]
public sealed class KeystoneTests(RealKeystone keystone, OurIdentity ours)
{
    private const string Environment = "/usr/bin/env";
    private const string Python = "/usr/bin/python3";
    private const string OpenStack = "/usr/bin/openstack";

    public static TheoryData<string> Requests => [.. KeystoneRequests.Same.Keys];

    [Theory, MemberData(nameof(Requests))]
    public async Task An_answer_has_the_status_members_and_types_of_Keystones(string request)
    {
        var (theirs, mine) = await Both.AskAsync(KeystoneRequests.Same[request], keystone, ours);

        Assert.Equal(Both.Facts(theirs), Both.Facts(mine));
    }

    [Fact]
    public async Task Keystones_own_library_issues_checks_exchanges_and_revokes_tokens_and_lists_projects()
    {
        RealPart.Require("python3-keystoneclient", () => File.Exists("/usr/lib/python3/dist-packages/keystoneclient/__init__.py"));
        RealPart.Require(RealKeystone.Package, () => RealKeystone.IsHere);

        var theirs = await LibraryAsync(keystone.Service!);
        var mine = await LibraryAsync(ours.Service);

        Assert.Equal(theirs.Replace("\"Default\"", "\"rollcall\"", StringComparison.Ordinal), mine);
        var seen = JsonElement.Parse(mine);
        Assert.Equal(["main"], seen.GetProperty("my_projects").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("[\"NotFound\",404]", JsonSerializer.Serialize(seen.GetProperty("revoked_token_is")));
        Assert.True(seen.GetProperty("issued").GetProperty("exchanged").GetProperty("is_chained").GetBoolean());
    }

    [Fact]
    public async Task The_openstack_command_issues_and_revokes_a_token_and_lists_projects()
    {
        RealPart.Require("python3-openstackclient", () => File.Exists(OpenStack));

        var issued = (await OpenStackAsync(ours.Service, "token", "issue", "-f", "json"))!.Value;
        var token = issued.GetProperty("id").GetString()!;
        var mine = (await OpenStackAsync(ours.Service, "project", "list", "--my-projects", "-f", "json"))!.Value;
        var all = (await OpenStackAsync(ours.Service, "project", "list", "-f", "json"))!.Value;
        var shown = (await OpenStackAsync(ours.Service, "project", "show", "main", "-f", "json"))!.Value;
        Assert.Equal("1", await ours.Service.UserIdAsync(token));
        await OpenStackAsync(ours.Service, "token", "revoke", token);

        Assert.Equal(ours.Server.Bootstrap.TenantId, issued.GetProperty("project_id").GetString());
        Assert.Equal([ours.Server.Bootstrap.TenantId], mine.EnumerateArray().Select(project => project.GetProperty("ID").GetString()));
        Assert.Equal(mine.GetRawText(), all.GetRawText());
        Assert.Equal(ours.Server.Bootstrap.TenantId, shown.GetProperty("id").GetString());
        (await Ask.Get("/v3/auth/projects", token).SendAsync(ours.Service.Http)).Is(401);
    }

    [Fact]
    public async Task The_openstack_command_prints_of_our_answers_what_it_prints_of_Keystones()
    {
        RealPart.Require("python3-openstackclient", () => File.Exists(OpenStack));
        RealPart.Require(RealKeystone.Package, () => RealKeystone.IsHere);

        foreach (var command in (string[][])[["project", "list", "--long"], ["project", "show", "main"]])
        {
            var theirs = await OpenStackAsync(keystone.Service!, [.. command, "-f", "json"]);
            var mine = await OpenStackAsync(ours.Service, [.. command, "-f", "json"]);

            Assert.Equal(JsonShape.Of(theirs!.Value), JsonShape.Of(mine!.Value));
        }
    }

    private static async Task<string> LibraryAsync(IdentityService service)
    {
        var script = Checkout.PathOf("tests", "openstack", "identity.py");
        var printed = await RealPart.TryRunAsync(
            Environment, "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", Python, script, UrlOf(service), "admin", WorkspaceServer.Password, service.Domain, "main");
        Assert.NotNull(printed);
        return printed;
    }

    /// <summary>The command with nothing but its own variables; what it prints as JSON, null when it prints nothing.</summary>
    private static async Task<JsonElement?> OpenStackAsync(IdentityService service, params string[] arguments)
    {
        var printed = await RealPart.TryRunAsync(
            Environment,
            [
                "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent", "OS_IDENTITY_API_VERSION=3", $"OS_AUTH_URL={UrlOf(service)}",
                "OS_USERNAME=admin", $"OS_PASSWORD={WorkspaceServer.Password}", $"OS_USER_DOMAIN_NAME={service.Domain}",
                $"OS_PROJECT_DOMAIN_NAME={service.Domain}", "OS_PROJECT_NAME=main", OpenStack, .. arguments,
            ]);
        Assert.NotNull(printed);
        return printed.Length == 0 ? null : JsonElement.Parse(printed);
    }

    private static string UrlOf(IdentityService service) => new Uri(service.Http.BaseAddress!, "v3").ToString();
}
