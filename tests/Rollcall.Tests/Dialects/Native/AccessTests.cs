using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Who may ask what: tenants, roles and secrets (design 7).</summary>
public sealed class AccessTests(NativeServer shared) : IClassFixture<NativeServer>
{
    private const string Unknown = "0123456789abcdef0123456789abcdef";

    private static readonly (string Method, string Path, string Roles)[] Routes =
    [
        ("GET", "sessions", "administrator auditor helpdesk"), ("GET", $"sessions/{Unknown}", "administrator auditor helpdesk"),
        ("GET", "hosts", "administrator auditor helpdesk"), ("GET", "hosts/nobody", "administrator auditor helpdesk"),
        ("GET", "host-groups", "administrator auditor helpdesk"), ("GET", "health", "administrator auditor helpdesk"),
        ("GET", "connections", "administrator auditor helpdesk"), ("GET", "signins", "administrator"),
        ("GET", "stats/concurrency", "administrator auditor helpdesk"), ("GET", "stats/summary", "administrator auditor helpdesk"), ("GET", "stats/usage", "administrator auditor helpdesk"),
        ("GET", "users", "administrator auditor helpdesk"), ("GET", "users/nobody", "administrator auditor helpdesk"),
        ("PUT", "users/somebody", "administrator"), ("DELETE", "users/nobody", "administrator"), ("POST", "users:import", "administrator"),
        ("POST", "events", "administrator agent"),
        ("GET", "operators", "administrator"), ("POST", "operators", "administrator"), ("DELETE", "operators/4711", "administrator"),
        ("GET", "tokens", "administrator"), ("POST", "tokens", "administrator"), ("DELETE", "tokens/x", "administrator"),
        ("GET", "access-keys", "administrator"), ("POST", "access-keys", "administrator"), ("DELETE", "access-keys/x", "administrator"),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Routes.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_role_may_what_the_table_says_and_nothing_else(int route)
    {
        var (method, path, roles) = Routes[route];
        foreach (var role in (string[])["administrator", "auditor", "helpdesk", "agent", "self"])
        {
            var answer = await SendAsync(method, shared.PathOf(path), await shared.TokenAsync(role));

            Assert.True(roles.Split(' ').Contains(role, StringComparer.Ordinal) == (answer.Status is not 403), $"{role} {method} {path}: {answer.Status}");
            if (answer.Status is 403)
                answer.As(403, "not-allowed");
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Another_tenant_and_an_unknown_one_answer_alike_on_every_route(int route)
    {
        var (method, path, _) = Routes[route];
        var other = await shared.Server.Native.AddTenantAsync($"other {route}");
        var made = (await shared.SendAsync("POST", $"/api/v1/tenants/{other}/tokens", """{"name":"boss","roles":["administrator"]}""", "first")).Is(201).Json;
        var token = made.GetProperty("token").GetString()!;

        var foreign = await SendAsync(method, shared.PathOf(path), token);
        var unknown = await SendAsync(method, $"/api/v1/tenants/{Unknown}/{path}", token);
        var impossible = await SendAsync(method, $"/api/v1/tenants/no-id/{path}", token);

        Assert.Equal(foreign.As(403, "not-allowed").GetProperty("detail").GetString(), unknown.As(403, "not-allowed").GetProperty("detail").GetString());
        Assert.Equal(foreign.Text.Length, unknown.Text.Length);
        impossible.As(403, "not-allowed");
        Assert.NotEqual(403, (await SendAsync(method, $"/api/v1/tenants/{other}/{path}", token)).Status);
        Assert.NotEqual(403, (await SendAsync(method, $"/api/v1/tenants/{other}/{path}", await shared.TokenAsync("first"))).Status);
        (await SendAsync(method, $"/api/v1/tenants/{Unknown}/{path}", await shared.TokenAsync("first"))).As(403, "not-allowed");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Without_a_good_token_every_route_is_401(int route)
    {
        var (method, path, _) = Routes[route];
        foreach (var token in (string?[])[null, "", "wrong", new('a', 5000)])
            Assert.Equal("Bearer", Checked(await SendAsync(method, shared.PathOf(path), token)).Header("WWW-Authenticate"));

        static Answer Checked(Answer answer)
        {
            answer.As(401, "not-signed-in");
            return answer;
        }
    }

    [Fact]
    public async Task Only_the_servers_administrator_sees_tenants()
    {
        (await shared.GetAsync("/api/v1/tenants", "administrator")).As(403, "not-allowed");
        (await shared.SendAsync("POST", "/api/v1/tenants", """{"name":"mine"}""", "administrator")).As(403, "not-allowed");
        (await shared.GetAsync("/api/v1/tenants", "first")).Is(200);
        (await shared.SendAsync("POST", "/api/v1/tenants", """{"name":"MAIN"}""", "first")).As(409, "conflict", "name");
    }

    [Fact]
    public async Task A_tenants_administrator_neither_removes_the_servers_nor_signs_in_its_name()
    {
        (await shared.SendAsync("DELETE", "operators/1")).As(403, "not-allowed");
        (await shared.SendAsync("POST", "access-keys", """{"operator_id":1}""")).As(403, "not-allowed");
        (await shared.SendAsync("DELETE", "operators/1", role: "first")).As(409, "conflict");
        (await shared.SendAsync("POST", "access-keys", """{"operator_id":1}""", "first")).Is(201);
    }

    [Fact]
    public async Task Somebody_without_rights_sees_the_sessions_of_their_own_name_and_no_others()
    {
        (await shared.SendAsync("POST", "operators", """{"name":"Emil","password":"correct horse","roles":["self"]}""")).Is(201);
        await SendStartedAsync(@"CORP\emil", "own");
        await SendStartedAsync(@"CORP\frida", "other");
        var token = await shared.SignInAsync("emil", NativeServer.Password);

        var own = await new Ask("GET", "/api/v1/me/sessions") { Token = token }.SendAsync(shared.Server.Http);

        Assert.Equal("own", Assert.Single(NativeServer.Items(own.Is(200))).GetProperty("os_session_id").GetString());
        (await new Ask("GET", "/api/v1/me/sessions?user=frida") { Token = token }.SendAsync(shared.Server.Http)).As(400, "malformed", "user");
        (await shared.GetAsync("/api/v1/me/sessions", "auditor")).As(409, "conflict");
    }

    [Fact]
    public async Task An_operators_sign_ins_stay_its_own_when_another_gets_its_name()
    {
        var first = await AddAsync();
        await shared.SignInAsync("gina", NativeServer.Password);
        (await shared.SendAsync("DELETE", $"operators/{first}")).Is(204);
        var second = await AddAsync();

        Assert.Single((await SignInsOfAsync(first)).EnumerateArray());
        Assert.Empty((await SignInsOfAsync(second)).EnumerateArray());

        async Task<long> AddAsync() => (await shared.SendAsync("POST", "operators", """{"name":"gina","password":"correct horse","roles":["auditor"]}"""))
            .Is(201).Json.GetProperty("id").GetInt64();

        async Task<System.Text.Json.JsonElement> SignInsOfAsync(long id)
        {
            var ask = new Ask("GET", $"/commandcenter/api/Session?userId={id}").With("Authorization", $"Bearer {await shared.TokenAsync("first")}");
            return (await ask.SendAsync(shared.Server.Http)).Is(200).Json.GetProperty("sessions");
        }
    }

    private Task SendStartedAsync(string user, string osSession) => shared.Server.Native.SendAsync(NativeClient.Event(
        "rollcall.session.started",
        shared.Clock.GetUtcNow(),
        new System.Text.Json.Nodes.JsonObject
        {
            ["host"] = new System.Text.Json.Nodes.JsonObject { ["name"] = "RDS-01" },
            ["os_session_id"] = osSession,
            ["user"] = user,
        }));

    [Fact]
    public async Task Secrets_are_shown_once_and_never_in_a_list()
    {
        var token = (await shared.SendAsync("POST", "tokens", """{"name":"script","roles":["auditor"],"expires_at":"2030-03-01T10:00:00Z"}""")).Is(201).Json;
        var operatorId = (await shared.SendAsync("POST", "operators", """{"name":"dora","password":"correct horse","roles":["self"]}""")).Is(201).Json.GetProperty("id").GetInt64();
        var key = (await shared.SendAsync("POST", "access-keys", $"{{\"operator_id\":{operatorId}}}")).Is(201).Json;

        Assert.Equal(["id", "name", "roles", "created_at", "expires_at"], Members(await shared.GetAsync("tokens")));
        Assert.Equal(["id", "name", "roles", "created_at"], Members(await shared.GetAsync("operators")));
        Assert.Equal(["id", "access_key", "operator_id", "created_at"], Members(await shared.GetAsync("access-keys")));
        foreach (var list in (string[])["tokens", "operators", "access-keys"])
        {
            var text = (await shared.GetAsync(list)).Text;
            foreach (var secret in (string[])[token.GetProperty("token").GetString()!, key.GetProperty("secret_key").GetString()!, "correct horse", "pbkdf2"])
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }

        static IEnumerable<string> Members(Answer answer) => NativeServer.Items(answer)[0].EnumerateObject().Select(member => member.Name);
    }

    [Theory]
    [InlineData("""{"roles":["self"]}""", "name")]
    [InlineData("""{"name":"","roles":["self"]}""", "name")]
    [InlineData("""{"name":"a\u0000","roles":["self"]}""", "name")]
    [InlineData("""{"name":7,"roles":["self"]}""", "name")]
    [InlineData("""{"name":"\ud800","roles":["self"]}""", "name")]
    [InlineData("""{"name":"x"}""", "roles")]
    [InlineData("""{"name":"x","roles":[]}""", "roles")]
    [InlineData("""{"name":"x","roles":["king"]}""", "roles")]
    [InlineData("""{"name":"x","roles":["\ud800"]}""", "roles")]
    [InlineData("""{"name":"x","roles":["self"],"password":"short"}""", "password")]
    public async Task An_operator_that_is_not_well_described_is_refused_by_the_member(string body, string field) =>
        (await shared.SendAsync("POST", "operators", body)).As(400, "malformed", field);

    private Task<Answer> SendAsync(string method, string path, string? token)
    {
        var (body, type) = (method, path.Split('/')[^1]) switch
        {
            ("POST", "events") => ("[]", NativeServer.BatchType),
            ("POST", "users:import") => ("name\n", "text/csv"),
            ("POST" or "PUT", _) => ("{}", "application/json"),
            _ => ((string?)null, (string?)null),
        };
        return (new Ask(method, path) { Token = token, Body = body is null ? null : System.Text.Encoding.UTF8.GetBytes(body), ContentType = type }).SendAsync(shared.Server.Http);
    }
}
