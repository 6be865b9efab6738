using System.Text.Json;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>ListUserConnection and ExportUserConnection (contract 5.1): the same filters over the same rows.</summary>
public sealed class UserConnectionTests(ConnectionFleet fleet) : IClassFixture<ConnectionFleet>
{
    private const int UserColumn = 2;

    [Theory]
    [InlineData("{}", ConnectionFleet.Latest)]
    [InlineData("", ConnectionFleet.Latest)]
    [InlineData("null", ConnectionFleet.Latest)]
    [InlineData("""{"id":"","connect_type":"","user_name":null,"wi_ip":"","virtual_ip":null,"connect_flag":"","update_time":"","tenant_id":"","login_start_time":"","login_end_time":null,"nobody":[7]}""", ConnectionFleet.Latest)]
    [InlineData("""{"user_name":"corp\\ANNA"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"user_name":"ann"}""", "")]
    [InlineData("""{"connect_type":"1"}""", "Änne@corp.example 昇")]
    [InlineData("""{"connect_type":"2"}""", @"berta CORP\anna CORP\anna")]
    [InlineData("""{"connect_type":"2","client_type":"mac"}""", @"CORP\anna")]
    [InlineData("""{"machine_sid":"S-1-5-21-7"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"machine_sid":"s-1-5-21-7"}""", "")]
    [InlineData("""{"machine_name":"RDS-08"}""", "昇")]
    [InlineData("""{"failed_reason":"no licence"}""", "Änne@corp.example")]
    [InlineData("""{"failed_reason":"licence"}""", "")]
    [InlineData("""{"failed_code":"7"}""", "Änne@corp.example")]
    [InlineData("""{"client_version":"23.5.1","agent_version":"23.5.0","vm_ip":"10.2.0.17","public_ip":"203.0.113.9"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"client_version":"23.5"}""", "")]
    [InlineData("""{"agent_version":"23.5.1"}""", "")]
    [InlineData("""{"vm_ip":"10.2.0.18"}""", "berta")]
    [InlineData("""{"id":"0123456789abcdef0123456789abcdef"}""", "")]
    public async Task The_filters_match_whole_values_and_are_joined(string body, string users) => await AssertFoundAsync(body, users);

    [Theory]
    [InlineData("""{"client_name":"lt-2211"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"client_name":"ÄRZTE-pc"}""", "berta")]
    [InlineData("""{"client_name":"ärzte"}""", "")]
    [InlineData("""{"client_type":"WINDOWS 10"}""", "berta")]
    public async Task Names_ignore_case_in_any_script(string body, string users) => await AssertFoundAsync(body, users);

    [Theory]
    [InlineData("""{"login_start_time":"2030-02-20T10:00:00Z","login_end_time":"2030-02-20T10:00:00Z"}""", @"CORP\anna")]
    [InlineData("""{"login_start_time":"2030-02-20 11:00:00","login_end_time":"2030-02-20 12:00:00"}""", "Änne@corp.example 昇")]
    [InlineData("""{"login_start_time":"2030-01-01T00:00:00Z","login_end_time":"2030-01-31T00:00:00Z"}""", "old")]
    public async Task D0078_any_30_days_by_the_time_of_the_request(string body, string users) => await AssertFoundAsync(body, users);

    [Theory]
    [InlineData("""{"login_start_time":"2030-02-20T10:00:00Z"}""", "login_end_time must be present")]
    [InlineData("""{"login_end_time":"2030-02-20T10:00:00Z","login_start_time":""}""", "login_start_time must be present")]
    [InlineData("""{"login_start_time":"2030-02-20T10:00:01Z","login_end_time":"2030-02-20T10:00:00Z"}""", "login_start_time must be no later")]
    [InlineData("""{"login_start_time":"2030-01-01T00:00:00Z","login_end_time":"2030-01-31T00:00:01Z"}""", "login_end_time must be at most 30 days")]
    public async Task D0078_both_times_or_neither_and_30_days_apart_at_most(string body, string words) => await AssertRefusedAsync(body, words);

