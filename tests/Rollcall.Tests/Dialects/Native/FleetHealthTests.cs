using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Hosts, host groups and health over the wire, each test on a server of its own at 2030-03-01 09:00.</summary>
public sealed class FleetHealthTests
{
    private const int LeaseSeconds = 90;

    [Fact]
    public async Task A_host_shows_its_beats_its_sessions_and_what_became_of_its_events()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(NativeServer.Session("started", now, "3"), Beat(now.AddSeconds(2), "RDS-07", "3"));

        var host = Assert.Single(NativeServer.Items(await server.GetAsync("hosts")));

        Assert.Equal(
            """
            {"name":"RDS-07","sid":null,"ip":"10.2.0.17","group_id":"g-1","group_name":"Finance","first_seen":"2030-03-01T09:00:00.000Z","last_seen":"2030-03-01T09:00:00.000Z",
            "last_beat":"2030-03-01T09:00:02.000Z","last_beat_received_at":"2030-03-01T09:00:00.000Z","lease_seconds":90,"state":"beating","silent_since":null,"open_sessions":1,
            "skew_ms":2000,"skew_from":"beats","skew_at":"2030-03-01T09:00:00.000Z","skew_exceeded":false,"beats":1,
            "events":{"accepted":1,"duplicate":0,"late":0,"backfilled":0,"rejected":0}}
            """.ReplaceLineEndings(string.Empty),
            host.GetRawText());
    }

    [Fact]
    public async Task A_host_that_fell_silent_is_in_the_health_and_at_the_path_that_it_names()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(NativeServer.Session("started", now, "3"), Beat(now, "RDS-07", "3"), Beat(now, "RDS-08"));
        await PassAsync(server, seconds: 60);
        await server.Server.Native.SendAsync(Beat(server.Clock.GetUtcNow(), "RDS-08"));
        await PassAsync(server, seconds: 40);

        var health = (await server.GetAsync("health")).Is(200).Json;

        Assert.Equal("""{"count":2,"beating":1,"no_beats":0}""", Without(health.GetProperty("hosts"), "path"));
        var silent = health.GetProperty("silent_hosts");
        Assert.Equal(
            """[{"name":"RDS-07","silent_since":"2030-03-01T09:01:30.000Z","last_beat":"2030-03-01T09:00:00.000Z","open_sessions":0}]""", silent.GetProperty("first").GetRawText());
        var led = Assert.Single(NativeServer.Items(await FollowAsync(server, silent)));
        Assert.Equal(("RDS-07", "silent", "2030-03-01T09:01:30.000Z"), (Text(led, "name"), Text(led, "state"), Text(led, "silent_since")));
        Assert.Equal(JsonValueKind.Null, health.GetProperty("last_purge").ValueKind);
    }

    [Fact]
    public async Task A_clock_over_the_limit_is_shown_with_what_it_was_read_from_and_one_at_the_limit_is_not()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(Beat(now.AddSeconds(30), "AT-LIMIT"), Beat(now.AddSeconds(31), "OVER"), Event("host.started", now.AddMinutes(2), "NO-BEATS"));

        var skewed = (await server.GetAsync("health")).Is(200).Json.GetProperty("skewed_hosts");

        Assert.Equal((2, 30_000), (skewed.GetProperty("count").GetInt32(), skewed.GetProperty("limit_ms").GetInt32()));
        var led = NativeServer.Items(await FollowAsync(server, skewed)).Select(host => (Text(host, "name"), Text(host, "skew_from"), host.GetProperty("skew_ms").GetInt64(), host.GetProperty("skew_exceeded").GetBoolean()));
        Assert.Equal([("NO-BEATS", "events", 120_000, true), ("OVER", "beats", 31_000, true)], led);
        Assert.Equal("AT-LIMIT", Text(Assert.Single(NativeServer.Items(await server.GetAsync("hosts?skewed=false"))), "name"));
    }

    [Fact]
    public async Task The_limits_are_settings()
    {
        var clock = FakeClock.AtNine();
        await using var server = await RunningServer.StartAsync(new ServerOptions { Ledger = new LedgerOptions { ClockSkewWarningSeconds = 3, LateSeconds = 60 } }, clock);
        await server.Native.SendAsync(Beat(clock.GetUtcNow().AddSeconds(4), "RDS-07"), Event("host.started", clock.GetUtcNow(), "RDS-07"));
        clock.Advance(TimeSpan.FromSeconds(61));
        await server.Native.SendAsync(Event("host.stopped", clock.GetUtcNow().AddSeconds(-61), "RDS-07"));

        var health = (await new Ask("GET", $"/api/v1/tenants/{server.Bootstrap.TenantId}/health") { Token = await server.Native.TokenAsync() }.SendAsync(server.Http)).Is(200).Json;

        Assert.Equal((1, 3_000), (health.GetProperty("skewed_hosts").GetProperty("count").GetInt32(), health.GetProperty("skewed_hosts").GetProperty("limit_ms").GetInt32()));
        Assert.Equal(1, Count(health.GetProperty("events"), "late"));
    }

    [Theory]
    [InlineData("--Ledger:ClockSkewWarningSeconds", "0")]
    [InlineData("--Ledger:LateSeconds", "0")]
    [InlineData("--Ledger:LateSeconds", "2592001")]
    public void A_limit_that_cannot_be_meant_stops_the_start(string setting, string value) =>
        Assert.Contains(setting[2..], Assert.Throws<SettingException>(() => ServerConfiguration.Read([setting, value])).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Late_repeated_and_rejected_events_are_counted_by_source_and_found_by_host()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        var first = Event("host.started", now, "RDS-07", id: "1");
        await server.Server.Native.SendAsync(first, Event("host.started", now, "RDS-08", "agent://b"));
        server.Clock.Advance(TimeSpan.FromMinutes(20));
        var late = Event("host.stopped", now.AddMinutes(4), "RDS-07");
        var conflict = Event("host.started", now.AddMinutes(9), "RDS-07", id: "1");
        var ahead = Event("host.started", now.AddDays(2), "RDS-07");
        var noTime = Event("host.started", now, "RDS-07");
        noTime.Remove("time");

        var receipt = (await SendAsync(server, first, late, conflict, ahead, noTime, new JsonObject { ["source"] = "script://c" }, new JsonObject())).Is(200).Json;

        Assert.Equal((1, 1, 5), (receipt.GetProperty("accepted").GetInt32(), receipt.GetProperty("duplicate").GetInt32(), receipt.GetProperty("rejected").GetArrayLength()));
        var events = (await server.GetAsync("health")).Is(200).Json.GetProperty("events");
        Assert.Equal((3, 1, 1, 5), (events.GetProperty("accepted").GetInt32(), Count(events, "duplicate"), Count(events, "late"), Count(events, "rejected")));
        Assert.Equal(900_000, events.GetProperty("late_after_ms").GetInt32());
        foreach (var what in (string[])["late", "duplicate", "rejected"])
            Assert.Equal("RDS-07", Text(Assert.Single(NativeServer.Items(await FollowAsync(server, events.GetProperty(what)))), "name"));
        var sources = events.GetProperty("sources").GetProperty("first").EnumerateArray().ToList();
        Assert.Equal(["agent://a", null, "script://c"], sources.Select(source => source.GetProperty("source").GetString()).OrderBy(name => name is null ? "b" : name, StringComparer.Ordinal));
        var agent = sources.Single(source => source.GetProperty("source").GetString() is "agent://a");
        Assert.Equal("""{"accepted":2,"duplicate":1,"late":1,"backfilled":0,"rejected":3}""", agent.GetProperty("events").GetRawText());
        Assert.Equal("2030-03-01T09:20:00.000Z", Text(agent, "last_late_at"));
        Assert.Equal("RDS-07", Text(Assert.Single(NativeServer.Items(await FollowAsync(server, agent))), "name"));
    }

    [Fact]
    public async Task One_host_says_what_each_source_said_of_it()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(Event("host.started", now.AddSeconds(-5), "RDS-07"), Event("host.started", now.AddDays(-3), "RDS-07", "import://b"), Beat(now, "RDS-07"));

        var host = (await server.GetAsync("hosts/rds-07")).Is(200).Json;

        Assert.Equal(2, host.GetProperty("source_count").GetInt32());
        Assert.Equal(
            [
                """{"source":"agent://a","sends_beats":true,"events":{"accepted":1,"duplicate":0,"late":0,"backfilled":0,"rejected":0},"first_received_at":"2030-03-01T09:00:00.000Z","last_received_at":"2030-03-01T09:00:00.000Z","newest_event":"2030-03-01T08:59:55.000Z","skew_ms":-5000,"skew_from":"events","skew_at":"2030-03-01T09:00:00.000Z"}""",
                """{"source":"import://b","sends_beats":false,"events":{"accepted":1,"duplicate":0,"late":0,"backfilled":1,"rejected":0},"first_received_at":"2030-03-01T09:00:00.000Z","last_received_at":"2030-03-01T09:00:00.000Z","newest_event":"2030-02-26T09:00:00.000Z","skew_ms":null,"skew_from":null,"skew_at":null}""",
            ],
            host.GetProperty("sources").EnumerateArray().Select(source => source.GetRawText()));
        (await server.GetAsync("hosts/RDS-99")).As(404, "not-found");
    }

    [Fact]
    public async Task Sessions_open_for_longer_than_asked_are_counted_and_lead_to_the_same_rows()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync([.. Enumerable.Range(1, 25).Select(day => NativeServer.Session("started", now.AddDays(-day), $"{day}", $"user-{day}"))]);

        var open = (await server.GetAsync("health?open_longer_than=P2D")).Is(200).Json.GetProperty("open_sessions");
        var byDefault = (await server.GetAsync("health")).Is(200).Json.GetProperty("open_sessions");

        Assert.Equal((23, "P2D", 20), (open.GetProperty("count").GetInt32(), Text(open, "longer_than"), open.GetProperty("first").GetArrayLength()));
        Assert.Equal((24, "P1D"), (byDefault.GetProperty("count").GetInt32(), Text(byDefault, "longer_than")));
        Assert.Equal(23, (await FollowAsync(server, open)).Is(200).Json.GetProperty("count").GetInt32());
        Assert.Equal("user-25", Text(open.GetProperty("first")[0], "user"));
    }

    [Fact]
    public async Task The_lag_is_of_the_event_that_arrived_last()
    {
        await using var server = await NativeServer.StartAsync();
        Assert.Equal(JsonValueKind.Null, (await server.GetAsync("health")).Is(200).Json.GetProperty("lag").ValueKind);
        var now = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(Event("host.started", now, "RDS-07"));
        server.Clock.Advance(TimeSpan.FromSeconds(9));
        await server.Server.Native.SendAsync(Event("host.started", now.AddSeconds(2), "RDS-08", "agent://b"));

        Assert.Equal(
            """{"lag_ms":7000,"time":"2030-03-01T09:00:02.000Z","received_at":"2030-03-01T09:00:09.000Z","source":"agent://b","host":"RDS-08"}""",
            (await server.GetAsync("health")).Is(200).Json.GetProperty("lag").GetRawText());
    }

    [Fact]
    public async Task Lists_follow_their_cursors_and_count_exactly_or_not_at_all()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync([.. Enumerable.Range(1, 5).Select(n => Beat(now, $"RDS-{n}", group: $"g-{n % 2}"))]);

        var first = (await server.GetAsync("hosts?limit=3&name_contains=rds")).Is(200).Json;
        var rest = (await server.GetAsync($"hosts?limit=3&name_contains=rds&count=none&cursor={Text(first, "next_cursor")}")).Is(200).Json;
        var groups = (await server.GetAsync("host-groups?limit=1")).Is(200).Json;

        Assert.Equal((5, 3, 2), (first.GetProperty("count").GetInt32(), first.GetProperty("items").GetArrayLength(), rest.GetProperty("items").GetArrayLength()));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (rest.GetProperty("count").ValueKind, rest.GetProperty("next_cursor").ValueKind));
        Assert.Equal("""[{"id":"g-0","name":"Finance","hosts":2,"open_sessions":0}]""", groups.GetProperty("items").GetRawText());
        Assert.Equal(3, NativeServer.Items(await server.GetAsync("hosts?host_group=g-1")).Count);
    }

    [Theory]
    [InlineData("hosts?silnt=true", "silnt")]
    [InlineData("hosts?silent=yes", "silent")]
    [InlineData("hosts?skewed=", "skewed")]
    [InlineData("hosts?has=beats", "has")]
    [InlineData("hosts?order=NAME", "order")]
    [InlineData("hosts?cursor=%21", "cursor")]
    [InlineData("hosts?limit=0", "limit")]
    [InlineData("hosts?count=some", "count")]
    [InlineData("hosts?name_contains=", "name_contains")]
    [InlineData("hosts?silent=true&silent=true", "silent")]
    [InlineData("hosts/RDS-07?count=none", "count")]
    [InlineData("host-groups?host_group=x", "host_group")]
    [InlineData("health?open_longer_than=24h", "open_longer_than")]
    [InlineData("health?open_longer_than=-PT1S", "open_longer_than")]
    [InlineData("health?open_longer_than=P999999999Y", "open_longer_than")]
    [InlineData("health?open_longer_than=P101Y", "open_longer_than")]
    [InlineData("health?limit=5", "limit")]
    public async Task What_is_misspelt_or_out_of_bounds_is_refused_by_name(string path, string field)
    {
        await using var server = await NativeServer.StartAsync();

        (await server.GetAsync(path)).As(400, "malformed", field);
    }

    private static JsonObject Beat(DateTimeOffset at, string host, string? open = null, string group = "g-1") => NativeClient.Event(
        "rollcall.host.beat",
        at,
        new JsonObject
        {
            ["host"] = new JsonObject { ["name"] = host, ["ip"] = "10.2.0.17", ["group_id"] = group, ["group_name"] = "Finance" },
            ["lease_seconds"] = LeaseSeconds,
            ["roster"] = open is null ? new JsonArray() : new JsonArray(new JsonObject { ["os_session_id"] = open, ["user"] = "anna" }),
        },
        "agent://a");

    private static JsonObject Event(string type, DateTimeOffset at, string host, string source = "agent://a", string? id = null) =>
        NativeClient.Event($"rollcall.{type}", at, new JsonObject { ["host"] = new JsonObject { ["name"] = host } }, source, id);

    private static Task<Answer> SendAsync(NativeServer server, params JsonObject[] events) =>
        server.SendAsync("POST", "events", $"[{string.Join(',', events.Select(one => one.ToJsonString()))}]", "agent", NativeServer.BatchType);

    private static Task<Answer> FollowAsync(NativeServer server, JsonElement part) => server.GetAsync(Text(part, "path"));

    private static int Count(JsonElement events, string what) => events.GetProperty(what).GetProperty("count").GetInt32();

    private static string Text(JsonElement one, string member) => one.GetProperty(member).GetString()!;

    private static string Without(JsonElement one, string member)
    {
        var rest = JsonNode.Parse(one.GetRawText())!.AsObject();
        rest.Remove(member);
        return rest.ToJsonString();
    }

    private static Task PassAsync(NativeServer server, int seconds) => NativeServer.PassAsync(server.Server, server.Clock, seconds);
}
