using Rollcall.Server.Configuration;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>What ExportUserConnectionNew writes out (contract 2.3).</summary>
public sealed class ConnectionTaskTests(ConnectionFleet fleet) : IClassFixture<ConnectionFleet>
{
    private const int UserColumn = 3;

    [Theory]
    [InlineData("", ConnectionFleet.Latest)]
    [InlineData("start_time=&end_time=&user_name=&computer_name=&terminal_type=&language=&min_e2e_rtt=&max_e2e_rtt=&enterprise_project_id=&public_ip=&domain=", ConnectionFleet.Latest)]
    [InlineData("user_name=corp%5CANNA", @"CORP\anna CORP\anna")]
    [InlineData("user_name=ann", "")]
    [InlineData("computer_name=aps-1", "berta")]
    [InlineData("terminal_type=windows", @"berta CORP\anna")]
    [InlineData("terminal_type=S%2010", "berta")]
    [InlineData("terminal_type=%25", "")]
    [InlineData("terminal_type=_", "")]
    [InlineData("public_ip=203.0.113.9&terminal_type=mac", @"CORP\anna")]
    [InlineData("enterprise_project_id=ep-5", "Änne@corp.example")]
    [InlineData("min_e2e_rtt=34", @"昇 CORP\anna")]
    [InlineData("min_e2e_rtt=35&max_e2e_rtt=200", "昇")]
    [InlineData("max_e2e_rtt=34", @"CORP\anna")]
    [InlineData("max_e2e_rtt=12", "")]
    public async Task The_filters_are_joined_and_the_terminal_type_matches_in_part(string query, string users) => await AssertFoundAsync(query, users);

    [Theory]
    [InlineData("start_time=2030-02-20T12:00:00Z", "berta Änne@corp.example")]
    [InlineData("end_time=2030-02-20T10:00:00Z", @"CORP\anna")]
    [InlineData("end_time=2030-02-01T00:00:00Z", "old")]
    [InlineData("start_time=2030-01-01T00:00:00Z&end_time=2030-01-31T00:00:00Z", "old")]
    [InlineData("start_time=2030-02-20T10:00:00Z&end_time=2030-02-20T10:00:00Z", @"CORP\anna")]
    [InlineData("end_time=2031-01-01T00:00:00Z", "")]
    [InlineData("end_time=0001-01-02T00:00:00Z", "")]
    public async Task D0075_each_time_may_stand_alone_and_any_30_days_are_exported(string query, string users) => await AssertFoundAsync(query, users);

    [Theory]
    [InlineData("start_time=2030-01-30T08:59:59Z", "start_time must be at most 30 days ago")]
    [InlineData("start_time=2030-03-01T09:00:01Z", "start_time must be no later than now")]
    [InlineData("start_time=2030-01-01T00:00:00Z&end_time=2030-01-31T00:00:01Z", "end_time must be at most 30 days after start_time")]
    [InlineData("start_time=2030-02-01T00:00:01Z&end_time=2030-02-01T00:00:00Z", "start_time must be no later than end_time")]
    public async Task D0075_more_than_30_days_are_refused(string query, string words) =>
        (await fleet.Server.GetAsync($"{fleet.Task}?{query}")).As(400, Refused.Parameter, words);

    [Fact]
    public async Task D0075_with_the_setting_only_the_latest_30_days_are_exported()
    {
        await using var server = await WorkspaceServer.StartAsync(new ServerOptions { Huawei = new() { Connections = new() { LatestDaysOnly = true } } });
        var path = $"/v3/{server.Project}/desktops/connections/export";

        foreach (var bad in (string[])["start_time=2030-01-30T08:59:59Z&end_time=2030-02-01T00:00:00Z", "end_time=2030-01-30T08:59:59Z"])
            (await server.GetAsync($"{path}?{bad}")).As(400, Refused.Parameter, "within the latest 30 days");
        foreach (var good in (string[])["", "start_time=2030-01-30T09:00:00Z", "end_time=2030-02-01T00:00:00Z", "start_time=2030-01-30T09:00:00Z&end_time=2030-01-30T09:00:00Z"])
            (await server.GetAsync($"{path}?{good}")).Is(200);
    }

    [Theory]
    [InlineData("domain=corp", @"CORP\anna CORP\anna")]
    [InlineData("domain=CORP.example", "Änne@corp.example")]
    [InlineData("domain=F%C3%96RSTEREI", "berta")]
    [InlineData("domain=elsewhere", "")]
    [InlineData("domain=example", "")]
    [InlineData("domain=%25", "")]
    public async Task D0076_a_domain_is_the_one_in_the_name_else_the_directorys(string query, string users) => await AssertFoundAsync(query, users);

    [Fact]
    public async Task The_file_is_that_of_the_predecessor_in_either_language()
    {
        foreach (var language in (string[])["", "en_US", "zh_CN"])
        {
            var query = $"?language={language}&start_time=2030-02-01T00:00:00Z&end_time=2030-03-01T00:00:00Z";
            var predecessor = Assert.Single(OpenXmlReading.Read((await fleet.Server.GetAsync(fleet.Records + "/export" + query)).Is(200).Bytes));
            var file = await fleet.OrderedAsync(fleet.Task + query);

            Assert.Equal(predecessor.Name, file.Name);
            Assert.Equal(6, file.Rows.Count);
            Assert.Equal(predecessor.Rows, file.Rows);
        }
    }

    [Fact]
    public async Task Without_times_the_window_is_that_of_the_order_and_the_file_is_named_for_it()
    {
        var id = (await fleet.Server.GetAsync(fleet.Task)).Is(200).Json.GetProperty("task_id").GetString()!;

        var task = await fleet.Server.TaskAsync(id, status => status is not "CREATING");

        Assert.Matches("^connections-20300301T090000Z-[0-9a-f]{8}\\.xlsx$", task.GetProperty("file_name").GetString());
    }

    [Fact]
    public async Task D0077_who_may_not_export_connections_may_neither_order_nor_fetch_them()
    {
        (await fleet.Server.GetAsync(fleet.Task, "helpdesk")).As(403, Refused.NotAllowed);
        var id = (await fleet.Server.GetAsync(fleet.Task, "auditor")).Is(200).Json.GetProperty("task_id").GetString()!;
        await fleet.Server.TaskAsync(id, status => status is "SUCCESS");

        (await fleet.Server.GetAsync($"{fleet.Server.Tasks}/{id}/download", "helpdesk")).As(403, Refused.NotAllowed);
        (await fleet.Server.GetAsync($"{fleet.Server.Tasks}/{id}/download", "auditor")).Is(200);
    }

    private async Task AssertFoundAsync(string query, string users) =>
        Assert.Equal(users, ConnectionFleet.UsersOf(await fleet.OrderedAsync($"{fleet.Task}?{query}"), UserColumn));
}
