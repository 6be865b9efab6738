using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>However an end is known, and when it is taken back, Workspace and the native API tell of it alike.</summary>
public sealed class KnownEndTests
{
    private const string Days = "query_begin_time=2030-02-28T00:00Z&query_end_time=2030-03-08T00:00Z";

    private const int LeaseSeconds = 90;

    [Fact]
    public async Task An_end_by_silence_is_told_taken_back_closed_and_corrected_alike()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var beganAt = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(WorkspaceServer.Event("started", beganAt, WorkspaceServer.Bare("3")), Beat(beganAt.AddSeconds(30), "3"));
        await PassAsync(server, seconds: 3600);
        Assert.Equal(("ended", "heartbeat"), await AgreeAsync(server, "3"));

        await server.Server.Native.SendAsync(Beat(server.Clock.GetUtcNow(), "3"));
        Assert.Equal(("active", null), await AgreeAsync(server, "3"));

        var id = (await NativeAsync(server, "3")).GetProperty("id").GetString();
        await SayAsync(server, $"{id}/close", """{"reason":"scrapped"}""");
        Assert.Equal(("ended", "operator"), await AgreeAsync(server, "3"));

        await SayAsync(server, $"{id}/correct", """{"reason":"it began and ended before","set":{"start_time":"2030-03-01T08:30:00Z","end_time":"2030-03-01T09:30:00Z"}}""");
        Assert.Equal(("ended", "operator"), await AgreeAsync(server, "3"));
    }

    [Fact]
    public async Task An_end_by_roster_by_a_boot_and_at_an_unknown_time_is_told_alike()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var beganAt = server.Clock.GetUtcNow().AddHours(-2);
        var unknown = WorkspaceServer.Bare("6", host: "RDS-09");
        unknown["end_time_source"] = "unknown";
        unknown["end_time_latest"] = beganAt.AddHours(1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("started", beganAt, WorkspaceServer.Bare("4")),
            Beat(beganAt.AddSeconds(30), "4"),
            Beat(beganAt.AddSeconds(60)),
            WorkspaceServer.Event("started", beganAt, WorkspaceServer.Bare("5", host: "RDS-08")),
            NativeClient.Event("rollcall.host.started", beganAt.AddMinutes(9), new JsonObject { ["host"] = new JsonObject { ["name"] = "RDS-08", ["boot_id"] = "b2" } }, "agent://a"),
            WorkspaceServer.Event("started", beganAt, WorkspaceServer.Bare("6", host: "RDS-09")),
            WorkspaceServer.Event("ended", beganAt.AddMinutes(1), unknown));

        Assert.Equal(("ended", "roster"), await AgreeAsync(server, "4"));
        Assert.Equal(("ended", "host_event"), await AgreeAsync(server, "5"));
        Assert.Equal(("ended", "unknown"), await AgreeAsync(server, "6"));
    }

    /// <summary>The session's state and how its end is known, after both APIs were compared.</summary>
    private static async Task<(string? State, string? Source)> AgreeAsync(WorkspaceServer server, string os)
    {
        var native = await NativeAsync(server, os);
        var listed = Assert.Single((await server.ListAsync(Days)).GetProperty("items").EnumerateArray(), item => item.GetProperty("os_session_id").GetString() == os);
        var (changedAt, endAt) = (TimeOf(native, "last_change_at")!.Value, TimeOf(native, "end_time"));
        Assert.Equal(
            (Seconds(TimeOf(native, "start_time")), Seconds(endAt), Seconds(changedAt)),
            (TimeOf(listed, "start_time"), TimeOf(listed, "end_time"), TimeOf(listed, "last_update_status_time")));
        var inState = Math.Max(0, (long)((endAt ?? server.Clock.GetUtcNow()) - changedAt).TotalSeconds);
        Assert.Equal(inState.ToString(CultureInfo.InvariantCulture), listed.GetProperty("status_continue_time").GetString());

        var open = (await server.GetAsync($"/v1/{server.Project}/session/user-session-info?user_name=anna")).Is(200).Json.GetProperty("session_info_list");
        Assert.Equal(endAt is null, open.EnumerateArray().Any(item => item.GetProperty("os_session_id").GetString() == os));
        return (native.GetProperty("state").GetString(), native.GetProperty("end_time_source").GetString());
    }

    private static async Task<JsonElement> NativeAsync(WorkspaceServer server, string os) => Assert.Single(
        (await server.GetAsync($"/api/v1/tenants/{server.Project}/sessions")).Is(200).Json.GetProperty("items").EnumerateArray(),
        item => item.GetProperty("os_session_id").GetString() == os);

    private static async Task SayAsync(WorkspaceServer server, string path, string body) =>
        (await server.PostAsync($"/api/v1/tenants/{server.Project}/sessions/{path}", body)).Is(200);

    private static DateTimeOffset? TimeOf(JsonElement of, string member) =>
        of.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.String ? value.GetDateTimeOffset() : null;

    /// <summary>Workspace writes whole seconds.</summary>
    private static DateTimeOffset? Seconds(DateTimeOffset? at) => at is { } instant ? instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerSecond)) : null;

    private static JsonObject Beat(DateTimeOffset at, params string[] open) => NativeServer.Beat(at, LeaseSeconds, open);

    private static Task PassAsync(WorkspaceServer server, int seconds) => NativeServer.PassAsync(server.Server, server.Clock, seconds);
}
