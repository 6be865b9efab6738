using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>The filters of ListSessions (design 3, point 4), over one session in each state.</summary>
public sealed class SessionFilterTests(SessionFilterTests.Fleet fleet) : IClassFixture<SessionFilterTests.Fleet>
{
    private const string Day = "query_begin_time=2030-01-07T00:00Z&query_end_time=2030-01-08T00:00Z";

    [Theory]
    [InlineData("user_name=CORP%5CAnna", "anna")]
    [InlineData("user_name=corp%5CANNA", "anna")]
    [InlineData("user_name=%C3%84NNE", "änne")]
    [InlineData("user_name=%E6%98%87", "昇")]
    [InlineData("user_name=anna", "")]
    [InlineData("user_name=CORP%5Cann", "")]
    [InlineData("user_name=%25", "")]
    [InlineData("user_name=", "anna berta dora änne 昇")]
    public async Task D0018_a_user_name_filter_matches_the_whole_name_ignoring_case(string query, string found) => await AssertFoundAsync(query, found);

    [Theory]
    [InlineData("machine_name=rds-07", "anna")]
    [InlineData("machine_name=RDS-0", "")]
    [InlineData("app_server_group_id=g-1", "anna")]
    [InlineData("app_server_group_id=G-1", "")]
    [InlineData("vm_ip=10.2.0.17", "anna")]
    [InlineData("vm_ip=10.2.0.1", "")]
    [InlineData("vm_ip=FE80::1", "berta")]
    [InlineData("vm_ip=fe80::1", "")]
    public async Task D0018_machine_names_ignore_case_and_ids_and_addresses_do_not(string query, string found) => await AssertFoundAsync(query, found);

    [Theory]
    [InlineData("public_ip=203.0.113.9", "anna")]
    [InlineData("public_ip=203.0.113.90", "")]
    [InlineData("public_ip=", "anna berta dora änne 昇")]
    public async Task D0020_public_ip_narrows_the_list(string query, string found) => await AssertFoundAsync(query, found);

    [Theory]
    [InlineData("session_state=AppcInit", "berta")]
    [InlineData("session_state=Active", "anna")]
    [InlineData("session_state=Disconnected", "dora")]
    [InlineData("session_state=SignedOut", "änne")]
    [InlineData("session_state=InitFail", "昇")]
    [InlineData("session_state=Active,%20Disconnected%20,%20InitFail", "anna dora 昇")]
    [InlineData("session_state=%20Active%20", "anna")]
    [InlineData("session_state=Active,Active", "anna")]
    [InlineData("session_state=", "anna berta dora änne 昇")]
    public async Task A_list_of_states_may_have_blanks_around_its_commas(string query, string found) => await AssertFoundAsync(query, found);

    [Theory]
    [InlineData("is_success=true", "anna berta dora änne")]
    [InlineData("is_success=false", "昇")]
    [InlineData("is_success=", "anna berta dora änne 昇")]
    [InlineData("is_success=true&session_state=InitFail", "")]
    [InlineData("is_success=false&session_state=InitFail,Active", "昇")]
    public async Task D0019_is_success_tells_failed_logons_from_all_others(string query, string found) => await AssertFoundAsync(query, found);

    [Fact]
    public async Task D0009_an_empty_parameter_filters_nothing_and_an_empty_mandatory_one_is_refused()
    {
        await AssertFoundAsync("user_name=&machine_name=&app_server_group_id=&vm_ip=&public_ip=&session_state=&is_success=&limit=&offset=", "anna berta dora änne 昇");
        (await fleet.Server.GetAsync($"{fleet.Server.Sessions}?query_begin_time=&query_end_time=2030-01-08T00:00Z")).As(400, Refused.Parameter, "query_begin_time");
    }

    [Fact]
    public async Task Filters_are_joined_by_and_and_a_parameter_nobody_documents_is_ignored() =>
        await AssertFoundAsync("user_name=corp%5Canna&machine_name=RDS-07&session_state=Active&is_success=true&nobody=knows", "anna");

    [Fact]
    public async Task D0010_a_get_without_a_content_type_is_served()
    {
        var token = await fleet.Server.TokenAsync();
        var connections = Ask.Get(fleet.Server.Connections, token);

        (await connections.SendAsync(fleet.Server.Http)).Is(200);
        (await (connections with { Body = [], ContentType = "text/plain" }).SendAsync(fleet.Server.Http)).Is(200);
        (await (Ask.Get($"{fleet.Server.Sessions}?{Day}", token) with { Body = [], ContentType = "application/json" }).SendAsync(fleet.Server.Http)).Is(200);
    }

    private async Task AssertFoundAsync(string query, string found)
    {
        var list = await fleet.Server.ListAsync($"{Day}&{query}");

        var names = list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("login_user").GetString()!.Split('\\')[^1]).Order(StringComparer.Ordinal);
        Assert.Equal(found, string.Join(' ', names));
        Assert.Equal(found.Length == 0 ? 0 : found.Split(' ').Length, list.GetProperty("count").GetInt32());
    }

    /// <summary>A server with one session in each state.</summary>
    public sealed class Fleet : IAsyncLifetime
    {
        internal WorkspaceServer Server { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Server.InitializeAsync();
            var ten = new DateTimeOffset(2030, 1, 7, 10, 0, 0, TimeSpan.Zero);
            var second = WorkspaceServer.Bare("2", "berta", "APS-1");
            second["host"]!["ip"] = "FE80::1";
            await Server.Server.Native.SendAsync(
                WorkspaceServer.Event("started", ten, WorkspaceServer.Full("1")),
                WorkspaceServer.Event("initializing", ten, second),
                WorkspaceServer.Event("started", ten, WorkspaceServer.Bare("3", "dora", "APS-2")),
                WorkspaceServer.Event("disconnected", ten.AddMinutes(1), WorkspaceServer.Bare("3", "dora", "APS-2")),
                WorkspaceServer.Event("started", ten, WorkspaceServer.Bare("4", "änne", "APS-3")),
                WorkspaceServer.Event("ended", ten.AddMinutes(1), WorkspaceServer.Bare("4", "änne", "APS-3")),
                WorkspaceServer.Event("failed", ten, WorkspaceServer.Bare("5", "昇", "APS-4")));
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
