using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>ListSessionByUserName: the sessions that one user has open.</summary>
public sealed class UserSessionTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private static readonly DateTimeOffset Ten = new(2030, 1, 7, 10, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Wrong => ["", Refused.Long(65), .. Refused.Controls];

    [Fact]
    public async Task D0066_the_sessions_that_a_user_has_open_come_newest_first()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("started", Ten, WorkspaceServer.Bare("1")),
            WorkspaceServer.Event("initializing", Ten.AddMinutes(1), WorkspaceServer.Bare("2")),
            WorkspaceServer.Event("started", Ten.AddMinutes(2), WorkspaceServer.Bare("3")),
            WorkspaceServer.Event("disconnected", Ten.AddMinutes(3), WorkspaceServer.Bare("3")),
            WorkspaceServer.Event("started", Ten.AddMinutes(4), WorkspaceServer.Bare("4")),
            WorkspaceServer.Event("ended", Ten.AddMinutes(5), WorkspaceServer.Bare("4")),
            WorkspaceServer.Event("failed", Ten.AddMinutes(6), WorkspaceServer.Bare("5")),
            WorkspaceServer.Event("started", Ten.AddMinutes(7), WorkspaceServer.Bare("6", "annabel")));

        var list = await ListAsync(server, "ANNA");

        Assert.Equal([("3", "Disconnected"), ("2", "AppcInit"), ("1", "Active")], list.Select(item => (Text(item, "os_session_id"), Text(item, "session_state"))));
        Assert.All(list, item => Assert.Equal(
            ("0001-01-01 00:00:00", "WKS.00000000", "success"), (Text(item, "end_time"), Text(item, "failed_code"), Text(item, "failed_reason"))));
    }

    [Fact]
    public async Task D0066_of_very_many_sessions_the_newest_come()
    {
        const int Total = 1003;
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(
            [.. Enumerable.Range(0, Total).Select(number => WorkspaceServer.Event("started", Ten.AddSeconds(number), WorkspaceServer.Bare($"{number}")))]);

        var list = await ListAsync(server, "anna");

        Assert.Equal(Enumerable.Range(3, 1000).Reverse().Select(number => $"{number}"), list.Select(item => Text(item, "os_session_id")));
    }

    [Fact]
    public async Task A_session_has_its_members_in_the_order_of_the_contract_and_plain_times()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var nine = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync(
            WorkspaceServer.Event("initializing", nine.AddSeconds(-100), WorkspaceServer.Full("3")),
            WorkspaceServer.Event("started", nine.AddSeconds(-90.5), WorkspaceServer.Full("3")));

        var answer = (await server.GetAsync($"/v1/{server.Project}/session/user-session-info?user_name=corp%5Canna")).Is(200);

        var id = Text(Assert.Single(answer.Json.GetProperty("session_info_list").EnumerateArray()), "id");
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal(
            $$$"""{"session_info_list":[{"id":"{{{id}}}","session_stamp":"S-1-5-21-7-CORP\\anna-HDP-3","os_session_id":"3","protocol_type":"HDP","login_user":"CORP\\anna","session_type":"2","app_server_group_id":"g-1","pre_conn_time":"2030-03-01 08:58:20","start_time":"2030-03-01 08:58:29","end_time":"0001-01-01 00:00:00","status_continue_time":"90","machine_sid":"S-1-5-21-7","machine_name":"RDS-07","session_state":"Active","app_name":"winword.exe,excel.exe","client_mac":"00-ac-9c-c7-9a-df","client_name":"LT-2211","client_ip":"10.9.1.4","public_ip":"203.0.113.9","client_version":"23.5.1","client_type":"Windows","agent_version":"23.5.0","vm_ip":"10.2.0.17","failed_reason":"success","failed_code":"WKS.00000000","last_update_status_time":"2030-03-01 08:58:29","tenant_id":"{{{server.Project}}}"}]}""",
            answer.Text);
    }

    [Fact]
    public async Task What_is_not_known_of_a_session_is_left_out()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(WorkspaceServer.Event("started", Ten, WorkspaceServer.Bare("3")));

        var item = Assert.Single(await ListAsync(server, "anna"));

        Assert.Equal(
            ["id", "session_stamp", "os_session_id", "login_user", "session_type", "start_time", "end_time", "status_continue_time", "machine_name", "session_state",
                "failed_reason", "failed_code", "last_update_status_time", "tenant_id"],
            item.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("CORP%5CANNA", 1)]
    [InlineData("anna", 0)]
    [InlineData("CORP%5Cann", 0)]
    [InlineData("%25", 0)]
    [InlineData("*", 0)]
    public async Task The_name_is_matched_whole_ignoring_case(string name, int count)
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.Server.Native.SendAsync(WorkspaceServer.Event("started", Ten, WorkspaceServer.Full("3")));

        Assert.Equal(count, (await ListAsync(server, name)).Count);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_name_is_refused(string name) =>
        (await shared.GetAsync($"/v1/{shared.Project}/session/user-session-info?user_name={name}")).As(400, Refused.Parameter, "user_name");

    [Fact]
    public async Task The_name_is_mandatory_and_given_once()
    {
        var path = $"/v1/{shared.Project}/session/user-session-info";

        (await shared.GetAsync(path)).As(400, Refused.Parameter, "user_name");
        (await shared.GetAsync($"{path}?user_name=a&user_name=a")).As(400, Refused.Parameter, "user_name");
        Assert.Equal("""{"session_info_list":[]}""", (await shared.GetAsync($"{path}?user_name={Refused.Long(64)}")).Is(200).Text);
    }

    [Fact]
    public async Task Sessions_of_another_project_are_not_shown()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await server.SendElsewhereAsync(WorkspaceServer.Event("started", Ten, WorkspaceServer.Bare("3")));

        Assert.Empty(await ListAsync(server, "anna"));
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(WorkspaceServer server, string user) =>
        [.. (await server.GetAsync($"/v1/{server.Project}/session/user-session-info?user_name={user}")).Is(200).Json.GetProperty("session_info_list").EnumerateArray()];

    private static string? Text(JsonElement item, string member) => item.GetProperty(member).GetString();
}
