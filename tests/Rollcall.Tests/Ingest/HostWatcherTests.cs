using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Ingest;

/// <summary>Hosts that go silent, over the wire: what the ledger then says of their sessions.</summary>
public sealed class HostWatcherTests
{
    private const int LeaseSeconds = 90;

    [Fact]
    public async Task A_host_that_goes_silent_past_its_lease_ends_its_sessions_at_the_last_proof_of_life()
    {
        await using var server = await NativeServer.StartAsync();
        var beganAt = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(NativeServer.Session("started", beganAt, "3"), Beat(beganAt.AddSeconds(30), "3"));

        await PassAsync(server, seconds: LeaseSeconds - 10);
        Assert.Equal("active", (await SessionAsync(server)).GetProperty("state").GetString());
        await PassAsync(server, seconds: 20);

        var session = await SessionAsync(server);
        Assert.Equal(
            ("ended", "heartbeat", "2030-03-01T09:00:30.000Z", "2030-03-01T09:00:30.000Z", "2030-03-01T09:02:00.000Z", "host_silent"),
            (Text(session, "state"), Text(session, "end_time_source"), Text(session, "end_time"), Text(session, "end_time_earliest"), Text(session, "end_time_latest"), Text(session, "end_reason")));
        Assert.Equal(30_000, session.GetProperty("duration_ms").GetInt64());
    }

    [Fact]
    public async Task A_host_cut_off_for_an_hour_shows_its_sessions_open_again_under_a_higher_revision()
    {
        await using var server = await NativeServer.StartAsync();
        var beganAt = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(NativeServer.Session("started", beganAt, "3"), Beat(beganAt, "3"));
        await PassAsync(server, seconds: 3600);
        var silent = await SessionAsync(server);

        await server.Server.Native.SendAsync(Beat(server.Clock.GetUtcNow(), "3"));

        var back = await SessionAsync(server);
        Assert.Equal(("ended", "active"), (Text(silent, "state"), Text(back, "state")));
        Assert.Equal(JsonValueKind.Null, back.GetProperty("end_time").ValueKind);
        Assert.Equal(Text(silent, "id"), Text(back, "id"));
        Assert.True(back.GetProperty("revision").GetInt32() > silent.GetProperty("revision").GetInt32());
        Assert.Equal(3_600_000, back.GetProperty("connected_ms").GetInt64());
        // Who was on half an hour into the silence: the session, now that the host has spoken for it.
        Assert.Equal(Text(back, "id"), Text(Assert.Single(NativeServer.Items(await server.GetAsync("sessions?active_at=2030-03-01T09:30:00Z"))), "id"));
    }

    [Fact]
    public async Task A_host_that_never_sent_a_beat_never_goes_silent()
    {
        await using var server = await NativeServer.StartAsync();
        await server.Server.Native.SendAsync(NativeServer.Session("started", server.Clock.GetUtcNow(), "3"));

        await PassAsync(server, seconds: 3600);

        Assert.Equal("active", Text(await SessionAsync(server), "state"));
    }

    [Fact]
    public async Task After_a_break_of_its_own_the_server_waits_a_whole_lease()
    {
        await using var server = await NativeServer.StartAsync();
        var beganAt = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(NativeServer.Session("started", beganAt, "3"), Beat(beganAt, "3"));

        server.Clock.Advance(TimeSpan.FromHours(1)); // nobody looked meanwhile: the process stood still
        await PassAsync(server, seconds: LeaseSeconds - 10);
        Assert.Equal("active", Text(await SessionAsync(server), "state"));
        await PassAsync(server, seconds: 20);
        Assert.Equal("ended", Text(await SessionAsync(server), "state"));
    }

    [Fact]
    public async Task No_hosts_clock_ends_a_session()
    {
        await using var server = await NativeServer.StartAsync();
        var longAgo = server.Clock.GetUtcNow().AddDays(-40);
        await server.Server.Native.SendAsync(NativeServer.Session("started", longAgo, "3"), Beat(longAgo, "3"));

        await PassAsync(server, seconds: LeaseSeconds - 10);
        await server.Server.Native.SendAsync(Beat(longAgo.AddSeconds(60), "3"));
        await PassAsync(server, seconds: LeaseSeconds - 10);

        Assert.Equal("active", Text(await SessionAsync(server), "state"));
    }

