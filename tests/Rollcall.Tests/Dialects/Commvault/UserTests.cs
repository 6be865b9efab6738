using System.Net;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>GET User, one user by number or name, and WhoAmI, on a server that nothing changes.</summary>
public sealed class UserTests(CommvaultServer shared) : IClassFixture<CommvaultServer>
{
    private const string Forbidden = """{"errorMessage":"No permission for this operation","errorCode":6}""";
    private const string Nobody = """{"errorMessage":"There is no such user","errorCode":404}""";

    private HttpClient Http => shared.Server.Http;

    public static TheoryData<string> OwnPaths => ["User", "user/?level=50&operatorCompanyId=1", "User/2", "User/02?Level=50", "User/byName(userName='jsmith')", "user/BYNAME(username='JSmith')", "User?fq=name:eq:jsmith"];

    [Theory, MemberData(nameof(OwnPaths))]
    public async Task Anybody_sees_oneself_however_asked_in_both_formats(string path)
    {
        var json = await Http.GetAsync(path, shared.SelfToken);
        var xml = await Http.GetAsync(path, shared.SelfToken, "application/xml");

        var guid = json.Json.GetProperty("users")[0].GetProperty("userEntity").GetProperty("userGUID").GetString();
        Assert.Matches("^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$", guid);
        Assert.Equal((HttpStatusCode.OK, "application/json; charset=utf-8"), (json.Status, json.ContentType));
        Assert.Equal(
            $$$"""{"filterQueryCount":1,"users":[{"enableUser":true,"userEntity":{"userName":"jsmith","userId":2,"userGUID":"{{{guid}}}"}}]}""", json.Text);
        Assert.Equal("application/xml; charset=utf-8", xml.ContentType);
        Assert.Equal(
            """<?xml version="1.0" encoding="UTF-8" standalone="no" ?><App_GetUserPropertiesResponse filterQueryCount="1"><users enableUser="1">"""
            + $"""<userEntity userName="jsmith" userId="2" userGUID="{guid}" /></users></App_GetUserPropertiesResponse>""",
            xml.Text);
    }

    [Fact]
    public async Task The_administrator_sees_every_user_by_number_and_by_name()
    {
        Assert.Equal([1, 2], Ids(await Http.GetAsync("User?level=10", shared.AdministratorToken)));
        Assert.Equal([2], Ids(await Http.GetAsync("User/2", shared.AdministratorToken)));
        Assert.Equal([2], Ids(await Http.GetAsync("User/byName(userName='jSmith')", shared.AdministratorToken)));
        Assert.Equal([2], Ids(await Http.GetAsync("User?fq=name%3Aeq%3AJSMITH", shared.AdministratorToken)));
        Assert.Equal([2], Ids(await Http.GetAsync("User?&fl=users.userEntity&fq=users.userEntity.userName:eq:jsmith", shared.AdministratorToken)));
        Assert.Equal("""{"filterQueryCount":0,"users":[]}""", (await Http.GetAsync("User?fq=name:eq:zoe", shared.AdministratorToken)).Text);
    }

    [Fact]
    public async Task A_page_says_how_many_there_are()
    {
        var page = await Http.GetAsync("User?start=1&limit=1", shared.AdministratorToken);
        var beyond = await Http.GetAsync("User?start=2", shared.AdministratorToken);

        Assert.Equal([2], Ids(page));
        Assert.Equal(2, page.Json.GetProperty("filterQueryCount").GetInt32());
        Assert.Equal("""{"filterQueryCount":2,"users":[]}""", beyond.Text);
    }

    [Theory]
    [InlineData("User/1")]
    [InlineData("User/9223372036854775807")]
    [InlineData("User/byName(userName='admin')")]
    [InlineData("User/byName(userName='nobody')")]
    public async Task D0054_who_may_not_see_others_cannot_tell_a_known_user_from_an_unknown_one(string path)
    {
        var reply = await Http.GetAsync(path, shared.SelfToken);

        Assert.Equal((HttpStatusCode.Forbidden, Forbidden), (reply.Status, reply.Text));
    }

    [Fact]
    public async Task D0054_a_list_without_the_permission_has_the_caller_alone_and_filters_find_nobody_else()
    {
        Assert.Equal([2], Ids(await Http.GetAsync("User", shared.SelfToken)));
        Assert.Empty(Ids(await Http.GetAsync("User?fq=name:eq:admin", shared.SelfToken)));
        Assert.Empty(Ids(await Http.GetAsync("User?fq=name:eq:nobody", shared.SelfToken)));
    }

    [Theory]
    [InlineData("User/4711")]
    [InlineData("User/byName(userName='nobody')")]
    [InlineData("User/byName(userName='')')")]
    [InlineData("User/byName(userName='CORP%5Cjsmith')")]
    [InlineData("User/byName(userName='a%2Fb')")]
    public async Task Who_may_see_others_gets_404_for_an_unknown_one(string path)
    {
        var reply = await Http.GetAsync(path, shared.AdministratorToken);

        Assert.Equal((HttpStatusCode.NotFound, Nobody), (reply.Status, reply.Text));
    }

    [Theory]
    [InlineData("User/0")]
    [InlineData("User/-1")]
    [InlineData("User/jsmith")]
    [InlineData("User/9223372036854775808")]
    [InlineData("User?start=-1")]
    [InlineData("User?limit=0")]
    [InlineData("User?limit=2147483648")]
    [InlineData("User?fq=name:eq:")]
    [InlineData("User?fq=name:eq:a&fq=name:eq:b")]
    public async Task What_cannot_be_meant_is_400(string path)
    {
        var reply = await Http.GetAsync(path, shared.AdministratorToken);

        Assert.Equal((HttpStatusCode.BadRequest, 2), (reply.Status, reply.Json.GetProperty("errorCode").GetInt32()));
    }

