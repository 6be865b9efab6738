using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Dialects.Commvault;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>Every refusal in this dialect's words (design 3b).</summary>
public sealed class RefusalTests(CommvaultServer shared) : IClassFixture<CommvaultServer>
{
    private HttpClient Http => shared.Server.Http;

    [Theory]
    [InlineData("Session?userId=", 400, 2)]
    [InlineData("Session?userId=0", 400, 2)]
    [InlineData("Session?userId=-1", 400, 2)]
    [InlineData("Session?userId=1%00", 400, 2)]
    [InlineData("Session?userId=1.0", 400, 2)]
    [InlineData("Session?userId=admin", 400, 2)]
    [InlineData("Session?userId=9223372036854775808", 400, 2)]
    [InlineData("Session?userId=1&userId=2", 400, 2)]
    [InlineData("Session?userId=1&USERID=x", 400, 2)]
    [InlineData("Session?userId=1", 403, 6)]
    [InlineData("Sessions/1", 404, 404)]
    [InlineData("NoSuchOperation", 404, 404)]
    [InlineData("Login", 405, 405)]
    [InlineData("Logout", 405, 405)]
    public async Task A_refused_get_has_its_status_and_code_in_both_formats(string path, int status, int code)
    {
        var json = await Http.GetAsync(path, shared.SelfToken);
        var xml = await Http.GetAsync(path, shared.SelfToken, "application/xml");

        AssertRefused(json, xml, status, code);
    }

    [Theory]
    [InlineData("", "application/json", 400)]
    [InlineData("null", "application/json", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("{", "application/json", 400)]
    [InlineData("""{"username":"jsmith"}""", "application/json", 400)]
    [InlineData("""{"username":"","password":"eA=="}""", "application/json", 400)]
    [InlineData("""{"username":"rollcall\\","password":"eA=="}""", "application/json", 400)]
    [InlineData("""{"username":7,"password":"eA=="}""", "application/json", 400)]
    [InlineData("""{"username":"\ud800","password":"eA=="}""", "application/json", 400)]
    [InlineData("""{"username":"a","Username":"b","password":"eA=="}""", "application/json", 400)]
    [InlineData("<x/>", "application/xml", 400)]
    [InlineData("""<DM2ContentIndexing_CheckCredentialReq username="a" password="eA==">""", "application/xml", 400)]
    [InlineData("""<!DOCTYPE x [<!ENTITY e "b">]><DM2ContentIndexing_CheckCredentialReq username="&e;" password="eA==" />""", "application/xml", 400)]
    [InlineData("""<?xml version="1.0" encoding="utf-7"?><DM2ContentIndexing_CheckCredentialReq username="a" password="eA==" />""", "text/xml", 400)]
    [InlineData("""{"username":"a","password":"eA=="}""", null, 415)]
    [InlineData("""{"username":"a","password":"eA=="}""", "text/plain", 415)]
    [InlineData("""{"username":"a","password":"eA=="}""", "nonsense", 415)]
    public async Task A_login_that_cannot_be_read_is_refused_in_both_formats(string body, string? type, int status)
    {
        var json = await Http.PostAsync("Login", body, type);
        var xml = await Http.PostAsync("Login", body, type, "application/xml");

        AssertRefused(json, xml, status, status == 400 ? 2 : status);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("20161")]
    [InlineData("1.5")]
    [InlineData("\"soon\"")]
    public async Task D0038_a_timeout_out_of_bounds_is_refused(string timeout)
    {
        var body = $$"""{"username":"a","password":"eA==","timeout":{{timeout}}}""";

        AssertRefused(
            await Http.PostAsync("Login", body, "application/json"), await Http.PostAsync("Login", body, "application/json", "text/xml"), 400, 2);
    }

    [Fact]
    public async Task A_login_with_too_much_in_it_is_refused()
    {
        var longName = await Http.PostAsync("Login", $$"""{"username":"{{new string('a', 257)}}","password":"eA=="}""", "application/json");
        var longBody = await Http.PostAsync("Login", new string(' ', 256 * 1024) + "{}", "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, longName.Status);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, 413), (longBody.Status, longBody.Json.GetProperty("errorCode").GetInt32()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("QSDK ")]
    [InlineData("QSDK 00ff")]
    [InlineData("Basic amRvZTp4")]
    public async Task Without_a_good_token_the_answer_is_access_denied_with_code_5(string? token)
    {
        var json = await Http.GetAsync("Session", token);
        var xml = await Http.GetAsync("Session", token, "application/xml");

        Assert.Equal((HttpStatusCode.Unauthorized, """{"errorMessage":"Access denied","errorCode":5}"""), (json.Status, json.Text));
        Assert.Equal("""<?xml version="1.0" encoding="UTF-8" standalone="no" ?><CVGui_GenericResp errorMessage="Access denied" errorCode="5" />""", xml.Text);
    }

    [Fact]
    public async Task A_path_beside_the_roots_is_not_of_this_dialect()
    {
        var reply = await Http.GetAsync("/commandcenter/apis/Session", shared.SelfToken);

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (reply.Status, reply.ContentType));
    }

    [Fact]
    public async Task Every_refusal_there_is_has_a_status_and_a_code()
    {
        FaultException[] all =
        [
            FaultException.Malformed("userId", "a number"), FaultException.Unreadable("torn"), FaultException.NotSignedIn("who"),
            FaultException.NotAllowed(Permission.ReadSignIns), FaultException.NoSuchPath(), FaultException.NotFound("none"), FaultException.Method(),
            FaultException.Conflict("taken"), FaultException.TooLarge(1), FaultException.MediaType("x/y"), FaultException.TooBusy("later", 1),
            FaultException.Failed(), FaultException.Unavailable("later", 1),
        ];
        Assert.Equal(Enum.GetValues<FaultCode>().Except([FaultCode.None]), all.Select(fault => fault.Code)); // none is missing above

        var answers = await Task.WhenAll(all.Select(RefuseAsync));

        Assert.Equal(
            [(400, 2), (400, 2), (401, 5), (403, 6), (404, 404), (404, 404), (405, 405), (409, 409), (413, 413), (415, 415), (429, 429), (500, 500), (503, 503)],
            answers);
    }

    private static async Task<(int Status, int Code)> RefuseAsync(FaultException fault)
    {
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        await new CommvaultDialect().RefuseAsync(context, fault);
        return (context.Response.StatusCode, new Reply(default, null, Encoding.UTF8.GetString(body.ToArray()), null!).Json.GetProperty("errorCode").GetInt32());
    }

    private static void AssertRefused(Reply json, Reply xml, int status, int code)
    {
        Assert.Equal((status, "application/json; charset=utf-8"), ((int)json.Status, json.ContentType));
        Assert.Equal((status, "application/xml; charset=utf-8"), ((int)xml.Status, xml.ContentType));
        Assert.Equal(["errorMessage", "errorCode"], json.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(code, json.Json.GetProperty("errorCode").GetInt32());
        Assert.StartsWith("""<?xml version="1.0" encoding="UTF-8" standalone="no" ?><CVGui_GenericResp errorMessage=""", xml.Text, StringComparison.Ordinal);
        Assert.Equal(json.Json.GetProperty("errorMessage").GetString(), xml.Xml.Attribute("errorMessage")!.Value);
        Assert.Equal((string?)$"{code}", xml.Xml.Attribute("errorCode")!.Value);
    }
}
