using System.Net;
using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>DELETE Sessions: what it ends, for whom, and what it refuses whole.</summary>
public sealed class LogoffTests : IAsyncLifetime
{
    private const string Name = CommvaultServer.SelfName, Password = CommvaultServer.SelfPassword;
    private const string Unknown = "CF1C660B-396F-44B7-86DA-5608CEC97453";

    private readonly FakeClock clock = FakeClock.AtNine();
    private RunningServer server = null!;
    private long selfId;
    private string self = null!;
    private string administrator = null!;

    private HttpClient Http => server.Http;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.StartAsync(clock: clock);
        selfId = await server.Native.AddOperatorAsync(Name, Password, "self");
        self = await Http.LoginAsync(Name, Password);
        administrator = await Http.LoginAsync(server.Bootstrap.OperatorName, server.Bootstrap.Password);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData("application/xml", """<Api_LogoffUsersResponse />""", "application/xml")]
    [InlineData("text/xml; charset=utf-8", "{}", "application/json")]
    [InlineData("application/xml", "{}", null)]
    public async Task The_published_xml_logs_off_what_the_list_printed(string type, string answer, string? accept)
    {
        var id = await IdAsync(self);
        // As on the page: a declaration, white space, and a blank before the end of the root's end tag.
        var body = $"""<?xml version="1.0" encoding="utf-8"?>{"\n"}<Api_LogoffUsersRequest>{"\n"}  <sessions val="{id}"/>{"\n"}  <sessions val="{Unknown}"/>{"\n"}</Api_LogoffUsersRequest >""";

        var reply = await Http.SendAsync(HttpMethod.Delete, "Sessions", body, type, accept, administrator);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.EndsWith(answer, reply.Text, StringComparison.Ordinal);
        Assert.Equal(accept is "application/xml" ? """<?xml version="1.0" encoding="UTF-8" standalone="no" ?>""" + answer : answer, reply.Text);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", self)).Status);
    }

    [Fact]
    public async Task Json_logs_off_at_this_very_instant_and_again_changes_nothing()
    {
        var id = await IdAsync(self);
        clock.Advance(TimeSpan.FromMinutes(7));
        var now = clock.GetUtcNow().ToUnixTimeSeconds();

        var first = await Http.LogOffAsync(administrator, id.ToLowerInvariant());
        clock.Advance(TimeSpan.FromMinutes(1));
        var second = await Http.LogOffAsync(administrator, id, id);

        Assert.Equal((HttpStatusCode.OK, "{}"), (first.Status, first.Text));
        Assert.Equal((HttpStatusCode.OK, "{}"), (second.Status, second.Text));
        var session = Assert.Single((await Http.GetAsync($"Session?userId={selfId}", administrator)).Sessions);
        Assert.Equal(now, session.GetProperty("logoutTime").GetInt64());
        Assert.Equal(FakeClock.AtNine().GetUtcNow().ToUnixTimeSeconds(), session.GetProperty("lastAccessedTime").GetInt64()); // others ended it: it was not used
    }

    [Fact]
    public async Task Ones_own_sessions_need_no_permission_even_the_one_that_asks()
    {
        var other = await Http.LoginAsync(Name, Password);

        var reply = await Http.LogOffAsync(self, [.. (await SessionsAsync(self)).Select(IdOf)]);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", self)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", other)).Status);
    }

    [Fact]
    public async Task D0056_one_forbidden_session_spares_them_all()
    {
        var own = await IdAsync(self);
        var foreign = await IdAsync(administrator);

        var reply = await Http.LogOffAsync(self, own, Unknown, foreign);

        Assert.Equal((HttpStatusCode.Forbidden, """{"errorMessage":"No permission for this operation","errorCode":6}"""), (reply.Status, reply.Text));
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("Session", self)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("Session", administrator)).Status);
    }

    [Fact]
    public async Task D0057_a_session_that_another_console_reported_cannot_be_logged_off_here()
    {
        await server.Native.SendAsync(CommvaultRequests.SignInEvent("started", clock.GetUtcNow().AddHours(-1), Name));
        var (own, reported) = await SessionsAsync(self) is [var newer, var older] ? (IdOf(newer), IdOf(older)) : throw new InvalidOperationException();
        Assert.StartsWith("EMC", reported, StringComparison.Ordinal);

        var byHolder = await Http.LogOffAsync(self, own, reported);
        var byAdministrator = await Http.LogOffAsync(administrator, own, reported);

        Assert.Equal((HttpStatusCode.Conflict, 409), (byHolder.Status, byHolder.Json.GetProperty("errorCode").GetInt32()));
        Assert.Equal(byHolder.Text, byAdministrator.Text);
        Assert.All(await SessionsAsync(self), session => Assert.Equal(0, session.GetProperty("logoutTime").GetInt64()));

        await server.Native.SendAsync(CommvaultRequests.SignInEvent("ended", clock.GetUtcNow(), Name));
        Assert.Equal(HttpStatusCode.OK, (await Http.LogOffAsync(self, own, reported)).Status); // there is nothing left to do about it
    }

    [Fact]
    public async Task Another_operators_reported_session_is_forbidden_before_it_is_impossible()
    {
        await server.Native.SendAsync(CommvaultRequests.SignInEvent("started", clock.GetUtcNow().AddHours(-1), server.Bootstrap.OperatorName));
        var reported = IdOf((await SessionsAsync(administrator))[^1]);

        Assert.Equal(HttpStatusCode.Forbidden, (await Http.LogOffAsync(self, reported)).Status);
    }

    [Fact]
    public async Task A_session_of_another_tenant_is_unknown_to_a_tenants_administrator_but_not_to_the_servers()
    {
        await server.Native.AddOperatorAsync("stranger", Password, "self", await server.Native.AddTenantAsync("other"));
        await server.Native.AddOperatorAsync("boss", Password, "administrator");
        var stranger = await Http.LoginAsync("stranger", Password);
        var boss = await Http.LoginAsync("boss", Password);
        var id = await IdAsync(stranger);

        Assert.Equal(HttpStatusCode.OK, (await Http.LogOffAsync(boss, id)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("Session", stranger)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Http.LogOffAsync(administrator, id)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", stranger)).Status);
    }

    [Fact]
    public async Task An_api_token_logs_off_others_when_its_role_may()
    {
        var script = await server.Native.AddApiTokenAsync("script", "administrator");
        var id = await IdAsync(self);

        Assert.Equal(HttpStatusCode.Forbidden, (await Http.LogOffAsync(server.Bootstrap.AgentToken, id)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Http.LogOffAsync(script, id)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("Session", self)).Status);
    }

    [Fact]
    public async Task Tokens_of_every_api_die_with_their_session()
    {
        var native = await server.Native.TokenAsync();
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("/api/v1/me", accept: null, ("Authorization", $"Bearer {native}"))).Status);

        Assert.Equal(HttpStatusCode.OK, (await Http.LogOffAsync(administrator, [.. (await SessionsAsync(administrator)).Select(IdOf)])).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.GetAsync("/api/v1/me", accept: null, ("Authorization", $"Bearer {native}"))).Status);
    }

    [Fact]
    public async Task Without_a_good_token_nothing_is_logged_off()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.LogOffAsync("QSDK 00", await IdAsync(self))).Status);
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync("Session", self)).Status);
    }

    /// <summary>Of the newest session that the token's holder has.</summary>
    private async Task<string> IdAsync(string token) => IdOf((await SessionsAsync(token))[0]);

    private async Task<IReadOnlyList<JsonElement>> SessionsAsync(string token) => (await Http.GetAsync("Session", token)).Sessions;

    private static string IdOf(JsonElement session) => session.GetProperty("sessionId").GetString()!;
}
