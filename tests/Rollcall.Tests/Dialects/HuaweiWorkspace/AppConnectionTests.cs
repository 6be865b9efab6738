using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>ListAppConnection and ExportAppConnection (contract 5.2): connections of application sessions alone.</summary>
public sealed class AppConnectionTests(ConnectionFleet fleet) : IClassFixture<ConnectionFleet>
{
    private const int UserColumn = 3;

    private const string All = @"berta CORP\anna CORP\anna";

    [Theory]
    [InlineData("{}", All)]
    [InlineData("", All)]
    [InlineData("""{"user_name":"NN"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"user_name":"p\\A"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"user_name":"%"}""", "")]
    [InlineData("""{"user_name":"昇"}""", "")]
    [InlineData("""{"app_name":"EXCEL"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"app_name":"ärzteSOFT"}""", "berta")]
    [InlineData("""{"app_name":"_"}""", "")]
    [InlineData("""{"app_name":"powerpnt"}""", "")]
    [InlineData("""{"sid":"S-1-5-21-7","machine_name":"rds-07"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"machine_name":"rds"}""", "")]
    [InlineData("""{"client_name":"ärzte-PC","client_type":"windows 10"}""", "berta")]
    [InlineData("""{"client_version":"23.5.1","agent_version":"23.5.0","vm_ip":"10.2.0.17","public_ip":"203.0.113.9"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"failed_code":"7"}""", "")]
    [InlineData("""{"connection_failure_reason":"no licence"}""", "")]
    [InlineData("""{"connect_type":"1","login_start_time":"no time","update_time":7}""", All)]
    public async Task User_and_application_match_in_part_and_all_else_as_a_whole(string body, string users) => await AssertFoundAsync(body, users);

    [Theory]
    [InlineData("""{"app_group_id":"g-1"}""", @"CORP\anna CORP\anna")]
    [InlineData("""{"app_group_id":"G-1"}""", "")]
    [InlineData("""{"app_group_name":"ÄRZTE"}""", "berta")]
    [InlineData("""{"app_group_name":"Ärz"}""", "")]
    public async Task D0082_the_application_group_is_the_group_of_hosts(string body, string users) => await AssertFoundAsync(body, users);

    [Theory]
    [InlineData("""{"brokering_start_time":"2030-02-20T10:00:01Z","brokering_end_time":"2030-02-20T10:10Z"}""", @"CORP\anna")]
    [InlineData("""{"brokering_start_time":"2030-01-15T00:00:00Z","brokering_end_time":"2030-01-20T00:00:00Z"}""", "")]
    public async Task Brokering_times_bound_the_request(string body, string users) => await AssertFoundAsync(body, users);

    [Theory]
    [InlineData("""{"brokering_start_time":"2030-02-20T10:00:00Z"}""", "brokering_end_time must be present")]
    [InlineData("""{"brokering_end_time":"2030-02-20T10:00:00Z"}""", "brokering_start_time must be present")]
    [InlineData("""{"brokering_start_time":"2030-02-20T10:00:01Z","brokering_end_time":"2030-02-20T10:00:00Z"}""", "brokering_start_time must be no later")]
    [InlineData("""{"brokering_start_time":"2030-01-01T00:00:00Z","brokering_end_time":"2030-01-31T00:00:01Z"}""", "brokering_end_time must be at most 30 days")]
    [InlineData("""{"wi_ip":"10.0.0.1"}""", "wi_ip must be absent")]
    [InlineData("""{"virtual_ip":"10.0.0.1"}""", "virtual_ip must be absent")]
    public async Task A_window_that_is_none_and_a_filter_on_what_is_not_recorded_are_refused(string body, string words)
    {
        (await fleet.Server.PostAsync(fleet.AppConnections, body)).As(400, Refused.Parameter, words);
        (await fleet.Server.PostAsync(fleet.AppConnections + "/export", body)).As(400, Refused.Parameter, words);
    }

