using System.Net;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>Bodies of DELETE Sessions and RenewLoginToken that change nothing, on a server that nothing changes.</summary>
public sealed class BodyRefusalTests(CommvaultServer shared) : IClassFixture<CommvaultServer>
{
    private const string Unknown = "CF1C660B-396F-44B7-86DA-5608CEC97453";

    private HttpClient Http => shared.Server.Http;

    [Theory]
    [InlineData(Unknown)]
    [InlineData("EMC" + Unknown)]
    [InlineData("EMC")]
    [InlineData("1234")]
    [InlineData("'; DROP TABLE sign_ins; --")]
    public async Task D0056_a_session_that_nobody_knows_is_passed_over(string id)
    {
        Assert.Equal("{}", (await Http.LogOffAsync(shared.SelfToken, id)).Text);
        Assert.Equal("{}", (await Http.LogOffAsync(shared.AdministratorToken, id)).Text);
        Assert.Single((await Http.GetAsync("Session", shared.SelfToken)).Sessions);
    }

    [Theory]
    [InlineData("", null, 400)]
    [InlineData("", "application/json", 400)]
    [InlineData("null", "application/json", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("{", "application/json", 400)]
    [InlineData("""{"sessions":[]}""", "application/json", 400)]
    [InlineData("""{"sessions":"a"}""", "application/json", 400)]
    [InlineData("""{"sessions":["a"]}""", "application/json", 400)]
    [InlineData("""{"sessions":[{"val":7}]}""", "application/json", 400)]
    [InlineData("""{"sessions":[{"val":" "}]}""", "application/json", 400)]
    [InlineData("""{"sessions":[{"val":"\ud800"}]}""", "application/json", 400)]
    [InlineData("<Api_LogoffUsersRequest/>", "application/xml", 400)]
    [InlineData("""<Api_LogoffUsersRequest><sessions/></Api_LogoffUsersRequest>""", "application/xml", 400)]
    [InlineData("""<Api_LogoffUsersRequest><more><sessions val="a"/></more></Api_LogoffUsersRequest>""", "application/xml", 400)]
    [InlineData("""<Api_LogoffUsersRequest><sessions val="a"/>""", "application/xml", 400)]
    [InlineData("""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><Api_LogoffUsersRequest><sessions val="&e;"/></Api_LogoffUsersRequest>""", "application/xml", 400)]
    [InlineData("""<!DOCTYPE Api_LogoffUsersRequest><Api_LogoffUsersRequest><sessions val="a"/></Api_LogoffUsersRequest>""", "application/xml", 400)]
    [InlineData("""<DM2ContentIndexing_CheckCredentialReq><sessions val="a"/></DM2ContentIndexing_CheckCredentialReq>""", "application/xml", 400)]
    [InlineData("""{"sessions":[{"val":"a"}]}""", null, 415)]
    [InlineData("sessions=a", "application/x-www-form-urlencoded", 415)]
    public async Task A_logoff_that_cannot_be_read_is_refused_in_both_formats(string body, string? type, int status)
    {
        var json = await Http.SendAsync(HttpMethod.Delete, "Sessions", body, type, accept: null, shared.SelfToken);
        var xml = await Http.SendAsync(HttpMethod.Delete, "Sessions", body, type, "application/xml", shared.SelfToken);

        Assert.Equal((status, status), ((int)json.Status, (int)xml.Status));
        Assert.Equal(json.Json.GetProperty("errorMessage").GetString(), xml.Xml.Attribute("errorMessage")!.Value);
        Assert.Single((await Http.GetAsync("Session", shared.SelfToken)).Sessions);
    }

    [Fact]
    public async Task More_sessions_or_a_larger_body_than_there_may_be_are_refused()
    {
        var many = await Http.LogOffAsync(shared.SelfToken, [.. Enumerable.Repeat("a", 1001)]);
        var longId = await Http.LogOffAsync(shared.SelfToken, new string('a', 257));
        var large = await Http.SendAsync(
            HttpMethod.Delete,
            "Sessions",
            $"<Api_LogoffUsersRequest>{new string(' ', 256 * 1024)}</Api_LogoffUsersRequest>",
            "application/xml",
            accept: null,
            shared.SelfToken);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (many.Status, longId.Status));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.Status);
    }

    [Theory]
    [InlineData("", "application/json", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("""{"sessionId":"QSDK 00"}""", "application/json", 400)]
    [InlineData("""{"sessionId":"","deviceId":"a"}""", "application/json", 400)]
    [InlineData("""{"sessionId":"QSDK 00","deviceId":7}""", "application/json", 400)]
    [InlineData("""{"sessionId":"QSDK 00","deviceId":"\ud800"}""", "application/json", 400)]
    [InlineData("""{"sessionId":"a","SESSIONID":"b","deviceId":"a"}""", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("sessionId=a", "application/x-www-form-urlencoded", 415)]
    public async Task A_renewal_that_cannot_be_read_is_refused(string body, string type, int status)
    {
        var reply = await Http.PostAsync("RenewLoginToken", body, type);

        Assert.Equal(status, (int)reply.Status);
        Assert.Equal(["errorMessage", "errorCode"], reply.Json.EnumerateObject().Select(member => member.Name));
    }
}
