using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>POST Login and POST Logout on a server whose sign-ins do not disturb each other.</summary>
public sealed partial class LoginTests(CommvaultServer shared) : IClassFixture<CommvaultServer>
{
    private const string Name = CommvaultServer.SelfName, Password = CommvaultServer.SelfPassword;

    private const string Failed =
        """{"loginAttempts":1,"remainingLockTime":0,"isAccountLocked":false,"errList":[{"errLogMessage":"The user name or the password is wrong","errorCode":1116}]}""";

    private static readonly string Encoded = CommvaultRequests.Encode(Password);

    private HttpClient Http => shared.Server.Http;

    [Fact]
    public async Task The_address_a_login_came_from_is_kept_whatever_the_machine_calls_itself()
    {
        var token = await Http.LoginAsync(Name, Password, ("deviceId", "some-other-machine"));

        var kept = await shared.Server.Services.GetRequiredService<SignInDesk>().TryGetAsync(token["QSDK ".Length..], CancellationToken.None);

        Assert.Equal(("some-other-machine", "127.0.0.1"), (kept!.Host, kept.ClientAddress));
    }

    [Fact]
    public async Task A_good_login_answers_in_json_with_the_recorded_members_in_their_order()
    {
        var reply = await Http.PostAsync("Login", JsonBody(), "application/json");

        Assert.Equal((HttpStatusCode.OK, "application/json; charset=utf-8"), (reply.Status, reply.ContentType));
        Assert.Equal(
            """{"aliasName":"2","userGUID":"{guid}","loginAttempts":0,"remainingLockTime":0,"smtpAddress":"","userName":"jsmith","providerType":1"""
            + ""","ccn":0,"token":"{token}","capability":0,"forcePasswordChange":false,"isAccountLocked":false"""
            + ""","ownerOrganization":{"providerId":0,"providerDomainName":"rollcall"},"providerOrganization":{"providerId":0,"providerDomainName":"rollcall"}"""
            + ""","errList":[]}""",
            Masked(reply.Text));
    }

    [Fact]
    public async Task A_good_login_answers_in_xml_with_attributes_and_0_for_false()
    {
        var reply = await Http.PostAsync("login", XmlBody(), "text/xml; charset=utf-8", "application/xml");

        Assert.Equal((HttpStatusCode.OK, "application/xml; charset=utf-8"), (reply.Status, reply.ContentType));
        Assert.Equal(
            """<?xml version="1.0" encoding="UTF-8" standalone="no" ?><DM2ContentIndexing_CheckCredentialResp aliasName="2" userGUID="{guid}" """
            + """loginAttempts="0" remainingLockTime="0" smtpAddress="" userName="jsmith" providerType="1" ccn="0" token="{token}" capability="0" """
            + """forcePasswordChange="0" isAccountLocked="0"><ownerOrganization providerId="0" providerDomainName="rollcall" />"""
            + """<providerOrganization providerId="0" providerDomainName="rollcall" /></DM2ContentIndexing_CheckCredentialResp>""",
            Masked(reply.Text));
    }

    [Fact]
    public async Task The_format_of_the_answer_does_not_follow_that_of_the_request()
    {
        var xml = await Http.PostAsync("Login", JsonBody(), "application/json; charset=utf-8", "application/xml");
        var json = await Http.PostAsync("Login", XmlBody(), "application/xml", "application/json");

        Assert.StartsWith("QSDK ", xml.Xml.Attribute("token")!.Value, StringComparison.Ordinal);
        Assert.StartsWith("QSDK ", json.Json.GetProperty("token").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Name, "wrong password")]
    [InlineData("nobody", Password)]
    [InlineData(Name, "")]
    [InlineData(@"CORP\jsmith", Password)]
    public async Task A_wrong_name_and_a_wrong_password_get_the_same_200_without_a_token(string name, string password)
    {
        var reply = await Http.PostAsync("Login", JsonBody(name, CommvaultRequests.Encode(password)), "application/json");

        Assert.Equal((HttpStatusCode.OK, Failed), (reply.Status, reply.Text));
    }

    [Theory]
    [InlineData("correct horse")] // in clear
    [InlineData("Y29y*")]
    [InlineData("/w==")] // a byte that is no UTF-8
    public async Task A_password_that_is_no_base64_of_utf8_is_a_wrong_one(string password)
    {
        var reply = await Http.PostAsync("Login", JsonBody(password: password), "application/json");

        Assert.Equal((HttpStatusCode.OK, Failed), (reply.Status, reply.Text));
    }

    [Fact]
    public async Task A_failed_login_in_xml_has_the_error_as_an_element()
    {
        var reply = await Http.PostAsync("Login", JsonBody("nobody"), "application/json", "application/xml");

        Assert.Equal(
            """<?xml version="1.0" encoding="UTF-8" standalone="no" ?><DM2ContentIndexing_CheckCredentialResp loginAttempts="1" remainingLockTime="0" isAccountLocked="0">"""
            + """<errList errLogMessage="The user name or the password is wrong" errorCode="1116" /></DM2ContentIndexing_CheckCredentialResp>""",
            reply.Text);
    }

