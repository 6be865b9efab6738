using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>ListHistoryOnlineInfoNew: who was logged on, by hour and by day.</summary>
public sealed class OnlineUserTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private static readonly string[] Types = ["day", "Day", "YEAR", "HOUR", "DAY,WEEK", "%20", Refused.Long(256)];

    public static TheoryData<string, string> Wrong => Refused.Rows(
        ("query_type", [.. Types, .. Refused.Controls]),
        ("start_time", ["", .. Refused.Times]),
        ("end_time", ["", .. Refused.Times]));

    /// <summary>2030-02-28, the day before the clock's.</summary>
    private static DateTimeOffset At(int hour, int minute = 0, double second = 0) =>
        new DateTimeOffset(2030, 2, 28, 0, minute, 0, TimeSpan.Zero).AddHours(hour).AddSeconds(second);

    [Fact]
    public async Task D0067_a_user_counts_once_in_each_hour_at_some_instant_of_which_a_session_was_open()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        Assert.Equal(
            ["07:00 : 0", "08:00 : 1", "09:00 : 2", "10:00 : 2", "11:00 : 1", "12:00 : 1", "13:00 : 1"],
            await CountsAsync(server, "start_time=2030-02-28T07:00Z&end_time=2030-02-28T14:00Z"));
    }

    [Fact]
    public async Task D0067_days_are_those_of_UTC_and_nothing_is_said_of_what_has_not_come()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        Assert.Equal(
            ["2030-02-26 : 0", "2030-02-27 : 1", "2030-02-28 : 4", "2030-03-01 : 2"],
            await CountsAsync(server, "start_time=2030-02-26T12:00Z&end_time=2030-06-30T00:00Z"));
        Assert.Empty(await CountsAsync(server, "start_time=2030-03-01T09:00:01Z&end_time=2030-06-30T00:00Z"));
        Assert.Equal(["09:00 : 2"], await CountsAsync(server, "start_time=2030-03-01T09:00:00Z&end_time=2030-03-01T20:00Z"));
    }

    [Fact]
    public async Task D0068_a_type_means_today_by_hours_or_the_last_7_or_30_days()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        var day = await CountsAsync(server, "query_type=DAY");
        var week = await CountsAsync(server, "query_type=WEEK");
        var month = await CountsAsync(server, "query_type=MONTH");

        Assert.Equal(Enumerable.Range(0, 10).Select(hour => $"{hour:D2}:00 : {(hour < 9 ? 1 : 2)}"), day);
        Assert.Equal((7, "2030-02-23 : 0", "2030-02-28 : 4", "2030-03-01 : 2"), (week.Count, week[0], week[^2], week[^1]));
        Assert.Equal((30, "2030-01-31 : 0", "2030-02-28 : 4", "2030-03-01 : 2"), (month.Count, month[0], month[^2], month[^1]));
        Assert.Equal(day, await CountsAsync(server, "query_type=DAY&start_time=never&end_time="));
    }

    [Theory]
    [InlineData("2030-02-28T00:00Z", "2030-03-01T00:00Z", 24, "00:00", "23:00")]
    [InlineData("2030-02-28T00:00Z", "2030-02-28T23:59:59.9999999Z", 24, "00:00", "23:00")]
    [InlineData("2030-02-28T10:30Z", "2030-02-28T10:30Z", 1, "10:00", "10:00")]
    [InlineData("2030-02-28T10:30Z", "2030-02-28T11:00Z", 1, "10:00", "10:00")]
    [InlineData("2030-02-28T10:30Z", "2030-02-28T11:00:00.0000001Z", 2, "10:00", "11:00")]
    [InlineData("2030-02-28T08:00%2B08:00", "2030-02-28T12:00%2B08:00", 4, "00:00", "03:00")]
    [InlineData("2030-02-27T23:00Z", "2030-02-28T01:00Z", 2, "2030-02-27", "2030-02-28")]
    [InlineData("2030-02-20T00:00Z", "2030-02-27T00:00Z", 7, "2030-02-20", "2030-02-26")]
    [InlineData("2028-02-01T00:00Z", "2029-02-01T00:00Z", 366, "2028-02-01", "2029-01-31")]
    [InlineData("0001-01-01T00:00Z", "0001-01-01T05:00Z", 5, "00:00", "04:00")]
    public async Task D0068_a_span_is_cut_into_hours_within_one_day_else_into_days_and_reaches_up_to_its_end(
        string start, string end, int count, string first, string last)
    {
        var counts = await CountsAsync(shared, $"start_time={start}&end_time={end}");

        Assert.Equal((count, $"{first} : 0", $"{last} : 0"), (counts.Count, counts[0], counts[^1]));
    }

    [Fact]
    public async Task D0068_a_span_of_more_than_366_days_is_refused_wherever_it_lies()
    {
        (await shared.GetAsync($"{Path(shared)}?start_time=2028-02-01T00:00Z&end_time=2029-02-01T00:01Z")).As(400, Refused.Parameter, "end_time");
        (await shared.GetAsync($"{Path(shared)}?start_time=2040-01-01T00:00Z&end_time=2050-01-01T00:00Z")).As(400, Refused.Parameter, "end_time");
        (await shared.GetAsync($"{Path(shared)}?start_time=0001-01-01T00:00Z&end_time=9999-12-31T23:59:59.9999999Z")).As(400, Refused.Parameter, "end_time");
        Assert.Empty(await CountsAsync(shared, "start_time=9999-12-31T00:00Z&end_time=9999-12-31T23:59:59.9999999Z"));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_parameter_is_refused_by_its_name(string name, string value)
    {
        var other = name switch { "start_time" => "&end_time=2024-03-01T00:00Z", "end_time" => "&start_time=2024-02-28T00:00Z", _ => "" };

        (await shared.GetAsync($"{Path(shared)}?{name}={value}{other}")).As(400, Refused.Parameter, name);
    }

    [Theory]
    [InlineData("", "query_type")]
    [InlineData("?query_type=&start_time=&end_time=", "query_type")]
    [InlineData("?start_time=2024-01-01T00:00Z", "end_time")]
    [InlineData("?end_time=2024-01-01T00:00Z", "start_time")]
    [InlineData("?start_time=2024-01-01T00:01Z&end_time=2024-01-01T00:00Z", "start_time")]
    [InlineData("?query_type=DAY&query_type=DAY", "query_type")]
    public async Task A_type_or_both_times_must_be_there(string query, string word) =>
        (await shared.GetAsync(Path(shared) + query)).As(400, Refused.Parameter, word);

    [Fact]
    public async Task Users_of_another_project_do_not_count()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.SendElsewhereAsync(WorkspaceServer.Event("started", At(10), WorkspaceServer.Bare("1", "stranger")));

        Assert.All(await CountsAsync(server, "query_type=WEEK"), count => Assert.EndsWith(" : 0", count, StringComparison.Ordinal));
    }

    /// <summary>
    /// anna has three sessions of which two overlap, berta one until noon and one later of no length, cäsar one that goes on, dora one over
    /// midnight, emil one that failed; frida's begins after now.
    /// </summary>
    private static Task FillAsync(WorkspaceServer server) => server.Server.Native.SendAsync(
        WorkspaceServer.Event("started", At(8, 10), WorkspaceServer.Bare("1", "anna")),
        WorkspaceServer.Event("ended", At(9, 30), WorkspaceServer.Bare("1", "anna")),
        WorkspaceServer.Event("started", At(9, 20), WorkspaceServer.Bare("2", "ANNA", "RDS-08")),
        WorkspaceServer.Event("ended", At(11), WorkspaceServer.Bare("2", "ANNA", "RDS-08")),
        WorkspaceServer.Event("started", At(10, 59), WorkspaceServer.Bare("3", "anna")),
        WorkspaceServer.Event("ended", At(10, 59, 30), WorkspaceServer.Bare("3", "anna")),
        WorkspaceServer.Event("started", At(9, 59, 59), WorkspaceServer.Bare("4", "berta")),
        WorkspaceServer.Event("disconnected", At(10, 5), WorkspaceServer.Bare("4", "berta")),
        WorkspaceServer.Event("ended", At(12), WorkspaceServer.Bare("4", "berta")),
        WorkspaceServer.Event("started", At(12, 30, 0.0001), WorkspaceServer.Bare("5", "berta")),
        WorkspaceServer.Event("ended", At(12, 30, 0.0005), WorkspaceServer.Bare("5", "berta")),
        WorkspaceServer.Event("started", At(13), WorkspaceServer.Bare("6", "cäsar")),
        WorkspaceServer.Event("started", At(-1, 30), WorkspaceServer.Bare("7", "dora")),
        WorkspaceServer.Event("ended", At(0, 0, 0.001), WorkspaceServer.Bare("7", "dora")),
        WorkspaceServer.Event("failed", At(7, 30), WorkspaceServer.Bare("8", "emil")),
        WorkspaceServer.Event("started", At(33), WorkspaceServer.Bare("9", "gerd")),
        WorkspaceServer.Event("started", At(33, 0, 1), WorkspaceServer.Bare("10", "frida")));

    private static string Path(WorkspaceServer server) => $"/v2/{server.Project}/connections/online-users";

    private static async Task<IReadOnlyList<string>> CountsAsync(WorkspaceServer server, string query)
    {
        var answer = (await server.GetAsync($"{Path(server)}?{query}")).Is(200).Json;
        Assert.Equal("time_counts", Assert.Single(answer.EnumerateObject()).Name);
        return [.. answer.GetProperty("time_counts").EnumerateArray().Select(count => count.GetString()!)];
    }
}