    [Theory]
    [InlineData("User?fq=name:contains:js")]
    [InlineData("User?fq=companyId:eq:0")]
    [InlineData("User?search=users.email:contains:js")]
    public async Task D0055_a_filter_that_is_not_known_is_refused(string path)
    {
        var reply = await Http.GetAsync(path, shared.AdministratorToken);

        Assert.Equal((HttpStatusCode.BadRequest, 2), (reply.Status, reply.Json.GetProperty("errorCode").GetInt32()));
    }

    [Fact]
    public async Task D0055_a_list_is_whole_or_refused()
    {
        await using var server = await RunningServer.StartAsync(new ServerOptions { Commvault = new() { UsersMax = 2 } });
        await server.Native.AddOperatorAsync("anna", password: null, "self");
        var token = await server.Http.LoginAsync(server.Bootstrap.OperatorName, server.Bootstrap.Password);
        Assert.Equal([1, 2], Ids(await server.Http.GetAsync("User", token)));
        await server.Native.AddOperatorAsync("bob", password: null, "self");

        var refused = await server.Http.GetAsync("User", token);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, 413), (refused.Status, refused.Json.GetProperty("errorCode").GetInt32()));
        Assert.Contains("more than 2 users", refused.Json.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.Equal([3], Ids(await server.Http.GetAsync("User?fq=name:eq:bob", token)));
    }

    [Fact]
    public async Task Other_tenants_users_are_seen_by_the_servers_administrator_only_and_removed_ones_by_nobody()
    {
        await using var server = await RunningServer.StartAsync();
        var foreign = await server.Native.AddOperatorAsync("o'brien", password: null, "self", await server.Native.AddTenantAsync("other"));
        await server.Native.AddOperatorAsync("boss", CommvaultServer.SelfPassword, "administrator");
        var gone = await server.Native.AddOperatorAsync("gone", password: null, "self");
        await server.Native.RemoveOperatorAsync(gone);
        var tenants = await server.Http.LoginAsync("boss", CommvaultServer.SelfPassword);
        var servers = await server.Http.LoginAsync(server.Bootstrap.OperatorName, server.Bootstrap.Password);

        Assert.Equal([1, 3], Ids(await server.Http.GetAsync("User", tenants)));
        Assert.Equal([1, foreign, 3], Ids(await server.Http.GetAsync("User", servers)));
        Assert.Equal([foreign], Ids(await server.Http.GetAsync("User/byName(userName='O''Brien')", servers)));
        Assert.Empty(Ids(await server.Http.GetAsync("User?fq=name:eq:o'brien", tenants)));
        foreach (var path in (string[])[$"User/{foreign}", $"User/{gone}", "User/byName(userName='o''brien')", "User/byName(userName='gone')"])
            Assert.Equal(Nobody, (await server.Http.GetAsync(path, tenants)).Text);
        Assert.Equal(Nobody, (await server.Http.GetAsync($"User/{gone}", servers)).Text);
    }

    [Fact]
    public async Task An_api_token_sees_what_its_role_may()
    {
        var script = await shared.Server.Native.AddApiTokenAsync("script", "administrator");

        Assert.Equal([1, 2], Ids(await Http.GetAsync("User", $"Bearer {script}")));
        Assert.Equal(Forbidden, (await Http.GetAsync("User", shared.Server.Bootstrap.AgentToken)).Text);
    }

    [Theory]
    [InlineData("POST", "WhoAmI")]
    [InlineData("POST", "whoami")]
    [InlineData("GET", "v2/whoami")]
    [InlineData("GET", "V2/WhoAmI")]
    public async Task Who_am_i_names_the_user_in_both_formats(string method, string path)
    {
        // As the vendor's library asks: no payload, and a type of XML all the same.
        var json = await Http.SendAsync(new HttpMethod(method), path, string.Empty, "application/xml", "application/json", shared.SelfToken);
        var xml = await Http.SendAsync(new HttpMethod(method), path, string.Empty, "application/xml", "application/xml", shared.SelfToken);

        Assert.Equal(("jsmith", 2), (json.Json.GetProperty("user").GetProperty("userName").GetString(), json.Json.GetProperty("user").GetProperty("userId").GetInt64()));
        Assert.Equal("CvEntities_ProcessingInstructionInfo", xml.Xml.Name.LocalName);
        Assert.Equal(["jsmith", "2"], xml.Xml.Element("user")!.Attributes().Take(2).Select(attribute => attribute.Value));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Http.SendAsync(new HttpMethod(method), path, string.Empty, null, null, "QSDK 00")).Status);
    }

    [Fact]
    public async Task D0059_an_api_token_is_named_and_has_no_number()
    {
        var script = await shared.Server.Native.AddApiTokenAsync("script 2", "self");

        var reply = await Http.SendAsync(HttpMethod.Post, "WhoAmI", string.Empty, null, null, $"Bearer {script}");

        Assert.Equal("""{"user":{"userName":"script 2"}}""", reply.Text);
    }

    private static IEnumerable<long> Ids(Reply reply)
    {
        Assert.True(reply.Status is HttpStatusCode.OK, reply.Text);
        return reply.Json.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("userEntity").GetProperty("userId").GetInt64());
    }
}
