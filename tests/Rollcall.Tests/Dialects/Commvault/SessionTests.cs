using System.Net;
using System.Text.RegularExpressions;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>What GET Session lists, and for whom.</summary>
public sealed partial class SessionTests
{
    private const string Name = CommvaultServer.SelfName, Password = CommvaultServer.SelfPassword;

    /// <summary>The page's sample with the white space between its elements taken out; the session's id is the system's own.</summary>
    private const string Sample =
        """<?xml version="1.0" encoding="UTF-8" standalone="no" ?><Api_GetLoggedInSessionsResp>"""
        + """<sessions logoutTime="1453394214" loginTime="1453328412" host="host002" description="" sessionId="EMC{id}" browserSessionId="3" consoleType="5">"""
        + """<user userName="jsmith" userId="10" /></sessions></Api_GetLoggedInSessionsResp>""";

    /// <summary>The second browser session of the tenant: the administrator's, who made the operator, was the first.</summary>
    private const string OneSession =
        """{"sessions":[{"lastAccessedTime":1898586000,"logoutTime":0,"loginTime":1898586000"""
        + ""","host":"lt-2211","location":"","description":"","sessionId":"{id}","browserSessionId":2,"consoleType":19"""
        + ""","user":{"userName":"jsmith","userId":2}}]}""";

    [Fact]
    public async Task A_sign_in_that_another_console_reported_equals_the_published_xml_sample()
    {
        await using var server = await RunningServer.StartAsync();
        for (var id = 2; id <= 9; id++)
            await server.Native.AddOperatorAsync($"operator {id}", password: null, "self");
        Assert.Equal(10, await server.Native.AddOperatorAsync(Name, password: null, "self"));
        await server.Native.SendAsync(
            CommvaultRequests.SignInEvent("started", DateTimeOffset.FromUnixTimeSeconds(1453328412), "JSmith"),
            CommvaultRequests.SignInEvent("ended", DateTimeOffset.FromUnixTimeSeconds(1453394214), "JSmith"));
        var token = await server.Http.LoginAsync(server.Bootstrap.OperatorName, server.Bootstrap.Password);

        var reply = await server.Http.GetAsync("Session?userId=10", token, "application/xml");

        Assert.Equal("application/xml; charset=utf-8", reply.ContentType);
        Assert.Equal(Sample.Replace("{id}", IdIn(reply), StringComparison.Ordinal), reply.Text);
    }

    [Fact]
    public async Task Ones_own_sign_in_is_listed_as_json_with_native_types()
    {
        await using var server = await RunningServer.StartAsync(clock: FakeClock.AtNine());
        await server.Native.AddOperatorAsync(Name, Password, "self");
        var token = await server.Http.LoginAsync(Name, Password, ("deviceId", "lt-2211"));

        var reply = await server.Http.GetAsync("Session", token);

        Assert.Equal("application/json; charset=utf-8", reply.ContentType);
        Assert.Equal(OneSession.Replace("{id}", IdIn(reply), StringComparison.Ordinal), reply.Text);
    }

    [Fact]
    public async Task D0034_json_has_the_newer_members_and_xml_equals_the_sample()
    {
        await using var server = await RunningServer.StartAsync();
        await server.Native.AddOperatorAsync(Name, Password, "self");
        var token = await server.Http.LoginAsync(Name, Password);

        var json = Assert.Single((await server.Http.GetAsync("Session", token)).Sessions);
        var xml = Assert.Single((await server.Http.GetAsync("Session", token, "text/xml")).Xml.Elements());

        Assert.Equal(
            ["lastAccessedTime", "logoutTime", "loginTime", "host", "location", "description", "sessionId", "browserSessionId", "consoleType", "user"],
            json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ["logoutTime", "loginTime", "host", "description", "sessionId", "browserSessionId", "consoleType"],
            xml.Attributes().Select(attribute => attribute.Name.LocalName));
    }