    [Fact]
    public async Task A_roster_without_the_session_ends_it_and_a_beat_sent_again_changes_nothing()
    {
        await using var server = await NativeServer.StartAsync();
        var beganAt = server.Clock.GetUtcNow();
        var gone = Beat(beganAt.AddSeconds(60));
        await server.Server.Native.SendAsync(NativeServer.Session("started", beganAt, "3"), Beat(beganAt.AddSeconds(30), "3"), gone);
        var session = await SessionAsync(server);
        Assert.Equal(("roster", "2030-03-01T09:01:00.000Z"), (Text(session, "end_time_source"), Text(session, "end_time_latest")));

        var again = (await server.SendAsync("POST", "events", $"[{gone.ToJsonString()}]", "agent", NativeServer.BatchType)).Is(200).Json;

        Assert.Equal((0, 1), (again.GetProperty("accepted").GetInt32(), again.GetProperty("duplicate").GetInt32()));
        Assert.Equal(session.GetProperty("revision").GetInt32(), (await SessionAsync(server)).GetProperty("revision").GetInt32());
    }

    [Theory]
    [InlineData("rollcall.host.silent", "script://a", "type")]
    [InlineData("rollcall.host.beat", "rollcall:server", "source")]
    [InlineData("rollcall.host.beat", "ROLLCALL:x", "source")]
    public async Task What_only_the_server_writes_is_refused(string type, string source, string field)
    {
        await using var server = await NativeServer.StartAsync();
        var forged = NativeClient.Event(type, server.Clock.GetUtcNow(), new JsonObject { ["host"] = new JsonObject { ["name"] = "RDS-07" } }, source);

        var receipt = (await server.SendAsync("POST", "events", $"[{forged.ToJsonString()}]", "agent", NativeServer.BatchType)).Is(200).Json;

        Assert.Equal(field, Assert.Single(receipt.GetProperty("rejected").EnumerateArray()).GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("heartbeat", "2030-03-01T10:00:00Z", "data.end_time_source")]
    [InlineData("unknown", null, "data.end_time_latest")]
    [InlineData("unknown", "2030-03-01T08:59:59Z", "data.end_time_latest")]
    [InlineData("unknown", "soon", "data.end_time_latest")]
    [InlineData("unknown", "2030-03-01T10:00:00Z", null)]
    public async Task An_end_at_an_unknown_time_says_by_when(string source, string? latest, string? field)
    {
        await using var server = await NativeServer.StartAsync();
        var beganAt = server.Clock.GetUtcNow();
        var ended = NativeServer.Session("ended", beganAt, "3");
        ended["id"] = "ffffffff";
        ended["data"]!["end_time_source"] = source;
        ended["data"]!["end_time_latest"] = latest;
        var started = NativeServer.Session("started", beganAt, "3");
        started["id"] = "00000000";

        var receipt = (await server.SendAsync("POST", "events", $"[{started.ToJsonString()},{ended.ToJsonString()}]", "agent", NativeServer.BatchType)).Is(200).Json;

        Assert.Equal(field, receipt.GetProperty("rejected").EnumerateArray().Select(one => one.GetProperty("field").GetString()).SingleOrDefault());
        var session = await SessionAsync(server);
        Assert.Equal(field is null ? ("ended", "unknown") : ("active", null), (Text(session, "state"), session.GetProperty("end_time_source").GetString()));
    }

    [Fact]
    public async Task An_event_more_than_a_day_ahead_of_the_server_is_rejected_and_spoils_no_other()
    {
        await using var server = await NativeServer.StartAsync();
        var now = server.Clock.GetUtcNow();
        JsonObject[] events = [NativeServer.Session("started", now.AddDays(1), "3"), NativeServer.Session("started", now.AddDays(1).AddSeconds(1), "4")];

        var receipt = (await server.SendAsync("POST", "events", $"[{string.Join(',', events.Select(e => e.ToJsonString()))}]", "agent", NativeServer.BatchType)).Is(200).Json;

        var rejected = Assert.Single(receipt.GetProperty("rejected").EnumerateArray());
        Assert.Equal((1, "time", 1), (rejected.GetProperty("index").GetInt32(), rejected.GetProperty("field").GetString(), receipt.GetProperty("accepted").GetInt32()));
    }

    private static JsonObject Beat(DateTimeOffset at, params string[] open) => NativeServer.Beat(at, LeaseSeconds, open);

    private static async Task<JsonElement> SessionAsync(NativeServer server) => Assert.Single(NativeServer.Items(await server.GetAsync("sessions")));

    private static string Text(JsonElement session, string member) => session.GetProperty(member).GetString()!;

    private static Task PassAsync(NativeServer server, int seconds) => NativeServer.PassAsync(server.Server, server.Clock, seconds);
}
