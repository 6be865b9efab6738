using Rollcall.Cli.Commands;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;
using System.Text.Json.Nodes;

namespace Rollcall.Tests.Cli;

/// <summary><c>rollcall hosts</c> and <c>rollcall health</c>, against a running server and against one that answers to order.</summary>
public sealed class FleetCommandTests : IDisposable
{
    private readonly StringWriter output = new();
    private readonly StringWriter errors = new();

    [Fact]
    public async Task Hosts_are_asked_with_every_filter_and_printed_without_escape_sequences()
    {
        await using var server = new FakeServer(FakeServer.Json(200, """{"items":[{"name":"a\u001b[2Jb","state":"silent","events":{"late":7}}],"next_cursor":null}"""));

        var code = await RunAsync(
            "hosts", "--name-contains", "rds 0", "--host-group", "g/1", "--source", "agent://a", "--silent", "--skewed", "--has", "late", "--server", server.Address, "--tenant", "acme", "--token", "t");

        Assert.Equal((ExitCode.Ok, ""), (code, errors.ToString()));
        Assert.Equal(
            "GET /api/v1/tenants/acme/hosts?count=none&name_contains=rds%200&host_group=g%2F1&source=agent%3A%2F%2Fa&silent=true&skewed=true&has=late&limit=100 HTTP/1.1", server.Requests[0].Head);
        Assert.Contains("a?[2Jb", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output.ToString());
    }

    [Fact]
    public async Task What_a_running_server_knows_of_its_hosts_is_printed_as_tables()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(
            NativeServer.Session("started", now.AddDays(-3), "3"),
            NativeClient.Event("rollcall.host.beat", now.AddSeconds(90), new JsonObject { ["host"] = new JsonObject { ["name"] = "RDS-08" } }, "agent://b"));
        string[] to = ["--server", server.Server.BaseAddress.ToString(), "--tenant", server.Tenant, "--token", await server.TokenAsync("auditor")];

        Assert.Equal(ExitCode.Ok, await RunAsync(["health", "--open-longer-than", "P2D", .. to]));
        Assert.Equal(ExitCode.Ok, await RunAsync(["hosts", .. to]));
        Assert.Equal(ExitCode.Ok, await RunAsync(["hosts", "show", "rds-07", .. to]));
        Assert.Equal(ExitCode.Failed, await RunAsync(["hosts", "show", "RDS-99", .. to]));

        var lines = output.ToString().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToList();
        Assert.Contains("Hosts: 2, 1 beating, 0 silent, 1 without beats", lines);
        Assert.Contains("Clocks off by more than 30000 ms: 1", lines);
        Assert.Contains("RDS-08 90000 beats 2030-03-01T09:00:00.000Z", lines);
        Assert.Contains("Sessions open longer than P2D: 1", lines);
        Assert.Contains(lines, line => line.StartsWith("anna RDS-07 active 2030-02-26T09:00:00.000Z ", StringComparison.Ordinal));
        Assert.Contains("Events: 1 accepted, 0 duplicate, 0 late, 1 backfilled, 0 rejected", lines);
        Assert.Contains("Newest event: 259200000 ms on its way, 2030-03-01T09:00:00.000Z, RDS-07, agent://a", lines);
        Assert.Contains("RDS-08 - beating - 2030-03-01T09:00:00.000Z 180 0 90000 beats 0 0 0 0 0", lines);
        Assert.Contains("agent://a False 2030-03-01T09:00:00.000Z 2030-02-26T09:00:00.000Z - 1 0 0 1 0", lines);
        Assert.Contains("There is no host of this name", errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hosts", "--has", "beats")]
    [InlineData("hosts", "--limit", "0")]
    [InlineData("hosts", "show")]
    public async Task A_command_line_that_cannot_be_meant_exits_with_2(params string[] args) =>
        Assert.Equal(ExitCode.Usage, await RunAsync([.. args, "--tenant", "t", "--token", "t"]));

    public void Dispose()
    {
        output.Dispose();
        errors.Dispose();
    }

    private Task<int> RunAsync(params string[] args) => RollcallCommand.InvokeAsync(
        new CliContext { Out = output, Error = errors, Time = TimeProvider.System, Variable = _ => null, IsWatched = false }, args, CancellationToken.None);
}