    [Fact]
    public async Task D0035_an_expired_sign_in_has_the_instant_of_its_expiry_as_logout_time()
    {
        var clock = FakeClock.AtNine();
        await using var server = await RunningServer.StartAsync(clock: clock);
        await server.Native.AddOperatorAsync(Name, Password, "self");
        var first = await server.Http.LoginAsync(Name, Password);
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("Session", first)).Status);
        var lastUse = clock.GetUtcNow().ToUnixTimeSeconds();

        clock.Advance(TimeSpan.FromMinutes(30));
        var refused = await server.Http.GetAsync("Session", first);
        clock.Advance(TimeSpan.FromHours(5));
        var second = await server.Http.LoginAsync(Name, Password);
        var list = (await server.Http.GetAsync("Session", second)).Sessions;

        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Equal([0, lastUse + (30 * 60)], list.Select(session => session.GetProperty("logoutTime").GetInt64()));
        Assert.Equal(lastUse, list[1].GetProperty("lastAccessedTime").GetInt64());
    }

    [Fact]
    public async Task Asking_for_the_list_breaks_the_silence_of_the_token_that_asks()
    {
        var clock = FakeClock.AtNine();
        await using var server = await RunningServer.StartAsync(clock: clock);
        await server.Native.AddOperatorAsync(Name, Password, "self");
        var token = await server.Http.LoginAsync(Name, Password);

        for (var times = 0; times < 4; times++)
        {
            clock.Advance(TimeSpan.FromMinutes(29));
            var reply = await server.Http.GetAsync("Session", token);
            Assert.Equal(clock.GetUtcNow().ToUnixTimeSeconds(), Assert.Single(reply.Sessions).GetProperty("lastAccessedTime").GetInt64());
        }
    }

    [Fact]
    public async Task A_sign_in_that_was_signed_out_stays_in_the_list_below_the_newer_one()
    {
        var clock = FakeClock.AtNine();
        await using var server = await RunningServer.StartAsync(clock: clock);
        await server.Native.AddOperatorAsync(Name, Password, "self");
        var first = await server.Http.LoginAsync(Name, Password);
        clock.Advance(TimeSpan.FromMinutes(3));
        await server.Http.PostAsync("Logout", string.Empty, contentType: null, token: first);
        clock.Advance(TimeSpan.FromMinutes(1));
        var second = await server.Http.LoginAsync(Name, Password);

        var list = (await server.Http.GetAsync("Session", second)).Sessions;

        var nine = FakeClock.AtNine().GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal([nine + 240, nine], list.Select(session => session.GetProperty("loginTime").GetInt64()));
        Assert.Equal([0, nine + 180], list.Select(session => session.GetProperty("logoutTime").GetInt64()));
        Assert.Equal(2, list.Select(session => session.GetProperty("browserSessionId").GetInt64()).Distinct().Count());
    }

    [Fact]
    public async Task Only_ids_of_the_commcell_console_have_the_prefix()
    {
        await using var server = await RunningServer.StartAsync();
        await server.Native.AddOperatorAsync(Name, Password, "self");
        var at = DateTimeOffset.FromUnixTimeSeconds(1453328412);
        int[] consoles = [5, 13, 14, 19, 4711];
        await server.Native.SendAsync([.. consoles.Select(console =>
            CommvaultRequests.SignInEvent("started", at.AddMinutes(-console), Name, $"host {console}", console))]);
        var token = await server.Http.LoginAsync(Name, Password);

        var foreign = (await server.Http.GetAsync("Session", token)).Sessions.Skip(1);

        Assert.Equal(
            consoles.Select(console => (console, console == 5)),
            foreign.Select(session => (session.GetProperty("consoleType").GetInt32(), session.GetProperty("sessionId").GetString()!.StartsWith("EMC", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Any_text_of_a_machine_survives_in_xml()
    {
        const string Nasty = "a<b>&\"'\t\r\n\u0001\uFFFE€😀";
        await using var server = await RunningServer.StartAsync();
        await server.Native.AddOperatorAsync(Name, Password, "self");
        await server.Native.SendAsync(CommvaultRequests.SignInEvent("started", DateTimeOffset.UnixEpoch.AddDays(1), Name, Nasty));
        var token = await server.Http.LoginAsync(Name, Password);

        var xml = (await server.Http.GetAsync("Session", token, "application/xml")).Xml;

        Assert.Equal("a<b>&\"'\t\r\n\uFFFD\uFFFD€😀", xml.Elements().Last().Attribute("host")!.Value);
    }

    [Fact]
    public async Task An_operator_of_another_tenant_is_unknown_to_a_tenants_administrator_but_not_to_the_servers()
    {
        await using var server = await RunningServer.StartAsync();
        var foreign = await server.Native.AddOperatorAsync("stranger", Password, "self", await server.Native.AddTenantAsync("other"));
        await server.Native.AddOperatorAsync("boss", Password, "administrator");
        await server.Http.LoginAsync("stranger", Password);
        var tenants = await server.Http.LoginAsync("boss", Password);
        var servers = await server.Http.LoginAsync(server.Bootstrap.OperatorName, server.Bootstrap.Password);

        Assert.Equal("""{"sessions":[]}""", (await server.Http.GetAsync($"Session?userId={foreign}", tenants)).Text);
        Assert.Single((await server.Http.GetAsync($"Session?userId={foreign}", servers)).Sessions);
    }

    [Fact]
    public async Task The_list_is_no_longer_than_its_setting()
    {
        var options = new Server.Configuration.ServerOptions { Commvault = new() { SessionsMax = 2 } };
        await using var server = await RunningServer.StartAsync(options);
        await server.Native.AddOperatorAsync(Name, Password, "self");
        var at = DateTimeOffset.FromUnixTimeSeconds(1453328412);
        await server.Native.SendAsync([.. Enumerable.Range(0, 5).Select(day => CommvaultRequests.SignInEvent("started", at.AddDays(day), Name))]);
        var token = await server.Http.LoginAsync(Name, Password);

        var list = (await server.Http.GetAsync("Session", token)).Sessions;

        Assert.Equal([19, 5], list.Select(session => session.GetProperty("consoleType").GetInt32()));
        Assert.Equal(at.AddDays(4).ToUnixTimeSeconds(), list[1].GetProperty("loginTime").GetInt64());
    }

    private static string IdIn(Reply reply) => Assert.Single(Guids().Matches(reply.Text)).Value;

    [GeneratedRegex("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Guids();
}
