using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Cli;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Every member of SessionInfo (design 3a).</summary>
public sealed class SessionInfoTests
{
    private const string Day = "query_begin_time=2030-01-07T00:00Z&query_end_time=2030-03-08T00:00Z";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly DateTimeOffset Ten = new(2030, 1, 7, 10, 0, 0, TimeSpan.Zero);

    /// <summary>Members in the order of the page's table; ids that the ledger makes are replaced.</summary>
    [Fact]
    public async Task A_page_of_sessions_equals_its_golden_file()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var failed = WorkspaceServer.Full("9", new JsonObject { ["failure"] = new JsonObject { ["code"] = "WKS.0007", ["reason"] = "no licence" } });
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("initializing", Ten, WorkspaceServer.Full("3")),
            WorkspaceServer.Event("started", Ten.AddSeconds(4), WorkspaceServer.Full("3")),
            WorkspaceServer.Event("disconnected", Ten.AddMinutes(5), WorkspaceServer.Full("3")),
            WorkspaceServer.Event("ended", Ten.AddMinutes(30), WorkspaceServer.Full("3")),
            WorkspaceServer.Event("failed", Ten.AddMinutes(40), failed),
            WorkspaceServer.Event("started", server.Clock.GetUtcNow().AddSeconds(-90.5), WorkspaceServer.Bare("4", "昇", "RDS-08")));

        var list = await server.ListAsync(Day);

        var text = JsonSerializer.Serialize(list, Readable)
            .Replace(server.Project, "{project}", StringComparison.Ordinal);
        foreach (var item in list.GetProperty("items").EnumerateArray())
            text = text.Replace(IdOf(item), "{id}", StringComparison.Ordinal);
        var golden = Path.Combine(ImportData.Root, "tests", "data", "golden", "huawei-workspace", "list-sessions.json");
        Assert.Equal(await File.ReadAllTextAsync(golden), text + "\n");
    }

    [Fact]
    public async Task Ids_are_32_lower_case_hexadecimal_digits_and_every_member_is_text()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(WorkspaceServer.Event("started", Ten, WorkspaceServer.Full("3")));

        var item = Assert.Single((await server.ListAsync(Day)).GetProperty("items").EnumerateArray());

        Assert.Matches("^[0-9a-f]{32}$", IdOf(item));
        Assert.All(item.EnumerateObject(), member => Assert.Equal(JsonValueKind.String, member.Value.ValueKind));
    }

    [Fact]
    public async Task D0027_a_good_session_has_empty_failure_members()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(WorkspaceServer.Event("started", Ten, WorkspaceServer.Bare("3")));

        var item = Assert.Single((await server.ListAsync(Day)).GetProperty("items").EnumerateArray());

        Assert.Equal(("", ""), (item.GetProperty("failed_reason").GetString(), item.GetProperty("failed_code").GetString()));
    }

    [Fact]
    public async Task The_stamp_is_composed_of_what_is_known_or_as_the_source_sent_it()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("started", Ten.AddMinutes(3), WorkspaceServer.Full("3")),
            WorkspaceServer.Event("started", Ten.AddMinutes(2), WorkspaceServer.Full("4", new JsonObject { ["session_stamp"] = "as sent-1" })),
            WorkspaceServer.Event("started", Ten.AddMinutes(1), WorkspaceServer.Bare("5", "x@y")));

        var stamps = (await server.ListAsync(Day)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("session_stamp").GetString());

        Assert.Equal([@"S-1-5-21-7-CORP\anna-HDP-3", "as sent-1", "x@y-5"], stamps);
    }

    [Fact]
    public async Task The_time_in_a_state_is_in_whole_seconds_to_now_or_to_the_end()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var nine = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("started", nine.AddSeconds(-100), WorkspaceServer.Bare("1")),
            WorkspaceServer.Event("disconnected", nine.AddSeconds(-59.1), WorkspaceServer.Bare("1")),
            WorkspaceServer.Event("started", nine.AddSeconds(-200), WorkspaceServer.Bare("2")),
            WorkspaceServer.Event("started", nine.AddSeconds(-300), WorkspaceServer.Bare("3")),
            WorkspaceServer.Event("ended", nine.AddSeconds(-250), WorkspaceServer.Bare("3")),
            WorkspaceServer.Event("started", nine.AddSeconds(30), WorkspaceServer.Bare("4")));

        Assert.Equal(["0", "59", "200", "0"], await SecondsAsync());
        server.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(["30", "119", "260", "0"], await SecondsAsync());

        async Task<IEnumerable<string?>> SecondsAsync() =>
            (await server.ListAsync(Day)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("status_continue_time").GetString());
    }

    private static string IdOf(JsonElement item) => item.GetProperty("id").GetString()!;
}
