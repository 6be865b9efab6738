using System.Net;
using System.Text.RegularExpressions;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>What the server says of itself: GET CommServ, and that there is no second factor.</summary>
public sealed class ServerInfoTests(CommvaultServer shared) : IClassFixture<CommvaultServer>
{
    private HttpClient Http => shared.Server.Http;

    [Theory]
    [InlineData("CommServ", null)]
    [InlineData("commserv", "application/json")]
    [InlineData("/commandcenter/api//CommServ", "application/xml")]
    public async Task D0052_the_server_calls_itself_by_its_own_name_and_version(string path, string? accept)
    {
        var reply = await Http.GetAsync(path, shared.SelfToken, accept);

        Assert.Equal((HttpStatusCode.OK, "application/json; charset=utf-8"), (reply.Status, reply.ContentType));
        var json = reply.Json;
        var version = typeof(ServerOptions).Assembly.GetName().Version!;
        Assert.Equal(
            ["hostName", "commcell", "csTimeZone", "timeZone", "csVersionInfo", "currentSPVersion", "releaseName"],
            json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(Environment.MachineName, json.GetProperty("hostName").GetString());
        Assert.Equal(("rollcall", 2), (json.GetProperty("commcell").GetProperty("commCellName").GetString(), json.GetProperty("commcell").GetProperty("commCellId").GetInt32()));
        Assert.Equal((version.ToString(3), version.Major, "Rollcall"), (json.GetProperty("csVersionInfo").GetString(), json.GetProperty("currentSPVersion").GetInt32(), json.GetProperty("releaseName").GetString()));
        Assert.Equal(TimeZoneInfo.Local.Id, json.GetProperty("csTimeZone").GetProperty("TimeZoneName").GetString());
        Assert.Matches(@"^\(UTC[+-]\d\d:\d\d\) " + Regex.Escape(TimeZoneInfo.Local.Id) + "$", json.GetProperty("timeZone").GetString());
    }

    [Fact]
    public async Task D0052_the_guid_is_this_ledgers_and_no_other_and_the_name_is_the_domains()
    {
        await using var other = await RunningServer.StartAsync(new ServerOptions { Domain = "corp" });
        var stranger = await other.Http.LoginAsync(other.Bootstrap.OperatorName, other.Bootstrap.Password);

        var mine = (await Http.GetAsync("CommServ", shared.SelfToken)).Json.GetProperty("commcell");
        var again = (await Http.GetAsync("CommServ", shared.AdministratorToken)).Json.GetProperty("commcell");
        var theirs = (await other.Http.GetAsync("CommServ", stranger)).Json.GetProperty("commcell");

        Assert.Equal(mine.GetRawText(), again.GetRawText());
        Assert.NotEqual(mine.GetProperty("csGUID").GetString(), theirs.GetProperty("csGUID").GetString());
        Assert.Equal("corp", theirs.GetProperty("commCellName").GetString());
    }

    [Theory]
    [InlineData("?username=jsmith")]
    [InlineData("?username=nobody")]
    [InlineData("")]
    public async Task D0053_there_is_no_second_factor_for_anybody(string query)
    {
        var reply = await Http.GetAsync("Security/TwoFactorAuth/Status" + query, shared.SelfToken, "application/xml");

        Assert.Equal("""{"errorCode":0,"twoFactorInfo":{"isTwoFactorAuthenticationEnabled":false}}""", reply.Text);
        Assert.Equal("application/json; charset=utf-8", reply.ContentType);
    }

    [Theory]
    [InlineData("CommServ")]
    [InlineData("Security/TwoFactorAuth/Status?username=jsmith")]
    [InlineData("User")]
    [InlineData("User/2")]
    [InlineData("v2/WhoAmI")]
    public async Task Without_a_good_token_the_server_says_nothing_of_itself(string path)
    {
        var reply = await Http.GetAsync(path, token: null);

        Assert.Equal((HttpStatusCode.Unauthorized, """{"errorMessage":"Access denied","errorCode":5}"""), (reply.Status, reply.Text));
    }

    [Theory]
    [InlineData("--Commvault:RenewHours", "-1", "Commvault:RenewHours must be from 0 to 720")]
    [InlineData("--Commvault:RenewHours", "721", "Commvault:RenewHours must be from 0 to 720")]
    [InlineData("--Commvault:UsersMax", "0", "Commvault:UsersMax must be from 1 to 100000")]
    public void A_setting_that_cannot_be_used_is_refused_with_a_sentence(string name, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<SettingException>(() => ServerConfiguration.Read([name, value])).Message);
}
