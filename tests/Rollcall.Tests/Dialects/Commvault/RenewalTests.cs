using System.Net;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>POST RenewLoginToken on servers of their own, whose clocks the tests move.</summary>
public sealed class RenewalTests : IAsyncLifetime
{
    private const string Name = CommvaultServer.SelfName, Password = CommvaultServer.SelfPassword;
    private const string Device = "lt-2211.corp.example";
    private const string Refused = """{"error":{"errLogMessage":"The session cannot be renewed: log in again"}}""";

    private readonly FakeClock clock = FakeClock.AtNine();
    private RunningServer server = null!;
    private long selfId;

    private HttpClient Http => server.Http;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.StartAsync(new ServerOptions { Commvault = new() { RenewHours = 2 } }, clock);
        selfId = await server.Native.AddOperatorAsync(Name, Password, "self");
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_token_that_died_of_silence_is_changed_for_a_new_one_of_the_same_session()
    {
        var dead = await LoginAsync();
        var before = Assert.Single((await Http.GetAsync("Session", dead)).Sessions);
        clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", dead)).Status);

        var reply = await Http.RenewAsync(dead, Device);

        var renewed = reply.Json.GetProperty("token").GetString()!;
        Assert.Equal((HttpStatusCode.OK, "application/json; charset=utf-8"), (reply.Status, reply.ContentType));
        Assert.Equal(["token"], reply.Json.EnumerateObject().Select(member => member.Name));
        Assert.Matches("^QSDK [0-9a-f]{128}$", renewed);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", dead)).Status);
        var after = Assert.Single((await Http.GetAsync("Session", renewed)).Sessions);
        Assert.Equal(before.GetProperty("sessionId").GetString(), after.GetProperty("sessionId").GetString());
        Assert.Equal(before.GetProperty("loginTime").GetInt64(), after.GetProperty("loginTime").GetInt64());
        Assert.Equal(0, after.GetProperty("logoutTime").GetInt64());
    }

    [Fact]
    public async Task A_living_token_is_changed_too_and_the_old_one_is_spent()
    {
        var living = await LoginAsync();

        var renewed = (await Http.RenewAsync(living, Device)).Json.GetProperty("token").GetString();

        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("Session", renewed)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", living)).Status);
    }

    [Theory]
    [InlineData(30 * 60, true)]
    [InlineData((150 * 60) - 1, true)]
    [InlineData(150 * 60, false)]
    [InlineData(86_400 * 400, false)]
    public async Task D0049_a_silent_sign_in_is_renewed_within_the_hours_of_the_setting(int silenceSeconds, bool isRenewed)
    {
        var token = await LoginAsync();
        clock.Advance(TimeSpan.FromSeconds(silenceSeconds));

        var reply = await Http.RenewAsync(token, Device);

        Assert.Equal((HttpStatusCode.OK, isRenewed), (reply.Status, reply.Text != Refused));
    }

    [Fact]
    public async Task D0049_with_no_hours_only_a_living_token_is_renewed()
    {
        await using var strict = await RunningServer.StartAsync(new ServerOptions { Commvault = new() { RenewHours = 0 } }, clock);
        var token = await strict.Http.LoginAsync(strict.Bootstrap.OperatorName, strict.Bootstrap.Password, ("deviceId", Device));
        var renewed = (await strict.Http.RenewAsync(token, Device)).Json.GetProperty("token").GetString()!;
        clock.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(Refused, (await strict.Http.RenewAsync(renewed, Device)).Text);
    }

    [Theory]
    [InlineData(Device + " ")]
    [InlineData("LT-2211.corp.example")]
    [InlineData("*")]
    public async Task Another_device_is_refused_and_spends_nothing(string device)
    {
        var token = await LoginAsync();

        var reply = await Http.RenewAsync(token, device);

        Assert.Equal((HttpStatusCode.OK, Refused), (reply.Status, reply.Text));
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("Session", token)).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Who_named_no_device_at_login_cannot_renew(string? device)
    {
        var token = await Http.LoginAsync(Name, Password, ("deviceId", device));

        Assert.Equal(Refused, (await Http.RenewAsync(token, "null")).Text);
        Assert.Equal(Refused, (await Http.RenewAsync(token, "127.0.0.1")).Text);
    }

    [Theory]
    [InlineData(" lt\u0007-2211\r\n")]
    [InlineData("机器-😀")]
    public async Task A_device_is_compared_as_it_was_sent_whatever_is_in_it(string device)
    {
        var odd = device + new string('x', 4000);
        var token = await Http.LoginAsync(Name, Password, ("deviceId", odd));

        Assert.Equal(Refused, (await Http.RenewAsync(token, odd.Trim() + "y")).Text);
        Assert.NotEqual(Refused, (await Http.RenewAsync(token, odd)).Text);
    }