    [Fact]
    public async Task D0078_with_the_setting_only_the_latest_30_days_are_listed()
    {
        await using var server = await WorkspaceServer.StartAsync(new ServerOptions { Huawei = new() { Connections = new() { LatestDaysOnly = true } } });
        const string Old = """{"login_start_time":"2030-01-30T08:59:59Z","login_end_time":"2030-02-01T00:00:00Z","brokering_start_time":"2030-01-30T08:59:59Z","brokering_end_time":"2030-02-01T00:00:00Z"}""";

        foreach (var path in (string[])["user-connection", "user-connection/export", "app-connection", "app-connection/export"])
        {
            (await server.PostAsync($"/v1/{server.Project}/session/{path}", Old)).As(400, Refused.Parameter, "within the latest 30 days");
            (await server.PostAsync($"/v1/{server.Project}/session/{path}", Old.Replace("08:59:59", "09:00:00", StringComparison.Ordinal))).Is(200);
        }
    }

    [Theory]
    [InlineData("""{"wi_ip":"10.0.0.1"}""", "wi_ip must be absent")]
    [InlineData("""{"virtual_ip":"10.0.0.1"}""", "virtual_ip must be absent")]
    [InlineData("""{"connect_flag":"1"}""", "connect_flag must be 0")]
    public async Task D0079_a_filter_on_what_is_not_recorded_is_refused(string body, string words) => await AssertRefusedAsync(body, words);

    [Fact]
    public async Task D0079_the_only_connect_flag_there_is_matches_all() => await AssertFoundAsync("""{"connect_flag":"0"}""", ConnectionFleet.Latest);

    [Fact]
    public async Task D0080_another_tenant_id_is_403_and_ones_own_filters_nothing()
    {
        await AssertFoundAsync($$"""{"tenant_id":"{{fleet.Server.Project}}"}""", ConnectionFleet.Latest);
        foreach (var path in (string[])[fleet.UserConnections, fleet.UserConnections + "/export", fleet.AppConnections, fleet.AppConnections + "/export"])
        {
            foreach (var other in (string[])[fleet.Other, "0123456789abcdef0123456789abcdef", "x"])
                (await fleet.Server.PostAsync(path, $$"""{"tenant_id":"{{other}}"}""")).As(403, Refused.NotAllowed);
        }
    }

    [Theory]
    [InlineData("2030-02-20T10:05:00Z", @"CORP\anna")]
    [InlineData("2030-02-20T10:10Z", @"CORP\anna")]
    [InlineData("2030-02-20T12:00:00Z", "Änne@corp.example")]
    [InlineData("2030-02-20T13:30:00Z", "berta")]
    [InlineData("2030-02-20T13:00:00Z", "")]
    public async Task D0081_update_time_is_the_last_change_and_finds_what_was_printed(string time, string users) =>
        await AssertFoundAsync($$"""{"update_time":"{{time}}"}""", users);

