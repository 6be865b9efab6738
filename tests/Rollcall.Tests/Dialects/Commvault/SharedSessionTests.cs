using System.Net;
using System.Text.Json;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>GET Session on a server that nothing changes: paths, tokens, formats and rights.</summary>
public sealed class SharedSessionTests(CommvaultServer shared) : IClassFixture<CommvaultServer>
{
    private HttpClient Http => shared.Server.Http;

    public static TheoryData<string> Roots => ["/commandcenter/api", "/webconsole/api", "/SearchSvc/CVWebService.svc", "/WebServerCore", "/commandcenter/RestServlet", "/CommandCenter/API", "/WEBCONSOLE//api", "//searchsvc/cvwebservice.svc"];

    [Theory, MemberData(nameof(Roots))]
    public async Task D0036_both_spellings_under_every_root_give_the_same_answer(string root)
    {
        foreach (var path in (string[])["/Session", "/sessions", "//SESSIONS", "/Session/"])
        {
            var reply = await Http.GetAsync(root + path, shared.SelfToken);
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.Equal(shared.SelfId, Assert.Single(reply.Sessions).GetProperty("user").GetProperty("userId").GetInt64());
        }
    }

    [Theory, MemberData(nameof(Roots))]
    public async Task A_probe_of_any_root_is_answered_with_200(string root)
    {
        foreach (var end in (string[])[string.Empty, "/", "//"])
        {
            var reply = await Http.GetAsync(root + end, token: null, "*/*");
            Assert.Equal((HttpStatusCode.OK, string.Empty), (reply.Status, reply.Text));
        }
    }

    [Theory]
    [InlineData("Authtoken", "QSDK {0}")]
    [InlineData("authtoken", "{0}")]
    [InlineData("AUTHTOKEN", "qsdk {0}")]
    [InlineData("Authtoken", "Bearer {0}")]
    [InlineData("Cookie2", "QSDK {0}")]
    [InlineData("Cookie2", "{0}")]
    [InlineData("Authorization", "Bearer {0}")]
    [InlineData("Authorization", "bearer QSDK {0}")]
    public async Task A_token_is_taken_from_each_header_that_clients_use(string header, string form)
    {
        var value = string.Format(form, shared.SelfToken["QSDK ".Length..]);

        var reply = await Http.GetAsync("Session", accept: null, (header, value));

        Assert.Single(reply.Sessions);
    }

    [Fact]
    public async Task D0031_without_a_user_id_the_callers_own_sign_ins_are_listed()
    {
        var bare = await Http.GetAsync("Sessions", shared.SelfToken);
        var named = await Http.GetAsync($"Sessions?USERID={shared.SelfId}&userid=0{shared.SelfId}", shared.SelfToken);

        Assert.Equal(Named(Assert.Single(bare.Sessions)), Named(Assert.Single(named.Sessions)));

        // Asking is itself an access: the time of the last one may be a second later in the second answer.
        static IEnumerable<(string Name, string Text)> Named(JsonElement session) =>
            session.EnumerateObject().Where(member => member.Name != "lastAccessedTime").Select(member => (member.Name, member.Value.GetRawText()));
    }

    [Fact]
    public async Task D0032_who_may_not_see_others_cannot_tell_a_known_user_from_an_unknown_one()
    {
        var known = await Http.GetAsync("Session?userId=1", shared.SelfToken);
        var unknown = await Http.GetAsync("Session?userId=9223372036854775807", shared.SelfToken);

        Assert.Equal((HttpStatusCode.Forbidden, """{"errorMessage":"No permission for this operation","errorCode":6}"""), (known.Status, known.Text));
        Assert.Equal((known.Status, known.Text), (unknown.Status, unknown.Text));
    }

    [Fact]
    public async Task Who_may_see_others_sees_them_and_nothing_of_an_unknown_user()
    {
        var others = await Http.GetAsync($"Session?userId={shared.SelfId}", shared.AdministratorToken);
        var json = await Http.GetAsync("Session?userId=4711", shared.AdministratorToken);
        var xml = await Http.GetAsync("Session?userId=4711", shared.AdministratorToken, "application/xml");

        Assert.Equal(CommvaultServer.SelfName, Assert.Single(others.Sessions).GetProperty("user").GetProperty("userName").GetString());
        Assert.Equal("""{"sessions":[]}""", json.Text);
        Assert.Equal("""<?xml version="1.0" encoding="UTF-8" standalone="no" ?><Api_GetLoggedInSessionsResp />""", xml.Text);
    }

    [Fact]
    public async Task An_api_token_sees_what_its_role_may_and_has_no_sessions_of_its_own()
    {
        var token = await shared.Server.Native.AddApiTokenAsync("script", "administrator");
        var bearer = ("Authorization", $"Bearer {token}");

        Assert.Single((await Http.GetAsync($"Session?userId={shared.SelfId}", accept: null, bearer)).Sessions);
        Assert.Equal(HttpStatusCode.BadRequest, (await Http.GetAsync("Session", accept: null, bearer)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Http.GetAsync("Session?userId=1", shared.Server.Bootstrap.AgentToken)).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("text/html")]
    [InlineData("application/xml;q=0.5, application/json")]
    [InlineData("nonsense;;;, ,")]
    public async Task D0033_any_accept_that_does_not_prefer_xml_gets_json(string? accept)
    {
        var reply = await Http.GetAsync("Session", shared.SelfToken, accept);

        Assert.Equal("application/json; charset=utf-8", reply.ContentType);
        Assert.Single(reply.Sessions);
    }

    [Theory]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    [InlineData("text/xml")]
    [InlineData("APPLICATION/XML")]
    public async Task Xml_is_sent_to_who_ranks_it_above_json(string accept)
    {
        var reply = await Http.GetAsync("Session", shared.SelfToken, accept);

        Assert.Equal("application/xml; charset=utf-8", reply.ContentType);
        Assert.Single(reply.Xml.Elements("sessions"));
    }

    [Fact]
    public async Task The_api_document_describes_every_operation_under_every_root()
    {
        var paths = (await Http.GetAsync("/openapi/commvault.json", token: null)).Json.GetProperty("paths");

        Assert.Equal(5 * 13, paths.EnumerateObject().Count());
        Assert.All(paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()), operation =>
            Assert.NotEmpty(operation.Value.GetProperty("summary").GetString()!));
    }
}