    [Theory]
    [InlineData("""{"USERNAME":"JSmith","Password":"{0}","unknown":[1,{}],"domain":null}""", "application/json")]
    [InlineData("""{"username":"Rollcall\\jsmith","password":"{0}"}""", "application/json")]
    [InlineData("""{"username":"jsmith","password":"{0}","domain":"ROLLCALL","timeOut":"20160"}""", "application/json")]
    [InlineData("""<dm2contentindexing_checkcredentialreq UserName="jsmith" PASSWORD="{0}" timeOut="10000" domain=""><autoLogin /></dm2contentindexing_checkcredentialreq>""", "application/xml")]
    public async Task Members_are_known_in_any_case_and_this_servers_domain_is_no_part_of_the_name(string body, string type)
    {
        var reply = await Http.PostAsync("Login", body.Replace("{0}", Encoded, StringComparison.Ordinal), type);

        Assert.Contains("QSDK ", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"CORP\kim", null)]
    [InlineData("kim", "corp")]
    public async Task D0037_another_domain_is_part_of_the_name_and_this_servers_is_not(string name, string? domain)
    {
        await using var server = await RunningServer.StartAsync();
        await server.Native.AddOperatorAsync(@"CORP\kim", Password, "self");

        await server.Http.LoginAsync(name, Password, ("domain", domain));
        await server.Http.LoginAsync("rollcall\\" + server.Bootstrap.OperatorName, server.Bootstrap.Password);
    }

    [Fact]
    public async Task The_host_is_the_device_id_in_printable_text_or_else_the_address()
    {
        var named = await Http.LoginAsync(Name, Password, ("deviceId", " lt\u0007-2211\r\n" + new string('x', 300)));
        var host = (await Http.GetAsync("Session", named)).Sessions[0].GetProperty("host").GetString();
        await Http.PostAsync("Logout", string.Empty, contentType: null, token: named);

        Assert.Equal("lt-2211" + new string('x', 248), host);
        var session = (await Http.GetAsync("Session", shared.SelfToken)).Sessions[^1];
        Assert.Equal("127.0.0.1", session.GetProperty("host").GetString());
    }

    [Theory]
    [InlineData(5, 299, HttpStatusCode.OK)]
    [InlineData(5, 300, HttpStatusCode.Unauthorized)]
    [InlineData(null, (7 * 60) - 1, HttpStatusCode.OK)]
    [InlineData(null, 7 * 60, HttpStatusCode.Unauthorized)]
    public async Task A_token_dies_after_the_silence_that_its_login_asked_for_or_the_servers(int? timeout, int silenceSeconds, HttpStatusCode status)
    {
        var clock = FakeClock.AtNine();
        await using var server = await RunningServer.StartAsync(new ServerOptions { Commvault = new() { IdleMinutes = 7 } }, clock);
        var token = await server.Http.LoginAsync(server.Bootstrap.OperatorName, server.Bootstrap.Password, ("timeout", timeout));

        clock.Advance(TimeSpan.FromSeconds(silenceSeconds));

        Assert.Equal(status, (await server.Http.GetAsync("Session", token)).Status);
    }

    [Fact]
    public async Task Too_many_failures_are_429_until_the_minute_is_over()
    {
        var clock = FakeClock.AtNine();
        var options = new ServerOptions { SignIn = new() { LoopbackFailuresPerMinuteMax = 1 } };
        await using var server = await RunningServer.StartAsync(options, clock);
        var body = JsonBody("nobody");
        await server.Http.PostAsync("Login", body, "application/json");

        var refused = await server.Http.PostAsync("Login", body, "application/json");
        clock.Advance(TimeSpan.FromMinutes(1));
        var again = await server.Http.PostAsync("Login", body, "application/json");

        Assert.Equal((HttpStatusCode.TooManyRequests, 429), (refused.Status, refused.Json.GetProperty("errorCode").GetInt32()));
        Assert.Equal(60, refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Equal(Failed, again.Text);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("", "application/xml")]
    [InlineData("neither JSON nor XML", "application/x-www-form-urlencoded")]
    public async Task A_logout_ends_the_token_once_whatever_its_body(string body, string? type)
    {
        var token = await Http.LoginAsync(Name, Password);

        var first = await Http.PostAsync("logout", body, type, "application/xml", token);
        var second = await Http.PostAsync("Logout", body, type, token: token);

        Assert.Equal((HttpStatusCode.OK, "text/plain; charset=utf-8", "User logged out"), (first.Status, first.ContentType, first.Text));
        Assert.Equal((HttpStatusCode.Unauthorized, """{"errorMessage":"Access denied","errorCode":5}"""), (second.Status, second.Text));
    }

    private static string JsonBody(string name = Name, string? password = null) =>
        new JsonObject { ["mode"] = 4, ["username"] = name, ["password"] = password ?? Encoded, ["clientType"] = 30 }.ToJsonString();

    private static string XmlBody() =>
        string.Create(CultureInfo.InvariantCulture, $"""<?xml version="1.0"?><DM2ContentIndexing_CheckCredentialReq mode="Webconsole" username="{Name}" password="{Encoded}" />""");

    private static string Masked(string text) => Token().Replace(Guid().Replace(text, "{guid}", 1), "{token}", 1);

    [GeneratedRegex("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Guid();

    [GeneratedRegex("QSDK [0-9a-f]{128}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Token();
}
