using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>What was known at an instant, and every reading of a session, over the wire (native API, "Asking").</summary>
public sealed class SessionKnownTests
{
    [Fact]
    public async Task A_session_is_told_as_it_was_known_then()
    {
        await using var server = await NativeServer.StartAsync();
        var began = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(NativeServer.Session("started", began, "3"));
        var id = NativeServer.Items(await server.GetAsync("sessions"))[0].GetProperty("id").GetString();
        server.Clock.Advance(TimeSpan.FromHours(2));
        await server.Server.Native.SendAsync(NativeServer.Session("ended", began.AddMinutes(30), "3"));
        server.Clock.Advance(TimeSpan.FromHours(1));

        var then = (await server.GetAsync($"sessions/{id}?as_known_at=2030-03-01T10:00:00Z")).Is(200).Json;
        var listed = (await server.GetAsync("sessions?host=rds-07&state=active&as_known_at=2030-03-01T10:00:00Z")).Is(200).Json;

        Assert.Equal(("active", JsonValueKind.Null, 3_600_000L), (Text(then, "state"), then.GetProperty("end_time").ValueKind, then.GetProperty("duration_ms").GetInt64()));
        Assert.Equal(["rollcall.session.started"], then.GetProperty("timeline").EnumerateArray().Select(one => Text(one, "type")));
        Assert.Equal((1, "2030-03-01T10:00:00.000Z"), (listed.GetProperty("count").GetInt32(), Text(listed, "as_of")));
        Assert.Equal((id, JsonValueKind.Null), (Text(listed.GetProperty("items")[0], "id"), listed.GetProperty("items")[0].GetProperty("revision").ValueKind));
        Assert.Equal(0, (await server.GetAsync("sessions?host=rds-07&state=ended&as_known_at=2030-03-01T10:00:00Z")).Is(200).Json.GetProperty("count").GetInt32());
        Assert.Equal("ended", Text((await server.GetAsync($"sessions/{id}?as_known_at=2030-03-01T11:00:00Z")).Is(200).Json, "state"));
        Assert.Equal("ended", Text((await server.GetAsync($"sessions/{id}?as_known_at=2031-01-01T00:00:00Z")).Is(200).Json, "state"));
        (await server.GetAsync($"sessions/{id}?as_known_at=2030-03-01T08:59:59Z")).As(404, "not-found");
    }

    [Fact]
    public async Task The_readings_show_an_end_that_was_inferred_and_taken_back()
    {
        await using var server = await NativeServer.StartAsync();
        var began = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(NativeServer.Session("started", began, "3"), Beat(began.AddSeconds(30), "3"));
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        await server.Server.Native.SendAsync(Beat(began.AddMinutes(5)));
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        await server.Server.Native.SendAsync(Beat(began.AddMinutes(10), "3"));
        var id = Text(NativeServer.Items(await server.GetAsync("sessions"))[0], "id");

        var detail = (await server.GetAsync($"sessions/{id}")).Is(200).Json;
        var readings = detail.GetProperty("readings").EnumerateArray().ToList();

        Assert.Equal(["active null", "ended roster", "active null"], readings.Select(one => $"{Text(one, "state")} {Text(one, "end_time_source") ?? "null"}"));
        Assert.Equal(
            ("2030-03-01T09:05:00.000Z", "2030-03-01T09:10:00.000Z", "2030-03-01T09:00:30.000Z", "2030-03-01T09:05:00.000Z", "rollcall.host.beat"),
            (Text(readings[1], "known_from"), Text(readings[1], "known_until"), Text(readings[1], "end_time_earliest"), Text(readings[1], "end_time_latest"), Text(readings[1].GetProperty("because"), "type")));
        Assert.True(detail.GetProperty("readings_complete").GetBoolean());
        Assert.Equal(3, detail.GetProperty("revision").GetInt32());
        Assert.Equal(
            ("2030-03-01T09:00:30.000Z", "2030-03-01T09:10:00.000Z"),
            (Text(detail.GetProperty("rosters").GetProperty("first"), "time"), Text(detail.GetProperty("rosters").GetProperty("newest"), "time")));
        var then = (await server.GetAsync($"sessions/{id}?as_known_at=2030-03-01T09:07:00Z")).Is(200).Json;
        Assert.Equal(("ended", 2, 2), (Text(then, "state"), then.GetProperty("revision").GetInt32(), then.GetProperty("readings").GetArrayLength()));
    }

