using System.Text;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>What ExportSessions writes out (design 3, point 2).</summary>
public sealed class SessionExportTests
{
    /// <summary>2030-03-01 09:00, when every server here begins.</summary>
    private static readonly DateTimeOffset Now = FakeClock.AtNine().GetUtcNow();

    [Fact]
    public async Task Without_times_the_last_30_days_are_exported_newest_first()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        Assert.Equal(["now", "yesterday", "30 days"], await UsersAsync(server, "{}"));
        Assert.Equal(["now", "yesterday", "30 days"], await UsersAsync(server, """{"query_begin_time":null,"query_end_time":""}"""));
    }

    [Fact]
    public async Task Both_times_bound_the_start_and_the_upper_covers_its_unit()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        Assert.Equal(["yesterday"], await UsersAsync(server, """{"query_begin_time":"2030-02-28T09:00:00Z","query_end_time":"2030-02-28T09:00Z"}"""));
        Assert.Equal(["yesterday"], await UsersAsync(server, """{"query_begin_time":"2030-02-28T17:00:00+08:00","query_end_time":"2030-02-28 09:00:00"}"""));
        Assert.Empty(await UsersAsync(server, """{"query_begin_time":"2030-02-28T09:00:01Z","query_end_time":"2030-03-01T08:59:59Z"}"""));
    }

    [Fact]
    public async Task D0002_a_span_of_thirty_days_may_lie_in_the_past_and_a_longer_one_is_refused()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        Assert.Equal(["a year"], await UsersAsync(server, """{"query_begin_time":"2029-02-01T00:00:00Z","query_end_time":"2029-03-03T00:00:00Z"}"""));
        (await server.PostAsync(server.Sessions + "/export", """{"query_begin_time":"2029-02-01T00:00:00Z","query_end_time":"2029-03-03T00:00:01Z"}"""))
            .As(400, Refused.Parameter, "query_end_time");
    }

    [Fact]
    public async Task D0002_with_the_setting_only_the_latest_30_days_are_exported()
    {
        await using var server = await WorkspaceServer.StartAsync(new ServerOptions { Huawei = new() { ExportSessions = new() { LatestDaysOnly = true } } });

        (await server.PostAsync(server.Sessions + "/export", """{"query_begin_time":"2030-01-30T08:59:59Z","query_end_time":"2030-02-01T00:00:00Z"}"""))
            .As(400, Refused.Parameter, "query_begin_time");
        (await server.PostAsync(server.Sessions + "/export", """{"query_begin_time":"2030-01-30T09:00:00Z","query_end_time":"2030-02-01T00:00:00Z"}""")).Is(200);
    }

    [Theory]
    [InlineData("""{"user_name":"YESTERDAY"}""", "yesterday")]
    [InlineData("""{"user_name":"yester"}""", "")]
    [InlineData("""{"machine_name":"rds-now","session_state":"Active , SignedOut"}""", "now")]
    [InlineData("""{"is_success":"false"}""", "30 days")]
    [InlineData("""{"is_success":"true"}""", "now yesterday")]
    [InlineData("""{"is_success":"","session_state":null,"vm_ip":"","limit":"no number","nobody":{"knows":[1]}}""", "now yesterday 30 days")]
    public async Task The_filters_are_those_of_the_list(string body, string users)
    {
        await using var server = await WorkspaceServer.StartAsync();
        await FillAsync(server);

        Assert.Equal(users, string.Join(' ', await UsersAsync(server, body)));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("", "text/plain")]
    [InlineData("", "application/json")]
    [InlineData("null", "application/json")]
    [InlineData("{}", "application/json;charset=UTF-8")]
    [InlineData("{}\n", "APPLICATION/JSON")]
    public async Task D0012_an_empty_body_and_null_mean_no_filter(string body, string? type)
    {
        await using var server = await WorkspaceServer.StartAsync();
        foreach (var path in (string[])[server.Sessions + "/export", server.Users])
        {
            var ask = new Ask("POST", path) { Token = await server.TokenAsync(), Body = Encoding.UTF8.GetBytes(body), ContentType = type };
            Assert.Equal(["task_id"], (await ask.SendAsync(server.Http)).Is(200).Json.EnumerateObject().Select(member => member.Name));
        }
    }

    [Fact]
    public async Task A_row_has_every_member_of_SessionInfo_typed_and_the_header_names_it()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("initializing", Now.AddMinutes(-50), WorkspaceServer.Full("3")),
            WorkspaceServer.Event("started", Now.AddMinutes(-49.5), WorkspaceServer.Full("3")),
            WorkspaceServer.Event("disconnected", Now.AddMinutes(-20), WorkspaceServer.Full("3")),
            WorkspaceServer.Event("ended", Now.AddMinutes(-10), WorkspaceServer.Full("3")));

        var rows = await RowsAsync(server, "{}");
        var id = Assert.Single((await server.ListAsync("query_begin_time=2030-03-01T00:00Z&query_end_time=2030-03-01T09:00Z")).GetProperty("items").EnumerateArray()).GetProperty("id").GetString();

        Assert.Equal(30, rows[0].Length);
        object?[] expected =
        [
            id, @"S-1-5-21-7-CORP\anna-HDP-3", "3", "HDP", @"CORP\anna", "23.5.0", "winword.exe,excel.exe", "2", "g-1", "Finance", "S-1-5-21-7", "RDS-07", "10.2.0.17",
            Now.AddMinutes(-50).UtcDateTime, Now.AddMinutes(-49.5).UtcDateTime, Now.AddMinutes(-10).UtcDateTime, 0d, "SignedOut", "00-ac-9c-c7-9a-df", "LT-2211", "10.9.1.4", "23.5.1",
            "Windows", "203.0.113.9", null, null, Now.AddMinutes(-10).UtcDateTime, server.Project, "p-1", "s-1",
        ];
        Assert.Equal(expected, rows[1].Select(Rounded));
        Assert.Equal(["ID", "Session stamp", "OS session ID"], rows[0].Take(3));
    }

    /// <summary>A sheet holds days as a fraction: the last of its digits is not a time's.</summary>
    private static object? Rounded(object? cell) =>
        cell is DateTime time ? DateTime.SpecifyKind(new DateTime((long)Math.Round(time.Ticks / 10_000d) * 10_000), DateTimeKind.Utc) : cell;

    private static Task FillAsync(WorkspaceServer server) => server.Server.Native.SendAsync(
        WorkspaceServer.Event("started", Now, WorkspaceServer.Bare("1", "now", "RDS-NOW")),
        WorkspaceServer.Event("started", Now.AddDays(-1), WorkspaceServer.Bare("2", "yesterday")),
        WorkspaceServer.Event("failed", Now.AddDays(-30), WorkspaceServer.Bare("3", "30 days")),
        WorkspaceServer.Event("started", Now.AddDays(-30).AddMilliseconds(-1), WorkspaceServer.Bare("4", "longer")),
        WorkspaceServer.Event("started", new DateTimeOffset(2029, 3, 3, 0, 0, 0, TimeSpan.Zero), WorkspaceServer.Bare("5", "a year")));

    private static async Task<IReadOnlyList<object?[]>> RowsAsync(WorkspaceServer server, string body) =>
        Assert.Single(OpenXmlReading.Read(await server.DownloadAsync(await server.ExportAsync(server.Sessions + "/export", body)))).Rows;

    private static async Task<IReadOnlyList<string>> UsersAsync(WorkspaceServer server, string body) =>
        [.. (await RowsAsync(server, body)).Skip(1).Select(row => (string)row[4]!)];
}
