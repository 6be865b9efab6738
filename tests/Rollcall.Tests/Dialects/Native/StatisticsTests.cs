using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>What the sessions add up to, on the wire (native API, "Asking").</summary>
public sealed class StatisticsTests
{
    private static readonly DateTimeOffset Seven = new(2030, 3, 1, 7, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_peak_is_exact_and_names_the_sessions_that_active_at_finds()
    {
        await using var server = await FilledAsync();

        var answer = (await server.GetAsync("stats/concurrency?from=2030-03-01T07:00:00Z&to=2030-03-01T10:00:00Z&bucket=PT90M")).Is(200).Json;

        Assert.Equal("2030-03-01T09:00:00.000Z", answer.GetProperty("as_of").GetString());
        var series = Assert.Single(answer.GetProperty("series").EnumerateArray());
        Assert.Equal("""{"at":"2030-03-01T07:20:00.000Z","sessions":2}""", Without(series.GetProperty("peak"), "session_ids", "session_ids_cut"));
        Assert.Equal(2, series.GetProperty("peak").GetProperty("session_ids").GetArrayLength());
        Assert.Equal(
            """[{"start":"2030-03-01T07:00:00.000Z","minimum":1,"mean":1.2222222222222223,"maximum":2,"maximum_at":"2030-03-01T07:20:00.000Z"},{"start":"2030-03-01T08:30:00.000Z","minimum":1,"mean":1,"maximum":1,"maximum_at":"2030-03-01T08:30:00.000Z"}]""",
            series.GetProperty("buckets").GetRawText());
        Assert.Equal((1, 0), (answer.GetProperty("groups").GetInt32(), answer.GetProperty("groups_cut").GetInt32()));
    }

    [Fact]
    public async Task Groups_come_by_their_peaks_with_the_key_that_lists_filter_by()
    {
        await using var server = await FilledAsync();
        foreach (var (by, keys) in new[] { ("host", "RDS-07:RDS-07"), ("user", "ANNA:anna BOB:bob"), ("protocol", "RDP:RDP :"), ("host_group", "g1:Finance :"), ("none", ":") })
        {
            var series = (await server.GetAsync($"stats/concurrency?from=2030-03-01T07:00:00Z&to=2030-03-01T10:00:00Z&by={by}")).Is(200).Json.GetProperty("series").EnumerateArray();
            Assert.Equal(keys, string.Join(' ', series.Select(one => $"{one.GetProperty("key")}:{one.GetProperty("name")}")));
        }
    }

    [Fact]
    public async Task A_summary_tells_what_is_open_and_what_happened()
    {
        await using var server = await FilledAsync();

        var answer = (await server.GetAsync("stats/summary")).Is(200).Json;

        Assert.Equal(
            """{"from":"2030-02-28T09:00:00.000Z","to":"2030-03-01T09:00:00.000Z","as_of":"2030-03-01T09:00:00.000Z","open":{"count":1,"initializing":0,"active":1,"disconnected":0},"logons":2,"failures":{"count":1,"by_code":[{"code":"4711","count":1}],"codes_cut":0},"durations":{"count":1,"median_ms":1200000,"p95_ms":1200000},"limited_by":null}""",
            answer.GetRawText());
    }

    [Fact]
    public async Task Who_has_not_been_seen_for_so_long_is_found_with_those_who_never_were()
    {
        await using var server = await FilledAsync();
        await server.Server.Native.PutUserAsync("carol", new JsonObject());

        var all = NativeServer.Items(await server.GetAsync("stats/usage?order=last_seen"));
        var missed = NativeServer.Items(await server.GetAsync("stats/usage?not_seen_for=PT1H"));

        Assert.Equal(["carol 0 0 ", "bob 1 0.3333333 2030-03-01T07:40:00.000Z", "anna 1 2 2030-03-01T09:00:00.000Z"], all.Select(Line));
        Assert.Equal(["bob 1 0.3333333 2030-03-01T07:40:00.000Z", "carol 0 0 "], missed.Select(Line));

        static string Line(JsonElement user) => $"{user.GetProperty("user")} {user.GetProperty("logons")} {user.GetProperty("hours")} {user.GetProperty("last_seen")}";
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_question()
    {
        await using var server = await FilledAsync();
        var first = (await server.GetAsync("stats/usage?limit=1&order=-hours")).Is(200).Json;
        var cursor = first.GetProperty("next_cursor").GetString();

        var next = (await server.GetAsync($"stats/usage?limit=2&count=none&order=-hours&cursor={cursor}")).Is(200).Json;

        Assert.Equal(["bob"], next.GetProperty("items").EnumerateArray().Select(user => user.GetProperty("user").GetString()));
        foreach (var other in (string[])["stats/usage?order=last_seen", "stats/usage", "stats/usage?order=-hours&user_contains=b", "stats/usage?order=-hours&from=2030-03-01T07:00:00Z"])
            (await server.GetAsync($"{other}{(other.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={cursor}")).As(400, "malformed", "cursor");
    }

    [Theory]
    [InlineData("concurrency?bucket=PT0S", "bucket")]
    [InlineData("concurrency?bucket=PT0.0001S", "bucket")]
    [InlineData("concurrency?bucket=PT1S", "bucket")]
    [InlineData("concurrency?bucket=day", "bucket")]
    [InlineData("concurrency?by=Host", "by")]
    [InlineData("concurrency?by=", "by")]
    [InlineData("concurrency?host=a", "host")]
    [InlineData("concurrency?from=2030-03-01T10:00:00Z", "from")]
    [InlineData("concurrency?from=2028-03-01T10:00:00Z&bucket=P30D", "from")]
    [InlineData("summary?from=yesterday", "from")]
    [InlineData("summary?to=2030-03-01", "to")]
    [InlineData("summary?bucket=PT1H", "bucket")]
    [InlineData("usage?not_seen_for=60", "not_seen_for")]
    [InlineData("usage?order=hours", "order")]
    [InlineData("usage?user=a", "user")]
    [InlineData("usage?cursor=AAAA", "cursor")]
    [InlineData("usage?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor")]
    public async Task A_wrong_or_unknown_parameter_is_refused_by_its_name(string path, string field)
    {
        await using var server = await NativeServer.StartAsync();

        (await server.GetAsync("stats/" + path)).As(400, "malformed", field);
    }

    [Fact]
    public async Task The_first_and_the_last_instants_there_are_can_be_asked_about()
    {
        await using var server = await FilledAsync();

        foreach (var span in (string[])["from=0001-01-01T00:00:00Z&to=0001-12-01T00:00:00Z", "to=0001-01-01T00:00:00Z", "from=9999-01-02T00:00:00Z&to=9999-12-31T23:59:59.9999999Z"])
        {
            Assert.Equal(JsonValueKind.Null, (await server.GetAsync($"stats/concurrency?{span}&bucket=P1D")).Is(200).Json.GetProperty("series")[0].GetProperty("peak").ValueKind);
            Assert.Equal(0, (await server.GetAsync($"stats/summary?{span}")).Is(200).Json.GetProperty("logons").GetInt32());
            Assert.Equal(0, (await server.GetAsync($"stats/usage?{span}")).Is(200).Json.GetProperty("items")[0].GetProperty("hours").GetDouble());
        }
    }

    /// <summary>Anna from seven on, Bob from 7:20 to 7:40, and a failure at eight.</summary>
    private static async Task<NativeServer> FilledAsync()
    {
        var server = await NativeServer.StartAsync();
        var failed = NativeServer.Session("failed", Seven.AddHours(1), "3", "bob");
        failed["data"]!["failure"] = new JsonObject { ["code"] = "4711", ["reason"] = "no licence" };
        var anna = NativeServer.Session("started", Seven, "1");
        anna["data"]!["protocol"] = "RDP";
        anna["data"]!["host"] = new JsonObject { ["name"] = "RDS-07", ["group_id"] = "g1", ["group_name"] = "Finance" };
        await server.Server.Native.SendAsync(
            anna, NativeServer.Session("started", Seven.AddMinutes(20), "2", "bob"), NativeServer.Session("ended", Seven.AddMinutes(40), "2", "bob"), failed);
        return server;
    }

    private static string Without(JsonElement json, params string[] members)
    {
        var copy = JsonNode.Parse(json.GetRawText())!.AsObject();
        foreach (var member in members)
            copy.Remove(member);
        return copy.ToJsonString();
    }
}
