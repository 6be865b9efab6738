using System.Text.Json;
using Rollcall.Core;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Tests.Cli;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Tokens by password (contract 6.1 to 6.3), held to what a real Keystone was recorded to say.</summary>
public sealed class TokenTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private const string Tokens = "/v3/auth/tokens";

    private string Name => shared.Server.Bootstrap.OperatorName;

    private string Password => shared.Server.Bootstrap.Password;

    private string Project => $$$"""{"project":{"id":"{{{shared.Project}}}"}}""";

    public static TheoryData<string> WrongBodies =>
    [
        "", "null", "{}", """{"auth":null}""", """{"auth":7}""", """{"auth":{}}""", """{"auth":{"identity":{}}}""", """{"auth":{"identity":{"methods":"password"}}}""",
        """{"auth":{"identity":{"methods":[]}}}""", """{"auth":{"identity":{"methods":["token"]}}}""", """{"auth":{"identity":{"methods":["password","token"]}}}""",
        """{"auth":{"identity":{"methods":[7]}}}""", """{"auth":{"identity":{"methods":["\ud800"]}}}""", """{"auth":{"identity":{"methods":["password"]}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{}}}}}""", """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a"}}}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"password":"a"}}}}}""", """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":7,"password":"a"}}}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"\ud800","password":"a"}}}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a","domain":{}}}}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":"whole"}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":{"project":{}}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":{}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":7}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":"\ud800"}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":{"unscoped":true}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":{"project":{"name":"main","domain":7}}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":{"project":{"name":"main"},"unscoped":{}}}}""",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":{"project":{"name":"main"},"domain":{"name":"rollcall"}}}}""",
        """{"auth":{"identity":{"methods":["token"],"token":{}}}}""", """{"auth":{"identity":{"methods":["token"],"token":{"id":""}}}}""",
        """{"auth":{"identity":{"methods":["token"],"token":{"id":7}}}}""", """{"auth":{"identity":{"methods":["token"],"token":"abc"}}}""",
        "{\"auth\":{\"identity\":{\"methods\":[\"token\"],\"token\":{\"id\":\"" + Refused.Long(4097) + "\"}}}}",
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"a"}}},"scope":{"project":{"id":7}}}}""",
        "[]", "{", "x", """{"\ud800":1}""", "{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"" + Refused.Long(257) + "\",\"password\":\"a\"}}}}}",
    ];

    [Fact]
    public async Task A_token_for_a_project_has_the_members_and_types_of_a_recorded_one()
    {
        var answer = (await Ask.Post(Tokens, WorkspaceServer.TokenBody(Name, Password, Project)).SendAsync(shared.Http)).Is(201);
        var recorded = Recorded("issue-response.txt");

        Assert.Equal(Shape(recorded.Body), Shape(answer.Json));
        Assert.Equal("application/json; charset=utf-8", answer.ContentType);
        Assert.Equal("X-Auth-Token", answer.Header("Vary"));
        Assert.NotEmpty(answer.Header("X-Subject-Token")!);
        var token = answer.Json.GetProperty("token");
        Assert.Equal(shared.Project, token.GetProperty("project").GetProperty("id").GetString());
        Assert.Equal(("2030-03-01T09:00:00.000000Z", "2030-03-02T09:00:00.000000Z"), (token.GetProperty("issued_at").GetString(), token.GetProperty("expires_at").GetString()));
        Assert.Equal("te_admin", Assert.Single(token.GetProperty("roles").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(["identity", "workspace", "appstream"], token.GetProperty("catalog").EnumerateArray().Select(entry => entry.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("""{"domain":{"name":"ROLLCALL"}}""")]
    [InlineData(null)]
    public async Task A_token_for_the_domain_has_a_domain_in_place_of_a_project(string? scope)
    {
        var token = (await Ask.Post(Tokens, WorkspaceServer.TokenBody(Name, Password, scope)).SendAsync(shared.Http)).Is(201).Json.GetProperty("token");

        Assert.Equal(
            ["methods", "user", "audit_ids", "expires_at", "issued_at", "domain", "roles", "catalog"], token.EnumerateObject().Select(member => member.Name));
        Assert.Equal("rollcall", token.GetProperty("domain").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("rollcall-1")]
    [InlineData("main")]
    [InlineData("MAIN")]
    public async Task A_project_is_known_by_its_name_and_by_the_region(string name)
    {
        var body = WorkspaceServer.TokenBody(Name, Password, $$$"""{"project":{"name":"{{{name}}}"}}""");

        var token = (await Ask.Post(Tokens + "?nocatalog=1", body).SendAsync(shared.Http)).Is(201).Json.GetProperty("token");

        Assert.Equal(shared.Project, token.GetProperty("project").GetProperty("id").GetString());
        Assert.Empty(token.GetProperty("catalog").EnumerateArray());
    }

    [Theory]
    [InlineData("GET", "validate-response.txt")]
    [InlineData("HEAD", "validate-head.txt")]
    public async Task A_token_is_looked_at_as_a_recorded_one(string method, string file)
    {
        var token = await shared.TokenAsync();

        var answer = (await new Ask(method, Tokens) { Token = token }.With("X-Subject-Token", token).SendAsync(shared.Http)).Is(200);

        Assert.Equal(token, answer.Header("X-Subject-Token"));
        Assert.Equal("X-Auth-Token", answer.Header("Vary"));
        if (method is "GET")
            Assert.Equal(Shape(Recorded(file).Body), Shape(answer.Json));
        else
            Assert.Empty(answer.Bytes);
    }

    [Fact]
    public async Task A_wrong_password_or_name_is_answered_as_a_recorded_one()
    {
        var recorded = Recorded("issue-badpw.txt");
        foreach (var body in (string[])[
            WorkspaceServer.TokenBody(Name, "wrong", Project), WorkspaceServer.TokenBody("nobody", Password, Project),
            WorkspaceServer.TokenBody(Name, Password, $$$"""{"project":{"id":"{{{Refused.Long(32)}}}"}}"""),
            WorkspaceServer.TokenBody(Name, Password, """{"project":{"name":"another"}}"""), WorkspaceServer.TokenBody(Name, Password, """{"domain":{"name":"another"}}"""),
            WorkspaceServer.TokenBody(Name, Password, Project).Replace("\"domain\":{\"name\":\"rollcall\"}", "\"domain\":{\"name\":\"x\"}", StringComparison.Ordinal)])
        {
            var answer = (await Ask.Post(Tokens, body).SendAsync(shared.Http)).Is(401);

            Assert.Equal(recorded.Text, answer.Text);
            Assert.StartsWith("Keystone uri=\"http://127.0.0.1:", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
            Assert.Null(answer.Header("X-Subject-Token"));
        }
    }

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task A_request_that_cannot_be_understood_is_400_in_the_words_of_the_identity_service(string body)
    {
        var answer = (await Ask.Post(Tokens, body).SendAsync(shared.Http)).Is(400);

        AssertError(answer, 400, "Bad Request");
    }

    [Fact]
    public async Task Other_refusals_are_in_the_words_of_the_identity_service_too()
    {
        var token = await shared.TokenAsync();
        var large = "{\"x\":\"" + new string('a', 256 * 1024) + "\"}";

        AssertError(await (Ask.Post(Tokens, "{}") with { ContentType = "text/plain" }).SendAsync(shared.Http), 415, "Unsupported Media Type");
        AssertError(await Ask.Post(Tokens, large).SendAsync(shared.Http), 413, "Request Entity Too Large");
        AssertError(await new Ask("PUT", Tokens).SendAsync(shared.Http), 405, "Method Not Allowed");
        AssertError(await new Ask("POST", "/v3/projects").SendAsync(shared.Http), 405, "Method Not Allowed");
        AssertError(await Ask.Get("/v3/auth/nothing", token).SendAsync(shared.Http), 404, "Not Found");
        AssertError(await Ask.Get("/v3/projects").SendAsync(shared.Http), 401, "Unauthorized");
        foreach (var path in (string[])["/v3/auth/projects", "/v3/auth/domains", "/v3/domains", "/v3/domains/x", "/v3/projects/x", "/v3/users/1", "/v3/users/1/projects"])
            AssertError(await Ask.Get(path).SendAsync(shared.Http), 401, "Unauthorized");
        AssertError(await new Ask("DELETE", "/v3").SendAsync(shared.Http), 405, "Method Not Allowed");
        AssertError(await Ask.Get("/v3/users", token).SendAsync(shared.Http), 404, "Not Found");
        AssertError(await Ask.Get("/v3/projects", "wrong").SendAsync(shared.Http), 401, "Unauthorized");
        AssertError(await Ask.Get(Tokens, token).SendAsync(shared.Http), 400, "Bad Request");
        AssertError(await Ask.Get(Tokens).With("X-Subject-Token", token).SendAsync(shared.Http), 401, "Unauthorized");
    }

    [Fact]
    public async Task A_subject_that_is_unknown_or_revoked_is_404_for_every_method()
    {
        var token = await shared.TokenAsync();
        var revoked = await shared.IssueAsync(Name, Password, Project);
        (await Subject("DELETE", token, revoked)).Is(204);

        foreach (var subject in (string[])["unknown", revoked, new('a', 5000), shared.Server.Bootstrap.AgentToken])
        {
            AssertError(await Subject("GET", token, subject), 404, "Not Found");
            AssertError(await Subject("DELETE", token, subject), 404, "Not Found");
            (await Subject("HEAD", token, subject)).Is(404);
        }

        AssertError(await Subject("GET", revoked, token), 401, "Unauthorized");
    }

    [Fact]
    public async Task Anothers_token_may_be_looked_at_and_ended_by_an_administrator_of_the_tenant_only()
    {
        var auditor = await shared.TokenAsync("auditor");
        var helpdesk = await shared.TokenAsync("helpdesk");
        var administrator = await shared.TokenAsync("administrator");

        (await Subject("GET", auditor, auditor)).Is(200);
        AssertError(await Subject("GET", auditor, helpdesk), 403, "Forbidden");
        AssertError(await Subject("DELETE", helpdesk, auditor), 403, "Forbidden");
        (await Subject("GET", administrator, helpdesk)).Is(200);
        (await Subject("DELETE", administrator, helpdesk)).Is(204);
        AssertError(await Subject("GET", helpdesk, helpdesk), 401, "Unauthorized");
    }

    [Fact]
    public async Task Failures_beyond_the_limit_are_429_until_the_minute_is_over()
    {
        await using var own = await WorkspaceServer.StartAsync(new ServerOptions { SignIn = new() { LoopbackFailuresPerMinuteMax = 2 } });
        own.Clock.Advance(TimeSpan.FromSeconds(20));
        var first = own.Server.Bootstrap;
        (await FailAsync(own)).Is(401);
        (await FailAsync(own)).Is(401);

        var refused = await FailAsync(own);

        AssertError(refused, 429, "Too Many Requests");
        Assert.Equal("40", refused.Header("Retry-After"));
        Assert.NotEmpty(await own.IssueAsync(first.OperatorName, first.Password, scope: null)); // another account is free
        own.Clock.Advance(TimeSpan.FromSeconds(40));
        (await FailAsync(own)).Is(401);
    }

    [Fact]
    public async Task From_loopback_two_hundred_failures_a_minute_pass_and_from_elsewhere_twenty()
    {
        var clock = FakeClock.AtNine();
        foreach (var (address, max) in new[] { (System.Net.IPAddress.Loopback, 200), (System.Net.IPAddress.IPv6Loopback, 200), (System.Net.IPAddress.Parse("192.0.2.1"), 20) })
        {
            using var limiter = new FailureLimiter(new SignInOptions(), clock);
            Task<bool> TryAsync(string account, bool isRight) => limiter.CheckAsync(account, address, () => isRight, default);
            for (var failure = 0; failure < max; failure++)
            {
                Assert.True(await TryAsync("Anna", isRight: true)); // a success uses nothing up
                Assert.False(await TryAsync("anna", isRight: false));
            }

            Assert.Equal(FaultCode.TooBusy, (await Assert.ThrowsAsync<FaultException>(() => TryAsync("ANNA", isRight: true))).Code);
            Assert.True(await TryAsync("berta", isRight: true));
        }
    }

    private static Task<Answer> FailAsync(WorkspaceServer server) => Ask.Post(Tokens, WorkspaceServer.TokenBody("nobody", "wrong", scope: null)).SendAsync(server.Http);

    private Task<Answer> Subject(string method, string token, string subject) =>
        new Ask(method, Tokens) { Token = token }.With("X-Subject-Token", subject).SendAsync(shared.Http);

    private static void AssertError(Answer answer, int status, string title)
    {
        var error = answer.Is(status).Json.GetProperty("error");
        Assert.Equal(["code", "message", "title"], error.EnumerateObject().Select(member => member.Name));
        Assert.Equal((status, title), (error.GetProperty("code").GetInt32(), error.GetProperty("title").GetString()));
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal(32, answer.Header("X-Request-Id")!.Length);
    }

    private static (JsonElement Body, string Text) Recorded(string file)
    {
        var text = File.ReadAllText(Path.Combine(ImportData.Root, "tests", "data", "keystone", file)).ReplaceLineEndings("\n");
        var body = text[(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)..].Trim();
        return (body.Length == 0 ? default : JsonElement.Parse(body), body);
    }

    /// <summary>Every member's path and type, arrays by their first element: what a client's types are made from.</summary>
    private static IReadOnlyList<string> Shape(JsonElement element, string path = "") => element.ValueKind switch
    {
        JsonValueKind.Object => [.. element.EnumerateObject().SelectMany(member => Shape(member.Value, $"{path}.{member.Name}"))],
        JsonValueKind.Array => [.. element.EnumerateArray().Take(1).SelectMany(item => Shape(item, path + "[]"))],
        var kind => [$"{path} {kind}"],
    };
}
