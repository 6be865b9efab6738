using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>ListUserUsageMetric: how long users were connected, and how often they logged in.</summary>
public sealed class UserUsageTests(UserUsageTests.Fleet fleet) : IClassFixture<UserUsageTests.Fleet>
{
    private const string Day = "start_time=2030-02-28T00:00:00Z&end_time=2030-02-28T23:59:59Z";

    /// <summary>Most connected first; dora and emil tie and come by name.</summary>
    private const string Everybody = @"CORP\Anna:9000 berta:7200 cäsar:3600 dora:0 emil:0";

    public static TheoryData<string, string> Wrong => Refused.Rows(
        ("start_time", ["", .. Refused.Times]),
        ("end_time", ["", .. Refused.Times]),
        ("username", [Refused.Long(256), .. Refused.Controls]),
        ("usage_min_hours", ["-1", "x", "1.5", "2147483648", "1%00", "%20"]),
        ("usage_max_hours", ["-1", "x", "1.5", "2147483648", "1%00", "%20"]),
        ("enterprise_project_id", [Refused.Long(256), .. Refused.Controls]),
        ("sort_field", ["username", "USER_USAGE", "%20", .. Refused.Controls]),
        ("sort_type", ["asc", "UP", "%20", .. Refused.Controls]),
        ("domain", [Refused.Long(256), .. Refused.Controls]),
        ("limit", Refused.Limits),
        ("offset", Refused.Offsets));

    /// <summary>2030-02-28, the day before the clock's.</summary>
    private static DateTimeOffset At(int hour, int minute = 0) => new DateTimeOffset(2030, 2, 28, 0, minute, 0, TimeSpan.Zero).AddHours(hour);

    [Fact]
    public async Task An_item_has_its_user_and_four_metrics()
    {
        var answer = (await fleet.Server.GetAsync($"{fleet.Path}?{Day}&username=ANNA")).Is(200);

        Assert.Equal(
            """{"count":1,"items":[{"username":"CORP\\Anna","enterprise_project_id":"ep-1","metric":[{"metric_name":"user_usage","metric_value":9000},{"metric_name":"user_login_count","metric_value":4},{"metric_name":"user_login_success_count","metric_value":3},{"metric_name":"user_login_fail_count","metric_value":1}]}]}""",
            answer.Text);
    }