    [Fact]
    public async Task A_session_that_was_logged_out_stays_so()
    {
        var token = await LoginAsync();
        await Http.PostAsync("Logout", string.Empty, contentType: null, token: token);

        Assert.Equal(Refused, (await Http.RenewAsync(token, Device)).Text);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", token)).Status);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(40)] // dead of silence already: nobody can see it end, but its client would bring it back
    public async Task D0058_a_session_that_was_logged_off_cannot_be_renewed(int minutesLater)
    {
        var token = await LoginAsync();
        var id = Assert.Single((await Http.GetAsync("Session", token)).Sessions).GetProperty("sessionId").GetString()!;
        clock.Advance(TimeSpan.FromMinutes(minutesLater));
        var administrator = await AdministratorAsync();

        Assert.Equal(HttpStatusCode.OK, (await Http.LogOffAsync(administrator, id)).Status);

        Assert.Equal(Refused, (await Http.RenewAsync(token, Device)).Text);
        var ended = Assert.Single((await Http.GetAsync($"Session?userId={selfId}", administrator)).Sessions).GetProperty("logoutTime").GetInt64();
        Assert.Equal(FakeClock.AtNine().GetUtcNow().AddMinutes(Math.Min(minutesLater, 30)).ToUnixTimeSeconds(), ended);
    }

    [Fact]
    public async Task A_removed_operator_cannot_renew()
    {
        var token = await LoginAsync();
        clock.Advance(TimeSpan.FromMinutes(31));
        await server.Native.RemoveOperatorAsync(selfId);

        Assert.Equal(Refused, (await Http.RenewAsync(token, Device)).Text);
    }

    [Theory]
    [InlineData("QSDK 00ff")]
    [InlineData("Bearer {api}")]
    [InlineData("{native}")]
    public async Task Only_tokens_of_this_login_are_renewed(string form)
    {
        var token = form
            .Replace("{api}", await server.Native.AddApiTokenAsync("script", "administrator"), StringComparison.Ordinal)
            .Replace("{native}", await server.Native.TokenAsync(), StringComparison.Ordinal);

        Assert.Equal(Refused, (await Http.RenewAsync(token, Device)).Text);
    }

    [Fact]
    public async Task D0050_of_renewals_that_race_for_one_token_one_wins()
    {
        var token = await LoginAsync();
        clock.Advance(TimeSpan.FromMinutes(31));

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Http.RenewAsync(token, Device)));

        Assert.All(replies, reply => Assert.Equal(HttpStatusCode.OK, reply.Status));
        Assert.Equal(7, replies.Count(reply => reply.Text == Refused));
        var winner = replies.Single(reply => reply.Text != Refused).Json.GetProperty("token").GetString();
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("Session", winner)).Status);
    }

    [Fact]
    public async Task Guessing_devices_is_429_like_guessing_passwords_and_so_is_guessing_tokens()
    {
        await using var narrow = await RunningServer.StartAsync(new ServerOptions { SignIn = new() { LoopbackFailuresPerMinuteMax = 2 } }, clock);
        var token = await narrow.Http.LoginAsync(narrow.Bootstrap.OperatorName, narrow.Bootstrap.Password, ("deviceId", Device));
        foreach (var guess in (string[])["a", "b"])
        {
            Assert.Equal(Refused, (await narrow.Http.RenewAsync(token, guess)).Text);
            Assert.Equal(Refused, (await narrow.Http.RenewAsync("QSDK " + guess, Device)).Text);
        }

        var devices = await narrow.Http.RenewAsync(token, Device);
        var tokens = await narrow.Http.RenewAsync("QSDK c", Device);
        clock.Advance(TimeSpan.FromMinutes(1));
        var again = await narrow.Http.RenewAsync(token, Device);

        Assert.Equal((HttpStatusCode.TooManyRequests, 429), (devices.Status, devices.Json.GetProperty("errorCode").GetInt32()));
        Assert.Equal(HttpStatusCode.TooManyRequests, tokens.Status);
        Assert.NotEqual(Refused, again.Text);
    }

    [Fact]
    public async Task D0051_a_renewal_is_json_whatever_is_asked_for()
    {
        var token = await LoginAsync();
        var body = $$"""{"SessionID":"{{token["QSDK ".Length..]}}","deviceid":"{{Device}}","unknown":1}""";

        var xml = await Http.PostAsync("renewlogintoken", "<DM2ContentIndexing_RenewLoginTokenReq />", "application/xml", "application/xml");
        var json = await Http.PostAsync("renewlogintoken", body, "application/json; charset=utf-8", "application/xml");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, xml.Status);
        Assert.Equal("The Content-Type must be application/json", xml.Xml.Attribute("errorMessage")!.Value);
        Assert.Equal("application/json; charset=utf-8", json.ContentType);
        Assert.StartsWith("QSDK ", json.Json.GetProperty("token").GetString(), StringComparison.Ordinal);
    }

    private Task<string> LoginAsync() => Http.LoginAsync(Name, Password, ("deviceId", Device));

    private Task<string> AdministratorAsync() => Http.LoginAsync(server.Bootstrap.OperatorName, server.Bootstrap.Password);
}