    [Fact]
    public async Task D0083_a_connection_that_failed_has_a_start_and_one_that_did_not_has_empty_failure_members()
    {
        var items = (await ListAsync("{}")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(("2030-02-20T12:00:00Z", "no licence", "7"), (Text(items[1], "start_time"), Text(items[1], "failed_reason"), Text(items[1], "failed_code")));
        Assert.Equal(("", ""), (Text(items[0], "failed_reason"), Text(items[0], "failed_code")));
    }

    [Fact]
    public async Task An_item_has_its_members_in_order_and_leaves_out_what_is_not_known()
    {
        var list = await ListAsync("{}");
        var items = list.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(["count", "items"], list.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            $$"""
            {"id":"{{Text(items[4], "id")}}","connect_type":"2","user_name":"CORP\\anna","desktop_group_name":"Finance","pre_conn_time":"2030-02-20T10:00:00Z","start_time":"2030-02-20T10:00:03Z","end_time":"2030-02-20T10:05:00Z","machine_sid":"S-1-5-21-7","machine_name":"RDS-07","failed_reason":"","failed_code":"","client_mac":"00-ac-9c-c7-9a-df","client_name":"LT-2211","client_ip":"10.9.1.4","client_version":"23.5.1","client_type":"Windows","agent_version":"23.5.0","vm_ip":"10.2.0.17","connect_flag":"0","update_time":"2030-02-20T10:05:00Z","tenant_id":"{{fleet.Server.Project}}","public_ip":"203.0.113.9"}
            """,
            items[4].GetRawText());
        Assert.Equal(
            ["id", "connect_type", "user_name", "pre_conn_time", "start_time", "machine_name", "failed_reason", "failed_code", "connect_flag", "update_time", "tenant_id"],
            items[2].EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task A_row_of_the_file_has_the_members_of_the_item_typed()
    {
        var sheet = await fleet.OrderedAsync(fleet.UserConnections + "/export", """{"user_name":"CORP\\anna","client_type":"Windows"}""");
        var id = Text(Assert.Single((await ListAsync("""{"user_name":"CORP\\anna","client_type":"Windows"}""")).GetProperty("items").EnumerateArray()), "id");

        Assert.Equal(("User connections", 22, 2), (sheet.Name, sheet.Rows[0].Length, sheet.Rows.Count));
        Assert.Equal(["ID", "Connection type", "Username"], sheet.Rows[0].Take(3));
        object?[] expected =
        [
            id, "2", @"CORP\anna", "Finance", ConnectionFleet.Ten.UtcDateTime, ConnectionFleet.Ten.AddSeconds(3).UtcDateTime, ConnectionFleet.Ten.AddMinutes(5).UtcDateTime,
            "S-1-5-21-7", "RDS-07", null, null, "00-ac-9c-c7-9a-df", "LT-2211", "10.9.1.4", "23.5.1", "Windows", "23.5.0", "10.2.0.17", "0",
            ConnectionFleet.Ten.AddMinutes(5).UtcDateTime, fleet.Server.Project, "203.0.113.9",
        ];
        Assert.Equal(expected, sheet.Rows[1].Select(ConnectionFleet.Rounded));
    }

    [Fact]
    public async Task An_item_is_found_by_its_id_and_pages_are_cut_from_the_same_order()
    {
        var items = (await ListAsync("{}")).GetProperty("items").EnumerateArray().ToList();
        var page = (await fleet.Server.PostAsync(fleet.UserConnections + "?limit=2&offset=1", "{}")).Is(200).Json;

        await AssertFoundAsync($$"""{"id":"{{Text(items[2], "id")}}"}""", "昇");
        Assert.Equal(5, page.GetProperty("count").GetInt32());
        Assert.Equal(items.Skip(1).Take(2).Select(item => Text(item, "id")), page.GetProperty("items").EnumerateArray().Select(item => Text(item, "id")));
        (await fleet.Server.PostAsync(fleet.UserConnections + "?limit=&offset=", "{}")).Is(200);
    }

    [Fact]
    public async Task A_name_with_a_NUL_is_not_its_first_half()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var data = WorkspaceServer.Full("1");
        data["client"]!["name"] = "LT\0evil";
        data["app_name"] = "word\0EXCEL";
        data["host"]!["group_name"] = "Finance\0";
        await server.Server.Native.SendAsync(WorkspaceServer.Event("started", server.Clock.GetUtcNow(), data));
        var root = $"/v1/{server.Project}/session";

        Assert.Equal(0, await CountAsync("user-connection", """{"client_name":"LT"}"""));
        Assert.Equal(0, await CountAsync("app-connection", """{"app_group_name":"finance"}"""));
        Assert.Equal(1, await CountAsync("app-connection", """{"app_name":"excel"}"""));
        Assert.Equal(1, await CountAsync("app-connection", "{}"));

        async Task<int> CountAsync(string path, string body) => (await server.PostAsync($"{root}/{path}", body)).Is(200).Json.GetProperty("count").GetInt32();
    }

    private static string Text(JsonElement item, string member) => item.GetProperty(member).GetString()!;

    private async Task AssertFoundAsync(string body, string users)
    {
        var list = await ListAsync(body);

        Assert.Equal(users, ConnectionFleet.UsersOf(list, "items"));
        Assert.Equal(list.GetProperty("items").GetArrayLength(), list.GetProperty("count").GetInt32());
        Assert.Equal(users, ConnectionFleet.UsersOf(await fleet.OrderedAsync(fleet.UserConnections + "/export", body), UserColumn));
    }

    private async Task AssertRefusedAsync(string body, string words)
    {
        (await fleet.Server.PostAsync(fleet.UserConnections, body)).As(400, Refused.Parameter, words);
        (await fleet.Server.PostAsync(fleet.UserConnections + "/export", body)).As(400, Refused.Parameter, words);
    }

    private async Task<JsonElement> ListAsync(string body) => (await fleet.Server.PostAsync(fleet.UserConnections, body)).Is(200).Json;
}