    [Fact]
    public async Task D0069_usage_is_the_time_with_a_client_attached_and_two_sessions_at_once_count_once()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("started", At(10), WorkspaceServer.Bare("1")),
            WorkspaceServer.Event("disconnected", At(11), WorkspaceServer.Bare("1")), // one hour
            WorkspaceServer.Event("reconnected", At(12), WorkspaceServer.Bare("1")),
            WorkspaceServer.Event("started", At(12, 30), WorkspaceServer.Bare("2", "anna", "RDS-08")),
            WorkspaceServer.Event("ended", At(13), WorkspaceServer.Bare("1")), // from twelve on one more, of which half in both
            WorkspaceServer.Event("ended", At(13, 30), WorkspaceServer.Bare("2", "anna", "RDS-08")), // and half an hour alone
            WorkspaceServer.Event("started", At(32), WorkspaceServer.Bare("3"))); // one hour before now, and attached

        Assert.Equal("anna:9000", await FoundAsync(server, Day));
        Assert.Equal("anna:12600", await FoundAsync(server, "start_time=2030-02-28T00:00Z&end_time=2030-03-20T00:00Z"));
        Assert.Equal("anna:1800", await FoundAsync(server, "start_time=2030-02-28T12:45:00Z&end_time=2030-02-28T13:14:59Z"));
        Assert.Equal("", await FoundAsync(server, "start_time=2030-02-28T11:00:00Z&end_time=2030-02-28T11:59:59Z"));
        Assert.Equal("anna:1.25", await FoundAsync(server, "start_time=2030-02-28T10:00:00Z&end_time=2030-02-28T10:00:01.24Z&sort_type=ASC"));
        Assert.Equal("", await FoundAsync(server, "start_time=2030-03-01T09:00Z&end_time=2030-03-20T00:00Z")); // still attached, but none of it is known
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("anna:12660", await FoundAsync(server, "start_time=2030-02-28T00:00Z&end_time=2030-03-20T00:00Z"));
    }

    [Fact]
    public async Task D0070_a_login_is_an_attempt_to_connect_that_began_in_the_span()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("started", At(-2), WorkspaceServer.Bare("1")), // the day before
            WorkspaceServer.Event("disconnected", At(1), WorkspaceServer.Bare("1")),
            WorkspaceServer.Event("reconnected", At(2), WorkspaceServer.Bare("1")), // came through
            WorkspaceServer.Event("ended", At(3), WorkspaceServer.Bare("1")),
            WorkspaceServer.Event("initializing", At(4), WorkspaceServer.Bare("2")),
            WorkspaceServer.Event("started", At(4, 1), WorkspaceServer.Bare("2")), // came through
            WorkspaceServer.Event("ended", At(5), WorkspaceServer.Bare("2")),
            WorkspaceServer.Event("failed", At(6), WorkspaceServer.Bare("3")), // failed
            WorkspaceServer.Event("initializing", At(7), WorkspaceServer.Bare("4"))); // hangs

        Assert.Equal([10740d, 4, 2, 1], await MetricsAsync(server, Day)); // 1 h, 1 h and 59 minutes
        Assert.Equal([7200d, 1, 1, 0], await MetricsAsync(server, "start_time=2030-02-27T00:00Z&end_time=2030-02-27T23:59Z"));
    }

    [Theory]
    [InlineData("", Everybody)]
    [InlineData("sort_field=user_usage", Everybody)]
    [InlineData("sort_field=user_usage&sort_type=DESC", Everybody)]
    [InlineData("sort_field=user_usage&sort_type=ASC", @"dora:0 emil:0 cäsar:3600 berta:7200 CORP\Anna:9000")]
    [InlineData("sort_type=ASC", @"dora:0 emil:0 cäsar:3600 berta:7200 CORP\Anna:9000")]
    [InlineData("username=%C3%84S", "cäsar:3600")]
    [InlineData("username=corp%5C", @"CORP\Anna:9000")]
    [InlineData("username=%25", "")]
    [InlineData("username=stranger", "")]
    [InlineData("usage_min_hours=2", @"CORP\Anna:9000 berta:7200")]
    [InlineData("usage_min_hours=3", "")]
    [InlineData("usage_max_hours=2", "berta:7200 cäsar:3600 dora:0 emil:0")]
    [InlineData("usage_max_hours=0", "dora:0 emil:0")]
    [InlineData("usage_min_hours=1&usage_max_hours=1", "cäsar:3600")]
    [InlineData("usage_max_hours=2147483647", Everybody)]
    [InlineData("enterprise_project_id=ep-1", @"CORP\Anna:9000")]
    [InlineData("enterprise_project_id=0", "berta:7200 cäsar:3600 dora:0 emil:0")]
    [InlineData("domain=corp", @"CORP\Anna:9000")]
    [InlineData("domain=lab", "berta:7200")]
    [InlineData("domain=la", "")]
    [InlineData("username=&usage_min_hours=&usage_max_hours=&enterprise_project_id=&sort_field=&sort_type=&domain=&offset=&limit=&nobody=knows", Everybody)]
    public async Task Filters_narrow_and_order_the_list(string query, string found) => Assert.Equal(found, await FoundAsync(fleet.Server, $"{Day}&{query}"));

    [Fact]
    public async Task Pages_hold_together_and_the_count_is_that_of_all()
    {
        var pages = new List<string>();
        for (var offset = 0; offset < 7; offset += 2)
            pages.Add(await FoundAsync(fleet.Server, $"{Day}&limit=2&offset={offset}", count: 5));

        Assert.Equal(Everybody, string.Join(' ', pages.Where(page => page.Length > 0)));
        Assert.Equal("", await FoundAsync(fleet.Server, $"{Day}&offset=2147483647&limit=100", count: 5));
        Assert.Equal("cäsar:3600", await FoundAsync(fleet.Server, $"{Day}&usage_max_hours=2&offset=1&limit=1", count: 4));
    }

    [Fact]
    public async Task Ten_users_come_unless_told_otherwise()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(
            [.. Enumerable.Range(0, 12).Select(number => WorkspaceServer.Event("failed", At(10, number), WorkspaceServer.Bare($"{number}", $"user {number}")))]);

        Assert.Equal(10, (await FoundAsync(server, Day, count: 12)).Split(":0").Length - 1);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_parameter_is_refused_by_its_name(string name, string value)
    {
        var others = string.Join('&', Day.Replace("2030", "2024", StringComparison.Ordinal).Split('&').Where(pair => !pair.StartsWith(name, StringComparison.Ordinal)));

        (await fleet.Server.GetAsync($"{fleet.Path}?{others}&{name}={value}")).As(400, Refused.Parameter, name);
    }

    [Theory]
    [InlineData("", "start_time")]
    [InlineData("start_time=2024-01-01T00:00Z", "end_time")]
    [InlineData("end_time=2024-01-01T00:00Z", "start_time")]
    [InlineData("start_time=2024-01-01T00:01Z&end_time=2024-01-01T00:00Z", "start_time")]
    [InlineData("start_time=2024-01-01T00:00:00Z&end_time=2024-01-31T00:00:01Z", "end_time")]
    [InlineData("start_time=0001-01-01T00:00Z&end_time=9999-12-31T23:59Z", "end_time")]
    [InlineData("start_time=2024-01-01T00:00Z&end_time=2024-01-02T00:00Z&usage_min_hours=2&usage_max_hours=1", "usage_max_hours")]
    public async Task Both_times_are_mandatory_and_at_most_30_days_apart(string query, string word) =>
        (await fleet.Server.GetAsync($"{fleet.Path}?{query}")).As(400, Refused.Parameter, word);

    [Theory]
    [InlineData("start_time=2024-01-01T00:00:00Z&end_time=2024-01-31T00:00:00Z")]
    [InlineData("start_time=9999-12-31T00:00:00Z&end_time=9999-12-31T23:59:59.999999999Z")]
    [InlineData("start_time=0001-01-01T00:00:00Z&end_time=0001-01-01T00:00:00Z")]
    [InlineData("start_time=2024-01-01T00:00:00.123456789%2B08:00&end_time=2024-01-01T00:00:00.123456789%2B08:00")]
    public async Task A_span_in_which_nothing_was_is_an_empty_list(string query) =>
        Assert.Equal("""{"count":0,"items":[]}""", (await fleet.Server.GetAsync($"{fleet.Path}?{query}")).Is(200).Text);

    private static async Task<string> FoundAsync(WorkspaceServer server, string query, int? count = null)
    {
        var list = (await server.GetAsync($"/v2/{server.Project}/statistics/metrics/users?{query}")).Is(200).Json;
        var items = list.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(count ?? items.Count, list.GetProperty("count").GetInt64());
        return string.Join(' ', items.Select(item => $"{item.GetProperty("username").GetString()}:{item.GetProperty("metric")[0].GetProperty("metric_value").GetRawText()}"));
    }

    private static async Task<IEnumerable<double>> MetricsAsync(WorkspaceServer server, string query)
    {
        var list = (await server.GetAsync($"/v2/{server.Project}/statistics/metrics/users?{query}")).Is(200).Json;
        return Assert.Single(list.GetProperty("items").EnumerateArray()).GetProperty("metric").EnumerateArray().Select(metric => metric.GetProperty("metric_value").GetDouble());
    }

    /// <summary>A server with a day of connections, and one of another project.</summary>
    public sealed class Fleet : IAsyncLifetime
    {
        internal WorkspaceServer Server { get; } = new();

        internal string Path => $"/v2/{Server.Project}/statistics/metrics/users";

        public async ValueTask InitializeAsync()
        {
            await Server.InitializeAsync();
            await Server.Server.Native.PutUserAsync("anna", new JsonObject { ["subproject"] = "ep-1", ["domain"] = "CORP" });
            await Server.Server.Native.PutUserAsync("berta", new JsonObject { ["domain"] = "LAB" });
            await Server.SendElsewhereAsync(
                WorkspaceServer.Event("started", At(8), WorkspaceServer.Bare("1", "stranger")), WorkspaceServer.Event("failed", At(8), WorkspaceServer.Bare("2", "berta")));
            await Server.Server.Native.SendAsync(
                [.. Session("1", @"corp\anna", 8, 2), .. Session("2", @"CORP\anna", 9, 1), .. Session("3", "berta", 10, 2), .. Session("4", "cäsar", 23, 5),
                    WorkspaceServer.Event("failed", At(11), WorkspaceServer.Bare("5", @"CORP\Anna")), .. Minutes("6", @"CORP\Anna", At(12), 30),
                    WorkspaceServer.Event("failed", At(11), WorkspaceServer.Bare("7", "emil")), WorkspaceServer.Event("failed", At(11), WorkspaceServer.Bare("8", "dora"))]);
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();

        private static JsonObject[] Session(string os, string user, int hour, int hours) => Minutes(os, user, At(hour), hours * 60);

        private static JsonObject[] Minutes(string os, string user, DateTimeOffset start, int minutes) =>
            [WorkspaceServer.Event("started", start, WorkspaceServer.Bare(os, user)), WorkspaceServer.Event("ended", start.AddMinutes(minutes), WorkspaceServer.Bare(os, user))];
    }
}
