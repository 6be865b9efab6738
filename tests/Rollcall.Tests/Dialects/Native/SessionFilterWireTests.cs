using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>The filters and orders of the list as callers write them; what they mean is proved on random ledgers.</summary>
public sealed class SessionFilterWireTests
{
    private static readonly DateTimeOffset Seven = new(2030, 3, 1, 7, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Each_parameter_reaches_its_filter_in_the_list_and_in_an_export()
    {
        await using var server = await FilledAsync();
        foreach (var (query, found) in new[]
        {
            ("active_at=2030-03-01T07:30:00Z", "bob anna"), ("active_at=2030-03-01T07:40:00Z", "anna"), ("open_longer_than=PT1H", "anna"), ("open_longer_than=PT3H", ""),
            ("user_contains=BO", "bob bob"), ("client_contains=lt-", "anna"), ("app_contains=xcel", "bob"), ("client_ip=10.9.0.0/16", "anna"), ("client_ip=::ffff:10.9.1.4", "anna"),
            ("public_ip=2001:db8::/32", "anna"), ("public_ip=203.0.113.9", ""), ("host_group=g1", "anna"), ("kind=Application", "bob"), ("protocol=rdp", "anna"), ("failed_code=4711", "bob"),
            ("end_time_source=reported", "bob bob"), ("end_time_source=roster", ""), ("order=start_time", "anna bob bob"), ("order=-start_time", "bob bob anna"), ("order=-end_time", "anna bob bob"),
            ("order=duration", "bob bob anna"), ("order=-duration", "anna bob bob"), ("range=ends_in&from=2030-03-01T07:40:00Z&to=2030-03-01T07:40:00.001Z", "bob"),
        })
        {
            Assert.Equal(found, string.Join(' ', NativeServer.Items(await server.GetAsync("sessions?" + query)).Select(item => item.GetProperty("user").GetString())));
            Assert.Equal(found, await ExportedAsync(server, query));
        }
    }

    [Theory]
    [InlineData("active_at=yesterday", "active_at")]
    [InlineData("open_longer_than=24", "open_longer_than")]
    [InlineData("client_ip=10.9.1.4/16", "client_ip")]
    [InlineData("client_ip=lt-2211", "client_ip")]
    [InlineData("public_ip=10.9", "public_ip")]
    [InlineData("kind=session", "kind")]
    [InlineData("protocol=", "protocol")]
    [InlineData("end_time_source=guess", "end_time_source")]
    [InlineData("order=end_time", "order")]
    [InlineData("order=start_time&order=duration", "order")]
    [InlineData("user_contains=", "user_contains")]
    public async Task A_wrong_filter_is_refused_by_its_name_in_the_list_and_in_an_export(string query, string field)
    {
        await using var server = await NativeServer.StartAsync();

        (await server.GetAsync("sessions?" + query)).As(400, "malformed", field);
        if (!query.Contains('&', StringComparison.Ordinal))
            Assert.Equal(400, (await OrderAsync(server, query)).Status);
    }

    [Fact]
    public async Task A_cursor_of_another_question_is_refused_and_pages_keep_the_instant_of_the_first()
    {
        await using var server = await FilledAsync();
        var first = (await server.GetAsync("sessions?limit=1&order=-duration&state=active&state=ended&state=failed")).Is(200).Json;
        var cursor = first.GetProperty("next_cursor").GetString();
        server.Clock.Advance(TimeSpan.FromHours(1));

        var next = (await server.GetAsync($"sessions?count=none&limit=5&state=failed&state=ended&state=active&order=-duration&cursor={cursor}")).Is(200).Json;

        Assert.Equal(["bob", "bob"], next.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("user").GetString()));
        Assert.Equal(first.GetProperty("as_of").GetString(), next.GetProperty("as_of").GetString());
        foreach (var other in (string[])["sessions?order=duration&state=active&state=ended&state=failed", "sessions?order=-duration&state=active&state=ended", "sessions?order=-duration"])
            (await server.GetAsync($"{other}&cursor={cursor}")).As(400, "malformed", "cursor");
        (await server.GetAsync($"sessions?order=-duration&state=active&state=ended&state=failed&cursor={cursor![..^1]}")).As(400, "malformed", "cursor");
    }

    private static async Task<string> ExportedAsync(NativeServer server, string query)
    {
        var id = (await OrderAsync(server, query)).Is(202).Json.GetProperty("id").GetString();
        const int LooksMax = 1000;
        for (var look = 0; look < LooksMax; look++)
        {
            if ((await server.GetAsync($"exports/{id}")).Is(200).Json.GetProperty("state").GetString() is "finished")
                return string.Join(' ', (await server.GetAsync($"exports/{id}/file")).Is(200).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!["user"]!.GetValue<string>()));
            await Task.Delay(20);
        }

        throw new TimeoutException("the export did not finish");
    }

    private static Task<Answer> OrderAsync(NativeServer server, string query)
    {
        var filter = new JsonObject([.. query.Split('&').Select(part => KeyValuePair.Create(part.Split('=')[0], (JsonNode?)JsonValue.Create(Uri.UnescapeDataString(part.Split('=')[1]))))]);
        return server.SendAsync("POST", "exports", new JsonObject { ["what"] = "sessions", ["format"] = "ndjson", ["columns"] = new JsonArray("user"), ["filter"] = filter }.ToJsonString());
    }

    /// <summary>Anna at a desktop from seven on, Bob in an application from 7:20 to 7:40, and a failure at eight.</summary>
    private static async Task<NativeServer> FilledAsync()
    {
        var server = await NativeServer.StartAsync();
        var failed = NativeServer.Session("failed", Seven.AddHours(1), "3", "bob");
        failed["data"]!["failure"] = new JsonObject { ["code"] = "4711", ["reason"] = "no licence" };
        var anna = NativeServer.Session("started", Seven, "1");
        anna["data"]!["protocol"] = "RDP";
        anna["data"]!["host"] = new JsonObject { ["name"] = "RDS-07", ["group_id"] = "g1", ["group_name"] = "Finance" };
        anna["data"]!["client"] = new JsonObject { ["name"] = "LT-2211", ["ip"] = "10.9.1.4", ["public_ip"] = "2001:db8::7" };
        var bob = NativeServer.Session("started", Seven.AddMinutes(20), "2", "bob");
        bob["data"]!["kind"] = "application";
        bob["data"]!["app_name"] = "Excel";
        await server.Server.Native.SendAsync(anna, bob, NativeServer.Session("ended", Seven.AddMinutes(40), "2", "bob"), failed);
        return server;
    }
}
