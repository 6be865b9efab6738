using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Identity;
using Rollcall.Tests.Dialects.HuaweiWorkspace;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Clients;

/// <summary>What docs/clients.md says can be done is done, with the very words of the page.</summary>
public sealed class DocumentedClientTests
{
    private static readonly string[] Bash = ["/bin/bash", "-euo", "pipefail", "-c"];
    private static readonly string[] Python = ["/usr/bin/python3", "-c"];
    private static readonly string[] Node = ["node", "-e"];

    private static string Modules => Checkout.PathOf("tests", "clients", "node", "node_modules");

    [Fact]
    public async Task The_examples_for_Nodejs_print_a_count_and_fetch_a_file()
    {
        SdkProcess.Require();
        await using var server = await RunningServer.StartAsync();
        using var folder = new TemporaryFolder();
        var blocks = Documented.Blocks("Huawei Cloud, Node.js");

        Assert.Equal("0\n", await Documented.RunAsync(server, folder, Node, blocks[0], Modules));
        Assert.Equal(string.Empty, await Documented.RunAsync(server, folder, Node, blocks[1], Modules));

        AssertCsv(folder.File("connections.csv"));
    }

    [Fact]
    public async Task The_example_for_keystoneauth_prints_a_count_and_a_length()
    {
        RealPart.Require("python3-keystoneauth1", () => Directory.Exists("/usr/lib/python3/dist-packages/keystoneauth1"));
        await using var server = await RunningServer.StartAsync();
        using var folder = new TemporaryFolder();

        var printed = await Documented.RunAsync(server, folder, Python, Assert.Single(Documented.Blocks("keystoneauth")));

        Assert.Matches("^0 [1-9][0-9]+\n$", printed);
    }

    [Fact]
    public async Task The_example_for_curl_with_a_token_lists_tasks_and_fetches_a_workbook()
    {
        RealPart.Require("curl", () => RealPart.IsInPath("curl"));
        await using var server = await RunningServer.StartAsync();
        using var folder = new TemporaryFolder();

        var printed = await Documented.RunAsync(server, folder, Bash, Assert.Single(Documented.Blocks("curl, with a token")));

        Assert.StartsWith("""{"export_tasks":[],"count":0}""", printed, StringComparison.Ordinal);
        Assert.Equal("PK"u8.ToArray(), (await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(folder.Path, "connections-*.xlsx"))))[..2]);
    }

    [Fact]
    public async Task The_example_for_curl_signs_lists_orders_and_files()
    {
        RequireSigning();
        await using var server = await RunningServer.StartAsync();
        using var folder = new TemporaryFolder();

        var printed = await Documented.RunAsync(server, folder, Bash, Assert.Single(Documented.Blocks("curl, signed with an access key")));

        Assert.StartsWith("""{"count":0,"items":[]}{"task_id":""", printed, StringComparison.Ordinal);
        AssertCsv(folder.File("connections.csv"));
    }

    [Fact]
    public async Task The_signing_example_signs_escaped_values_bodies_in_any_script_and_secrets_like_options()
    {
        RequireSigning();
        await using var server = await RunningServer.StartAsync();
        using var folder = new TemporaryFolder();
        await server.Native.SendAsync(WorkspaceServer.Event("started", new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero), WorkspaceServer.Bare("1", "a+b 王/ü")));
        var example = Assert.Single(Documented.Blocks("curl, signed with an access key"));
        var function = example[..example.IndexOf("\nsigned GET", StringComparison.Ordinal)];
        await AddKeyAsync(server, "AKDASH", "-hmac \"$x' ü");

        var printed = await Documented.RunAsync(server, folder, Bash, function + """

            AK=AKDASH SK='-hmac "$x'"' ü"
            signed GET "$URL/v1/$PROJECT/session/list-sessions?query_begin_time=2026-01-01T00%3A00Z&query_end_time=2026-12-31T00%3A00Z&user_name=a%2Bb%20%E7%8E%8B%2F%C3%BC"
            signed POST "$URL/v1/$PROJECT/session/list-sessions/export" '{"user_name":"王\"$(x)"}'
            SK=wrong
            signed GET "$URL/v2/$PROJECT/export-tasks"
            """);

        Assert.StartsWith("""{"count":1,"items":[{""", printed, StringComparison.Ordinal);
        Assert.Contains("}{\"task_id\":\"", printed, StringComparison.Ordinal);
        Assert.Contains("verify aksk signature fail", printed, StringComparison.Ordinal);
    }

    private static void AssertCsv(string path) => Assert.StartsWith("\uFEFFConnection ID,", Encoding.UTF8.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal);

    private static void RequireSigning()
    {
        RealPart.Require("curl", () => RealPart.IsInPath("curl"));
        RealPart.Require("openssl", () => RealPart.IsInPath("openssl"));
    }

    private static Task AddKeyAsync(RunningServer server, string key, string secret)
    {
        Assert.True(TenantId.TryParse(server.Bootstrap.TenantId, out var tenant));
        var box = server.Services.GetRequiredService<SecretSealer>().Seal(Bootstrap.AccessKeyPurpose, Encoding.UTF8.GetBytes(secret));
        return server.Services.GetRequiredService<IIdentityStore>().AddAccessKeyAsync(
            new AccessKey(tenant, key, server.Bootstrap.OperatorId, box, DateTimeOffset.UnixEpoch), CancellationToken.None);
    }
}