    [Fact]
    public async Task An_item_has_its_members_in_order_and_leaves_out_what_is_not_known()
    {
        var items = (await ListAsync("{}")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(
            $$"""
            {"id":"{{Text(items[2], "id")}}","sid":"S-1-5-21-7","machine_name":"RDS-07","user_name":"CORP\\anna","app_group_name":"Finance","app_group_id":"g-1","app_name":"winword.exe,excel.exe","brokering_time":"2030-02-20T10:00:00Z","failed_code":"","connection_failure_reason":"","client_mac":"00-ac-9c-c7-9a-df","client_name":"LT-2211","client_ip":"10.9.1.4","client_version":"23.5.1","client_type":"Windows","agent_version":"23.5.0","vm_ip":"10.2.0.17","tenant_id":"{{fleet.Server.Project}}","public_ip":"203.0.113.9","transaction_id":"t-1","end_time":"2030-02-20T10:05:00Z","primary_server_group_id":"p-1","secondary_server_group_id":"s-1"}
            """,
            items[2].GetRawText());
        Assert.Equal(
            ["id", "machine_name", "user_name", "app_group_name", "app_group_id", "app_name", "brokering_time", "failed_code", "connection_failure_reason", "client_name", "client_type", "vm_ip", "tenant_id", "end_time"],
            items[0].EnumerateObject().Select(member => member.Name));
        Assert.False(items[1].TryGetProperty("end_time", out _));
    }

    [Fact]
    public async Task A_row_of_the_file_has_the_members_of_the_item_typed()
    {
        var id = Text((await ListAsync("{}")).GetProperty("items")[2], "id");

        var sheet = await fleet.OrderedAsync(fleet.AppConnections + "/export", $$"""{"id":"{{id}}"}""");

        Assert.Equal(("Application connections", 23, 2), (sheet.Name, sheet.Rows[0].Length, sheet.Rows.Count));
        Assert.Equal(["ID", "Server SID", "Server name"], sheet.Rows[0].Take(3));
        object?[] expected =
        [
            id, "S-1-5-21-7", "RDS-07", @"CORP\anna", "Finance", "g-1", "winword.exe,excel.exe", ConnectionFleet.Ten.UtcDateTime, null, null, "00-ac-9c-c7-9a-df", "LT-2211",
            "10.9.1.4", "23.5.1", "Windows", "23.5.0", "10.2.0.17", fleet.Server.Project, "203.0.113.9", "t-1", ConnectionFleet.Ten.AddMinutes(5).UtcDateTime, "p-1", "s-1",
        ];
        Assert.Equal(expected, sheet.Rows[1].Select(ConnectionFleet.Rounded));
    }

    [Fact]
    public async Task A_failed_attempt_at_an_application_says_why()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var data = WorkspaceServer.Full("1");
        data["failure"] = new System.Text.Json.Nodes.JsonObject { ["code"] = "7", ["reason"] = "no licence" };
        await server.Server.Native.SendAsync(WorkspaceServer.Event("failed", server.Clock.GetUtcNow(), data));
        var path = $"/v1/{server.Project}/session/app-connection";

        var item = Assert.Single((await server.PostAsync(path, """{"failed_code":"7","connection_failure_reason":"no licence"}""")).Is(200).Json.GetProperty("items").EnumerateArray());

        Assert.Equal(("7", "no licence", "2030-03-01T09:00:00Z"), (Text(item, "failed_code"), Text(item, "connection_failure_reason"), Text(item, "brokering_time")));
    }

    private static string Text(JsonElement item, string member) => item.GetProperty(member).GetString()!;

    private async Task AssertFoundAsync(string body, string users)
    {
        var list = await ListAsync(body);

        Assert.Equal(users, ConnectionFleet.UsersOf(list, "items"));
        Assert.Equal(list.GetProperty("items").GetArrayLength(), list.GetProperty("count").GetInt32());
        Assert.Equal(users, ConnectionFleet.UsersOf(await fleet.OrderedAsync(fleet.AppConnections + "/export", body), UserColumn));
    }

    private async Task<JsonElement> ListAsync(string body) => (await fleet.Server.PostAsync(fleet.AppConnections, body)).Is(200).Json;
}
