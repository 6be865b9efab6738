using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>The page that ListLoginRecordsNew answers with (contract 2.1; design 3a).</summary>
public sealed class ConnectionRecordTests(ConnectionFleet fleet) : IClassFixture<ConnectionFleet>
{
    [Theory]
    [InlineData("", ConnectionFleet.Everybody)]
    [InlineData("start_time=2030-02-20T10:00Z&end_time=2030-02-20T10:00Z", @"CORP\anna")]
    [InlineData("start_time=2030-02-20T10:00:01Z&end_time=2030-02-20T11:00:00Z", @"昇 CORP\anna")]
    [InlineData("start_time=2030-02-20T10:00:00Z&end_time=2030-02-20T10:00:00Z", @"CORP\anna")]
    [InlineData("start_time=2029-01-01T00:00Z&end_time=2030-01-31T00:00Z", "old")]
    [InlineData("start_time=&end_time=&user_name=&computer_name=&terminal_type=&enterprise_project_id=&public_ip=&min_network_rtt=&max_network_rtt=&offset=&limit=", ConnectionFleet.Everybody)]
    [InlineData("user_name=corp%5CANNA", @"CORP\anna CORP\anna")]
    [InlineData("user_name=%C3%A4NNE@corp.EXAMPLE", "Änne@corp.example")]
    [InlineData("user_name=anna", "")]
    [InlineData("user_name=%25", "")]
    [InlineData("computer_name=RDS-08", "昇")]
    [InlineData("computer_name=RDS", "")]
    [InlineData("terminal_type=WINDOWS%2010", "berta")]
    [InlineData("terminal_type=WINDOWS", @"CORP\anna")]
    [InlineData("public_ip=203.0.113.9", @"CORP\anna CORP\anna")]
    [InlineData("public_ip=203.0.113", "")]
    [InlineData("user_name=CORP%5Canna&terminal_type=mac&nobody=knows", @"CORP\anna")]
    [InlineData("limit=2", "berta Änne@corp.example", 6)]
    [InlineData("limit=2&offset=1", "Änne@corp.example 昇", 6)]
    [InlineData("limit=1000&offset=5", "old", 6)]
    [InlineData("offset=6", "", 6)]
    [InlineData("offset=2147483647", "", 6)]
    public async Task The_filters_are_joined_and_the_count_is_that_of_all_matches(string query, string users, int? count = null) =>
        await AssertFoundAsync(query, users, count);

    [Theory]
    [InlineData("enterprise_project_id=ep-7", @"CORP\anna CORP\anna")]
    [InlineData("enterprise_project_id=ep-5", "Änne@corp.example")]
    [InlineData("enterprise_project_id=ep-1", "berta")]
    [InlineData("enterprise_project_id=EP-1", "")]
    [InlineData("enterprise_project_id=ep-9", "")]
    [InlineData("enterprise_project_id=ep-7&terminal_type=mac&limit=1", @"CORP\anna")]
    [InlineData("enterprise_project_id=ep-7&limit=1&offset=1", @"CORP\anna", 2)]
    public async Task D0073_the_enterprise_project_is_that_of_the_directorys_user(string query, string users, int? count = null) =>
        await AssertFoundAsync(query, users, count);

    [Theory]
    [InlineData("min_network_rtt=12", @"昇 CORP\anna")]
    [InlineData("min_network_rtt=13", "昇")]
    [InlineData("max_network_rtt=12", @"CORP\anna")]
    [InlineData("max_network_rtt=0", "")]
    [InlineData("min_network_rtt=0&max_network_rtt=2147483647", @"昇 CORP\anna")]
    [InlineData("min_network_rtt=100&max_network_rtt=100", "昇")]
    [InlineData("min_network_rtt=34&max_network_rtt=34", "")]
    public async Task D0074_the_network_delay_is_bounded_and_what_was_never_measured_does_not_match(string query, string users) => await AssertFoundAsync(query, users);