    [Fact]
    public async Task Pages_of_what_was_known_lose_and_repeat_nothing_and_are_in_the_lists_order()
    {
        await using var server = await NativeServer.StartAsync();
        var began = server.Clock.GetUtcNow().AddHours(-1);
        await server.Server.Native.SendAsync([.. Enumerable.Range(0, 10).Select(n => NativeServer.Session("started", began.AddMinutes(n / 2), $"{n}", $"user {n}"))]);
        var listed = NativeServer.Items(await server.GetAsync("sessions?host=RDS-07")).Select(item => Text(item, "user")).ToList();
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await server.Server.Native.SendAsync([.. Enumerable.Range(0, 10).Select(n => NativeServer.Session("ended", began.AddMinutes(20), $"{n}", $"user {n}"))]);
        var seen = new List<string?>();
        string? cursor = null;
        do
        {
            var answer = (await server.GetAsync($"sessions?from=2030-03-01T00:00:00Z&to=2030-04-01T00:00:00Z&limit=3&as_known_at=2030-03-01T09:00:30Z{(cursor is null ? "" : $"&cursor={cursor}")}")).Is(200).Json;
            Assert.Equal(10, answer.GetProperty("count").GetInt32());
            seen.AddRange(answer.GetProperty("items").EnumerateArray().Select(item => Text(item, "user")));
            cursor = Text(answer, "next_cursor");
        }
        while (cursor is not null);

        Assert.Equal(listed, seen);
    }

    [Theory]
    [InlineData("as_known_at=2030-03-01T08:00:00Z", "as_known_at")]
    [InlineData("state=active&as_known_at=2030-03-01T08:00:00Z", "as_known_at")]
    [InlineData("as_known_at=2031-03-01T08:00:00Z", "as_known_at")]
    [InlineData("as_known_at=2030-03-01T08:00:00Z&from=2030-01-01T00:00:00Z", "as_known_at")]
    [InlineData("as_known_at=2030-03-01T08:00:00Z&from=2030-01-01T00:00:00Z&to=2030-02-01T00:00:00.001Z", "as_known_at")]
    [InlineData("host=a&as_known_at=yesterday", "as_known_at")]
    [InlineData("host=a&as_known_at=2030-03-01T08:00:00Z&cursor=x", "cursor")]
    public async Task A_list_of_what_was_known_must_be_narrowed(string query, string field)
    {
        await using var server = await NativeServer.StartAsync();

        (await server.GetAsync("sessions?" + query)).As(400, "malformed", field);
    }

    [Fact]
    public async Task Nothing_of_another_tenant_is_known()
    {
        await using var server = await NativeServer.StartAsync();
        await server.Server.Native.SendAsync(NativeServer.Session("started", server.Clock.GetUtcNow(), "3"));
        var id = Text(NativeServer.Items(await server.GetAsync("sessions"))[0], "id");
        var other = await server.Server.Native.AddTenantAsync("other");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        foreach (var at in new[] { "", "?as_known_at=2030-03-01T09:00:30Z" })
            (await server.SendAsync("GET", $"/api/v1/tenants/{other}/sessions/{id}{at}", role: "first")).As(404, "not-found");

        Assert.Equal(0, (await server.SendAsync("GET", $"/api/v1/tenants/{other}/sessions?host=rds-07&as_known_at=2030-03-01T09:00:30Z", role: "first")).Is(200).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_session_whose_end_was_corrected_cannot_be_closed_and_the_refusal_says_what_stands()
    {
        await using var server = await NativeServer.StartAsync();
        await server.Server.Native.SendAsync(NativeServer.Session("started", server.Clock.GetUtcNow(), "3"));
        var id = Text(NativeServer.Items(await server.GetAsync("sessions"))[0], "id");
        server.Clock.Advance(TimeSpan.FromHours(1));
        (await server.SendAsync("POST", $"sessions/{id}/close", """{"reason":"scrapped"}""", "first")).Is(200);
        (await server.SendAsync("POST", $"sessions/{id}/close", """{"reason":"scrapped, I say"}""", "first")).Is(200);
        (await server.SendAsync("POST", $"sessions/{id}/correct", """{"reason":"the log says so","set":{"end_time":"2030-03-01T09:20:00Z"}}""", "first")).Is(200);

        var refusal = (await server.SendAsync("POST", $"sessions/{id}/close", """{"reason":"again"}""", "first")).As(409, "conflict");

        Assert.Contains("2030-03-01T09:20:00.000Z", refusal.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static JsonObject Beat(DateTimeOffset at, params string[] open) => NativeServer.Beat(at, 3600, open);

    private static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();
}
