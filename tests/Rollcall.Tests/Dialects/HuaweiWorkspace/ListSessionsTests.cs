using System.Text.Json;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Which sessions ListSessions finds: its two times, its order and its pages (design 3, points 1, 3 and 5).</summary>
public sealed class ListSessionsTests
{
    /// <summary>2030-01-07, ten in the morning and so on.</summary>
    private static DateTimeOffset At(int hour, int minute = 0, double second = 0) =>
        new DateTimeOffset(2030, 1, 7, hour, minute, 0, TimeSpan.Zero).AddSeconds(second);

    [Fact]
    public async Task D0001_query_end_time_bounds_the_end_of_a_session_and_an_open_one_matches_by_its_start()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        Assert.Equal(["open", "short"], await UsersAsync(server, "query_begin_time=2030-01-07T00:00Z&query_end_time=2030-01-07T11:00Z"));
        Assert.Equal(["open", "long", "short"], await UsersAsync(server, "query_begin_time=2030-01-07T00:00Z&query_end_time=2030-01-07T14:00Z"));
        Assert.Equal(["short"], await UsersAsync(server, "query_begin_time=2030-01-07T00:00Z&query_end_time=2030-01-07T10:29Z"));
        Assert.Equal(["open"], await UsersAsync(server, "query_begin_time=2030-01-07T10:20Z&query_end_time=2030-01-08T00:00Z"));
    }

    [Fact]
    public async Task D0001_with_the_other_setting_both_times_bound_the_start()
    {
        await using var server = await WorkspaceServer.StartAsync(new ServerOptions { Huawei = new() { ListSessions = new() { EndTimeBasis = "start" } } });
        await FillAsync(server);

        Assert.Equal(["open", "long", "short"], await UsersAsync(server, "query_begin_time=2030-01-07T00:00Z&query_end_time=2030-01-07T11:00Z"));
        Assert.Equal(["long", "short"], await UsersAsync(server, "query_begin_time=2030-01-07T10:00Z&query_end_time=2030-01-07T10:10Z"));
        Assert.Equal(["short"], await UsersAsync(server, "query_begin_time=2030-01-07T10:00Z&query_end_time=2030-01-07T10:09Z"));
    }

    [Fact]
    public async Task D0004_a_time_that_was_printed_finds_its_own_row()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("started", At(10, 0, 7.25), WorkspaceServer.Bare("1")), WorkspaceServer.Event("ended", At(10, 5, 59.999), WorkspaceServer.Bare("1")));
        var row = Assert.Single((await server.ListAsync("query_begin_time=2030-01-07T00:00Z&query_end_time=2030-01-08T00:00Z")).GetProperty("items").EnumerateArray());
        Assert.Equal(("2030-01-07T10:00:07Z", "2030-01-07T10:05:59Z"), (row.GetProperty("start_time").GetString(), row.GetProperty("end_time").GetString()));

        foreach (var end in (string[])["10:05:59Z", "10:05Z", "10:05:59.9Z", "10:05:59.99Z", "10:05:59.999Z", "10:05:59.999999999Z", "10:05:59", "18:05:59%2B08:00", "04:35:59-0530"])
            Assert.Equal(1, await CountAsync(server, $"query_begin_time=2030-01-07T10:00:07Z&query_end_time=2030-01-07T{end}"));
        foreach (var end in (string[])["10:05:58Z", "10:04Z", "10:05:59.0Z", "10:05:59.998Z", "10:05:59.9989999Z", "10:05:58.999999999Z", "18:04:59%2B08:00"])
            Assert.Equal(0, await CountAsync(server, $"query_begin_time=2030-01-07T10:00:07Z&query_end_time=2030-01-07T{end}"));
        foreach (var (begin, count) in new[] { ("10:00:07.25Z", 1), ("10:00:07.250Z", 1), ("10:00:07.2500001Z", 0), ("10:00:07.251Z", 0), ("10:00Z", 1), ("10:01Z", 0) })
            Assert.Equal(count, await CountAsync(server, $"query_begin_time=2030-01-07T{begin}&query_end_time=2030-01-08T00:00Z"));
    }

    [Fact]
    public async Task D0003_every_form_of_time_that_an_sdk_sends_is_read()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(WorkspaceServer.Event("started", At(10), WorkspaceServer.Bare("1")));
        string[] sameInstant =
        [
            "2030-01-07T10:00:00.000Z", "2030-01-07T10:00Z", "2030-01-07T10:00:00Z", "2030-01-07T10:00:00.0Z", "2030-01-07T10:00:00.0000000Z", "2030-01-07T10:00:00.000000000Z",
            "2030-01-07T10:00:00", "2030-01-07T10:00", "2030-01-07T10:00:00.000000", "2030-01-07T18:00:00.0000000%2B08:00", "2030-01-07T18:00:00+08:00", "2030-01-07T10:00:00%2B00:00",
            "2030-01-07%2010:00:00", "2030-01-07+10:00:00", "2030-01-07T03:00:00-0700", "2030-01-07T18:00:00%2B08", "2030-01-08T00:00%2B14:00", "2030-01-07T18:00:00.000000000%2B08:00",
        ];

        foreach (var begin in sameInstant)
            Assert.Equal(1, await CountAsync(server, $"query_begin_time={begin}&query_end_time={begin}"));
    }

    [Fact]
    public async Task D0006_an_open_session_has_no_end_time_member()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        var items = (await server.ListAsync("query_begin_time=2030-01-07T00:00Z&query_end_time=2030-01-08T00:00Z")).GetProperty("items");

        Assert.Equal([false, true, true], items.EnumerateArray().Select(item => item.TryGetProperty("end_time", out _)));
        Assert.All(items.EnumerateArray(), item => Assert.False(item.TryGetProperty("pre_conn_time", out _)));
        Assert.DoesNotContain("null", items.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D0007_a_failed_session_is_found_by_the_time_of_its_attempt()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var failure = WorkspaceServer.Bare("1", "asked");
        failure["failure"] = new System.Text.Json.Nodes.JsonObject { ["code"] = "7", ["reason"] = "no licence" };
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("initializing", At(10), WorkspaceServer.Bare("1", "asked")),
            WorkspaceServer.Event("failed", At(10, 0, 30), failure),
            WorkspaceServer.Event("failed", At(11), WorkspaceServer.Bare("2", "at once")));

        var items = (await server.ListAsync("query_begin_time=2030-01-07T10:00Z&query_end_time=2030-01-07T11:00Z")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(["2030-01-07T11:00:00Z", "2030-01-07T10:00:00Z"], items.Select(item => item.GetProperty("start_time").GetString()));
        Assert.Equal(["2030-01-07T11:00:00Z", "2030-01-07T10:00:30Z"], items.Select(item => item.GetProperty("end_time").GetString()));
        Assert.Equal(["", "no licence"], items.Select(item => item.GetProperty("failed_reason").GetString()));
        Assert.Equal(["", "7"], items.Select(item => item.GetProperty("failed_code").GetString()));
        Assert.All(items, item => Assert.Equal("InitFail", item.GetProperty("session_state").GetString()));
    }

    [Fact]
    public async Task D0023_pages_come_newest_first_and_never_repeat_a_row()
    {
        await using var server = await WorkspaceServer.StartAsync();
        const int Total = 25;
        await server.Server.Native.SendAsync(
            [.. Enumerable.Range(0, Total).Select(n => WorkspaceServer.Event("started", At(10, n / 5), WorkspaceServer.Bare($"{n}", $"user {n}")))]);
        const string Day = "query_begin_time=2030-01-07T00:00Z&query_end_time=2030-01-08T00:00Z";

        var whole = await server.ListAsync($"{Day}&limit=100");
        var pages = new List<string>();
        for (var offset = 0; offset < Total + 7; offset += 7)
        {
            var page = await server.ListAsync($"{Day}&limit=7&offset={offset}");
            Assert.Equal(Total, page.GetProperty("count").GetInt64());
            pages.AddRange(Values(page, "login_user"));
        }

        Assert.Equal(10, (await server.ListAsync(Day)).GetProperty("items").GetArrayLength()); // the default
        Assert.Equal(10, (await server.ListAsync($"{Day}&limit=&offset=")).GetProperty("items").GetArrayLength());
        Assert.Equal(Values(whole, "login_user"), pages);
        Assert.Equal(Total, pages.Distinct().Count());
        Assert.Equal(Values(whole, "start_time").OrderDescending(StringComparer.Ordinal), Values(whole, "start_time"));
        Assert.Equal(JsonValueKind.Number, whole.GetProperty("count").ValueKind);
    }

    /// <summary>A short one, one that lasts, and one that goes on.</summary>
    private static Task FillAsync(WorkspaceServer server) => server.Server.Native.SendAsync(
        WorkspaceServer.Event("started", At(10), WorkspaceServer.Bare("1", "short")),
        WorkspaceServer.Event("ended", At(10, 29), WorkspaceServer.Bare("1", "short")),
        WorkspaceServer.Event("started", At(10, 10), WorkspaceServer.Bare("2", "long")),
        WorkspaceServer.Event("ended", At(14), WorkspaceServer.Bare("2", "long")),
        WorkspaceServer.Event("started", At(10, 30), WorkspaceServer.Bare("3", "open")));

    private static async Task<IReadOnlyList<string>> UsersAsync(WorkspaceServer server, string query) => Values(await server.ListAsync(query), "login_user");

    private static async Task<long> CountAsync(WorkspaceServer server, string query) => (await server.ListAsync(query)).GetProperty("count").GetInt64();

    private static IReadOnlyList<string> Values(JsonElement list, string member) =>
        [.. list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(member).GetString()!)];
}
