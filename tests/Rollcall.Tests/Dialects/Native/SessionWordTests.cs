using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Closing and correcting sessions over the wire.</summary>
public sealed class SessionWordTests
{
    [Fact]
    public async Task A_session_whose_host_never_answers_is_closed_with_a_reason_that_stays()
    {
        await using var server = await NativeServer.StartAsync();
        var id = await OpenAsync(server);
        server.Clock.Advance(TimeSpan.FromHours(1));

        var closed = (await server.SendAsync("POST", $"sessions/{id}/close", """{"reason":"RDS-07 was scrapped","end_time":"2030-03-01T09:20:00Z"}""", "first")).Is(200).Json;

        Assert.Equal(
            ("ended", "operator", "2030-03-01T09:20:00.000Z", "RDS-07 was scrapped"),
            (Text(closed, "state"), Text(closed, "end_time_source"), Text(closed, "end_time"), Text(closed, "end_reason")));
        var detail = (await server.GetAsync($"sessions/{id}")).Is(200).Json;
        var correction = Assert.Single(detail.GetProperty("corrections").EnumerateArray());
        Assert.Equal(("rollcall.session.closed", $"rollcall:operator:{server.Server.Bootstrap.OperatorId}"), (Text(correction, "type"), Text(correction, "source")));
        Assert.Equal(["rollcall.session.started", "rollcall.session.closed"], detail.GetProperty("timeline").EnumerateArray().Select(one => Text(one, "type")));
        Assert.Equal(2, detail.GetProperty("revision").GetInt32());
    }

    [Fact]
    public async Task A_correction_changes_the_times_and_keeps_what_was_reported_in_the_timeline()
    {
        await using var server = await NativeServer.StartAsync();
        var id = await OpenAsync(server);
        server.Clock.Advance(TimeSpan.FromHours(1));
        await server.Server.Native.SendAsync(NativeServer.Session("ended", server.Clock.GetUtcNow(), "3"));

        var corrected = (await server.SendAsync(
            "POST", $"sessions/{id}/correct", """{"reason":"the clock was wrong","set":{"start_time":"2030-03-01T08:30:00Z","end_time":"2030-03-01T09:30:00Z"}}""", "first")).Is(200).Json;

        Assert.Equal(("2030-03-01T08:30:00.000Z", "2030-03-01T09:30:00.000Z", "operator"), (Text(corrected, "start_time"), Text(corrected, "end_time"), Text(corrected, "end_time_source")));
        Assert.Equal(3_600_000, corrected.GetProperty("duration_ms").GetInt64());
        Assert.Equal(3, (await server.GetAsync($"sessions/{id}")).Is(200).Json.GetProperty("timeline").GetArrayLength());
    }

    [Theory]
    [InlineData("close", "{}", "reason")]
    [InlineData("close", """{"reason":"  "}""", "reason")]
    [InlineData("close", "{\"reason\":\"a\\u0000b\"}", "reason")]
    [InlineData("close", """{"reason":7}""", "reason")]
    [InlineData("close", """{"reason":"x","end_time":"yesterday"}""", "end_time")]
    [InlineData("close", """{"reason":"x","end_time":"2030-03-01T08:59:59Z"}""", "end_time")]
    [InlineData("close", """{"reason":"x","end_time":"2030-03-01T10:00:01Z"}""", "end_time")]
    [InlineData("correct", """{"reason":"x"}""", "set")]
    [InlineData("correct", """{"reason":"x","set":{}}""", "set")]
    [InlineData("correct", """{"reason":"x","set":[]}""", "set")]
    [InlineData("correct", """{"reason":"x","set":{"user":"bob"}}""", "set.user")]
    [InlineData("correct", """{"reason":"x","set":{"start_time":"2030-03-01T10:00:01Z"}}""", "start_time")]
    public async Task What_cannot_be_is_refused(string word, string body, string field)
    {
        await using var server = await NativeServer.StartAsync();
        var id = await OpenAsync(server);
        server.Clock.Advance(TimeSpan.FromHours(1));

        (await server.SendAsync("POST", $"sessions/{id}/{word}", body, "first")).As(400, "malformed", field);
        Assert.Equal(1, (await server.GetAsync($"sessions/{id}")).Is(200).Json.GetProperty("revision").GetInt32());
    }

    [Fact]
    public async Task A_word_that_does_not_fit_the_sessions_state_is_a_conflict()
    {
        await using var server = await NativeServer.StartAsync();
        var id = await OpenAsync(server);
        (await server.SendAsync("POST", $"sessions/{id}/correct", """{"reason":"x","set":{"end_time":"2030-03-01T09:00:00Z"}}""", "first")).As(409, "conflict");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await server.Server.Native.SendAsync(NativeServer.Session("ended", server.Clock.GetUtcNow(), "3"));
        (await server.SendAsync("POST", $"sessions/{id}/close", """{"reason":"x"}""", "first")).As(409, "conflict");
        (await server.SendAsync("POST", $"sessions/{id}/close", """{"reason":"x"}""", "administrator")).As(409, "conflict");
        (await server.SendAsync("POST", "sessions/0123/close", """{"reason":"x"}""", "first")).As(404, "not-found");
    }

    [Fact]
    public async Task Helpdesk_closes_and_does_not_correct_and_auditors_do_neither()
    {
        await using var server = await NativeServer.StartAsync();
        var id = await OpenAsync(server);
        await server.Server.Native.AddOperatorAsync("help", NativeServer.Password, "helpdesk");
        var help = await server.SignInAsync("help", NativeServer.Password);

        foreach (var role in (string[])["auditor", "agent", "self"])
            (await server.SendAsync("POST", $"sessions/{id}/close", """{"reason":"x"}""", role)).As(403, "not-allowed");
        (await (Ask.Post(server.PathOf($"sessions/{id}/correct"), """{"reason":"x","set":{"start_time":"2030-03-01T08:59:00Z"}}""", help)).SendAsync(server.Server.Http)).As(403, "not-allowed");
        (await (Ask.Post(server.PathOf($"sessions/{id}/close"), """{"reason":"x"}""", help)).SendAsync(server.Server.Http)).Is(200);
    }

    private static async Task<string> OpenAsync(NativeServer server)
    {
        await server.Server.Native.SendAsync(NativeServer.Session("started", server.Clock.GetUtcNow(), "3"));
        return Text(Assert.Single(NativeServer.Items(await server.GetAsync("sessions"))), "id");
    }

    private static string Text(JsonElement one, string member) => one.GetProperty(member).GetString()!;
}
