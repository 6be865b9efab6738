using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Connections, sign-ins and the other lists: one way of paging (native API, "Asking").</summary>
public sealed class ListTests
{
    private static readonly DateTimeOffset Seven = new(2030, 3, 1, 7, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Connections_are_found_by_each_of_their_filters()
    {
        await using var server = await FilledAsync();
        foreach (var (query, found) in new[]
        {
            ("", "3 2 1"), ("user=anna", "1"), ("user_contains=BO", "3 2"), ("host=rds-07", "3 2 1"), ("host=rds-08", ""), ("client_ip=10.9.0.0/16", "1"), ("failed=true", "3"), ("failed=false", "2 1"),
            ("failed_code=4711", "3"), ("from=2030-03-01T07:20:00Z&to=2030-03-01T08:00:00Z", "2"),
        })
        {
            var items = NativeServer.Items(await server.GetAsync("connections?" + query));
            Assert.Equal(found, string.Join(' ', items.Select(item => item.GetProperty("requested_at").GetString()![11..16] switch { "07:00" => 1, "07:20" => 2, _ => 3 })));
        }

        var failed = NativeServer.Items(await server.GetAsync("connections?failed=true"))[0];
        Assert.Equal(("bob", "4711"), (failed.GetProperty("user").GetString(), failed.GetProperty("failure").GetProperty("code").GetString()));
        (await server.GetAsync($"sessions/{failed.GetProperty("session_id").GetString()}")).Is(200);
    }

    [Fact]
    public async Task No_cache_keeps_an_answer_or_a_refusal()
    {
        await using var server = await NativeServer.StartAsync();
        foreach (var path in new[] { "signins", "sessions?limit=1", "sessions?limit=0" })
            Assert.Equal("no-store", (await server.GetAsync(path)).Header("Cache-Control"));
    }

    [Fact]
    public async Task Sign_ins_are_found_with_what_ended_them()
    {
        await using var server = await NativeServer.StartAsync();
        var token = await server.SignInAsync(server.Server.Bootstrap.OperatorName, server.Server.Bootstrap.Password);
        (await new Ask("POST", "/api/v1/signout") { Token = token }.SendAsync(server.Server.Http)).Is(204);
        server.Clock.Advance(TimeSpan.FromHours(1));
        await server.SignInAsync(server.Server.Bootstrap.OperatorName, server.Server.Bootstrap.Password);
        await server.Server.Native.SendAsync(NativeClient.Event(
            "rollcall.signin.started", Seven,
            new JsonObject { ["host"] = new JsonObject { ["name"] = "LT-1" }, ["operator"] = "jsmith", ["console_type"] = 5, ["browser_session_id"] = 7 }));
        var all = NativeServer.Items(await server.GetAsync("signins?from=2030-03-01T06:00:00Z"));

        Assert.Contains(all, item => item.GetProperty("ended_at").GetString() == "2030-03-01T09:00:00.000Z");
        var foreign = Assert.Single(NativeServer.Items(await server.GetAsync("signins?operator=JSMITH&host=lt-1")));
        Assert.Equal(("jsmith", "LT-1", "2030-03-01T07:00:00.000Z"), (foreign.GetProperty("operator").GetString(), foreign.GetProperty("host").GetString(), foreign.GetProperty("started_at").GetString()));
        Assert.Empty(NativeServer.Items(await server.GetAsync("signins?operator=jsmith&client_ip=0.0.0.0/0")));
        Assert.All(NativeServer.Items(await server.GetAsync("signins?open=true")), item => Assert.Equal(System.Text.Json.JsonValueKind.Null, item.GetProperty("ended_at").ValueKind));
        Assert.Equal(all.Count - 1, NativeServer.Items(await server.GetAsync("signins?open=true")).Count);
        Assert.Equal(all.Count - 2, NativeServer.Items(await server.GetAsync("signins?open=true&client_ip=127.0.0.0/8")).Count);
    }

    [Theory]
    [InlineData("connections"), InlineData("signins"), InlineData("users"), InlineData("hosts"), InlineData("host-groups"), InlineData("sessions"), InlineData("stats/usage")]
    public async Task Every_list_pages_alike(string list)
    {
        await using var server = await FilledAsync();
        await server.Server.Native.PutUserAsync("anna", new JsonObject());
        await server.Server.Native.PutUserAsync("carol", new JsonObject());
        await server.SignInAsync(server.Server.Bootstrap.OperatorName, server.Server.Bootstrap.Password);
        var whole = (await server.GetAsync(list)).Is(200).Json;
        var total = whole.GetProperty("items").GetArrayLength();
        Assert.True(total >= 2 && whole.GetProperty("count").GetInt32() == total, "there are pages");
        var first = (await server.GetAsync($"{list}?limit=1&count=none")).Is(200).Json;
        var cursor = first.GetProperty("next_cursor").GetString();

        var rest = (await server.GetAsync($"{list}?limit=1000&cursor={cursor}")).Is(200).Json;

        Assert.Equal(System.Text.Json.JsonValueKind.Null, first.GetProperty("count").ValueKind);
        Assert.Equal(total - 1, rest.GetProperty("items").GetArrayLength());
        Assert.Equal((total, null), (rest.GetProperty("count").GetInt32(), rest.GetProperty("next_cursor").GetString()));
        (await server.GetAsync($"{list}?cursor={cursor}x")).As(400, "malformed", "cursor");
        (await server.GetAsync($"{(list is "users" ? "hosts" : "users")}?cursor={cursor}")).As(400, "malformed", "cursor");
        (await server.GetAsync($"{list}?count=all")).As(400, "malformed", "count");
        (await server.GetAsync($"{list}?limit=0")).As(400, "malformed", "limit");
        (await server.GetAsync($"{list}?frm=2030-03-01T07:00:00Z")).As(400, "malformed", "frm");
    }

    [Fact]
    public async Task Hosts_are_listed_with_the_busiest_first_and_a_cursor_of_one_order_is_none_of_the_other()
    {
        await using var server = await FilledAsync();
        await server.Server.Native.SendAsync(NativeServer.Session("started", Seven.AddMinutes(50), "9", "carol"));

        var first = (await server.GetAsync("hosts?order=-open_sessions&limit=1")).Is(200).Json;
        var cursor = first.GetProperty("next_cursor").GetString();
        var second = NativeServer.Items(await server.GetAsync($"hosts?order=-open_sessions&limit=1&cursor={cursor}"));

        var busiest = Assert.Single(first.GetProperty("items").EnumerateArray());
        Assert.Equal(("RDS-07", 2), (busiest.GetProperty("name").GetString(), busiest.GetProperty("open_sessions").GetInt32()));
        Assert.Equal("RDS-08", Assert.Single(second).GetProperty("name").GetString());
        (await server.GetAsync($"hosts?cursor={cursor}")).As(400, "malformed", "cursor");
        (await server.GetAsync("hosts?order=open_sessions")).As(400, "malformed", "order");
    }

    /// <summary>Two hosts in two groups, three sessions, one of which failed.</summary>
    private static async Task<NativeServer> FilledAsync()
    {
        var server = await NativeServer.StartAsync();
        var failed = NativeServer.Session("failed", Seven.AddHours(1), "3", @"CORP\bob");
        failed["data"]!["user"] = "bob";
        failed["data"]!["failure"] = new JsonObject { ["code"] = "4711", ["reason"] = "no licence" };
        var anna = NativeServer.Session("started", Seven, "1", @"CORP\anna");
        anna["data"]!["client"] = new JsonObject { ["name"] = "LT-2211", ["ip"] = "10.9.1.4" };
        await server.Server.Native.SendAsync(
            anna, NativeServer.Session("started", Seven.AddMinutes(20), "2", "bob"), NativeServer.Session("ended", Seven.AddMinutes(40), "2", "bob"), failed, Boot("RDS-08", "g1"), Boot("RDS-09", "g2"));
        return server;
    }

    private static JsonObject Boot(string host, string group) => NativeClient.Event(
        "rollcall.host.started", Seven, new JsonObject { ["host"] = new JsonObject { ["name"] = host, ["group_id"] = group, ["boot_id"] = "b1" } });
}