    [Fact]
    public async Task A_record_has_its_members_in_order_and_leaves_out_what_is_not_known()
    {
        var records = (await ListAsync("")).GetProperty("records").EnumerateArray().ToList();

        Assert.Equal(
            """
            "transaction_id":"t-1","computer_name":"RDS-07","user_name":"CORP\\anna","terminal_mac":"00-ac-9c-c7-9a-df","terminal_name":"LT-2211","terminal_ip":"10.9.1.4","client_version":"23.5.1","terminal_type":"Windows","agent_version":"23.5.0","desktop_ip":"10.2.0.17","connection_start_time":"2030-02-20T10:00:00Z","connection_setup_time":"2030-02-20T10:00:03Z","connection_end_time":"2030-02-20T10:05:00Z","is_reconnect":false,"network_rtt":12,"e2e_rtt":34,"source_ip":"10.9.1.5","public_ip":"203.0.113.9","enterprise_project_id":"ep-7"}
            """,
            AfterId(records[4]));
        Assert.Equal(
            """
            "computer_name":"rds-09","user_name":"Änne@corp.example","connection_start_time":"2030-02-20T12:00:00Z","connection_end_time":"2030-02-20T12:00:00Z","is_reconnect":false,"connection_failure_reason":"no licence","enterprise_project_id":"ep-5"}
            """,
            AfterId(records[1]));
        Assert.True(records[3].GetProperty("is_reconnect").GetBoolean());
        Assert.False(records[3].TryGetProperty("connection_end_time", out _));
    }

    [Fact]
    public async Task The_list_has_the_rows_of_the_file()
    {
        var list = await ListAsync("");
        var csv = await Ask.Get(fleet.Records + "/export", await fleet.Server.TokenAsync()).With("Accept", "text/csv").SendAsync(fleet.Server.Http);
        var rows = Core.Tabular.Rfc4180.Read(csv.Is(200).Text.TrimStart('\uFEFF'), ',').Skip(1).ToList();

        Assert.Equal(["total_count", "records"], list.EnumerateObject().Select(member => member.Name));
        Assert.Equal(rows.Select(row => (row[0], row[20])), list.GetProperty("records").EnumerateArray().Select(record => (
            record.GetProperty("sid").GetString()!, record.TryGetProperty("enterprise_project_id", out var project) ? project.GetString()! : "")));
    }

    [Fact]
    public async Task D0072_a_page_has_20_records_unless_told_and_1000_at_most()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var nine = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync([.. Enumerable.Range(0, 25).Select(number => WorkspaceServer.Event("started", nine.AddSeconds(-(number % 3)), WorkspaceServer.Bare($"{number}")))]);
        var path = $"/v2/{server.Project}/connections/desktops";

        var first = (await server.GetAsync(path)).Is(200).Json;
        var seen = new List<string>();
        foreach (var offset in (int[])[0, 7, 14, 21])
            seen.AddRange(Ids((await server.GetAsync($"{path}?limit=7&offset={offset}")).Is(200).Json));

        Assert.Equal((20, 25), (first.GetProperty("records").GetArrayLength(), first.GetProperty("total_count").GetInt32()));
        Assert.Equal(25, seen.Distinct().Count());
        Assert.Equal(Ids((await server.GetAsync(path + "?limit=1000")).Is(200).Json), seen);
        Assert.Equal(Ids(first), seen.Take(20));
        foreach (var limit in (string[])["0", "1001", "-1", "ten"])
            (await server.GetAsync($"{path}?limit={limit}")).As(400, Refused.Parameter, "limit must be a whole number from 1 to 1000");
    }

    [Fact]
    public async Task Another_tenants_connections_and_directory_are_not_seen()
    {
        var theirs = (await Ask.Get($"/v2/{fleet.Other}/connections/desktops", fleet.OtherToken).SendAsync(fleet.Server.Http)).Is(200).Json;

        Assert.Equal(2, theirs.GetProperty("total_count").GetInt32());
        Assert.Equal(["ep-1", "ep-9"], theirs.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("enterprise_project_id").GetString()!).Order(StringComparer.Ordinal));
        var ours = (await ListAsync("user_name=old")).GetProperty("records").EnumerateArray();
        Assert.False(Assert.Single(ours).TryGetProperty("enterprise_project_id", out _));
    }

    private static IReadOnlyList<string> Ids(JsonElement list) => [.. list.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("sid").GetString()!)];

    /// <summary>The record as it is written, without the id it begins with.</summary>
    private static string AfterId(JsonElement record)
    {
        var text = record.GetRawText();
        Assert.Matches("^\\{\"sid\":\"[0-9a-f]{32}\",", text);
        return text[42..];
    }

    private async Task AssertFoundAsync(string query, string users, int? count = null)
    {
        var list = await ListAsync(query);

        Assert.Equal(users, ConnectionFleet.UsersOf(list, "records"));
        Assert.Equal(count ?? list.GetProperty("records").GetArrayLength(), list.GetProperty("total_count").GetInt32());
    }

    private async Task<JsonElement> ListAsync(string query) => (await fleet.Server.GetAsync($"{fleet.Records}?{query}")).Is(200).Json;
}
