using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Who may ask what (design 3, point 9; section 7): 401, 403, 404 and 405 of every operation.</summary>
public sealed class AccessTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private const string Stranger = "0123456789abcdef0123456789abcdef";

    /// <summary>Name, method, path below the version, and what a role needs for it.</summary>
    private static readonly (string Method, string Path)[] Operations =
    [
        ("GET", "/v1/{p}/session/list-sessions?query_begin_time=2024-01-01T00:00Z&query_end_time=2024-03-01T00:00Z"),
        ("POST", "/v1/{p}/session/list-sessions/export"),
        ("GET", "/v2/{p}/connections/desktops/export"),
        ("GET", "/v2/{p}/export-tasks"),
        ("GET", "/v2/{p}/export-tasks/0123456789abcdef0123456789abcdef/download"),
        ("POST", "/v2/{p}/export-tasks/batch-delete"),
        ("POST", "/v3/{p}/users/export"),
        ("GET", "/v1/{p}/session/user-session-info?user_name=anna"),
        ("GET", "/v2/{p}/connections/online-users?query_type=DAY"),
        ("GET", "/v2/{p}/statistics/metrics/users?start_time=2024-01-01T00:00Z&end_time=2024-01-02T00:00Z"),
        ("GET", "/v2/{p}/users"),
        ("GET", "/v2/{p}/users/0123456789abcdef0123456789abcdef"),
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, Operations.Length)];

    /// <summary>What each role lacks, by the number of the operation.</summary>
    public static TheoryData<string, int> Lacking
    {
        get
        {
            var rows = new TheoryData<string, int>();
            foreach (var operation in Enumerable.Range(0, Operations.Length))
            {
                rows.Add("agent", operation);
                rows.Add("self", operation);
            }

            foreach (var operation in (int[])[1, 2, 5])
                rows.Add("helpdesk", operation);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task D0028_a_request_with_neither_token_nor_signature_is_401(int operation)
    {
        var none = await Of(operation, shared.Project, token: null).SendAsync(shared.Http);
        var empty = await Of(operation, shared.Project, token: "").SendAsync(shared.Http);

        none.As(401, Refused.NotSignedIn, "x-auth-token not found");
        empty.As(401, Refused.NotSignedIn, "x-auth-token not found");
        AssertNothingSealed(none);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_token_that_is_none_of_ours_is_401(int operation)
    {
        string[] tokens = ["x", new('a', 43), new('a', 5000), shared.Server.Bootstrap.AgentToken, await shared.TokenAsync() + "x"];
        foreach (var token in tokens)
            AssertNothingSealed(Checked(await Of(operation, shared.Project, token).SendAsync(shared.Http)));

        static Answer Checked(Answer answer)
        {
            answer.As(401, Refused.NotSignedIn, "decrypt token fail");
            return answer;
        }
    }

    [Fact]
    public async Task A_token_that_ran_out_is_401_and_says_when_and_one_signed_out_does_not()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var expired = await server.TokenAsync();
        var ended = await server.IssueAsync(server.Server.Bootstrap.OperatorName, server.Server.Bootstrap.Password, $$$"""{"project":{"id":"{{{server.Project}}}"}}""");
        (await new Ask("DELETE", "/v3/auth/tokens") { Token = expired }.With("X-Subject-Token", ended).SendAsync(server.Http)).Is(204);
        foreach (var operation in Enumerable.Range(0, Operations.Length))
            (await Of(operation, server.Project, ended).SendAsync(server.Http)).As(401, Refused.NotSignedIn, "decrypt token fail");

        server.Clock.Advance(TimeSpan.FromHours(24));

        foreach (var operation in Enumerable.Range(0, Operations.Length))
            (await Of(operation, server.Project, expired).SendAsync(server.Http)).As(401, Refused.NotSignedIn, "expires_at: 2030-03-02T09:00:00Z");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task D0030_an_unknown_project_and_anothers_answer_alike(int operation)
    {
        var other = await shared.Server.Native.AddTenantAsync($"other {operation}");
        var token = await shared.TokenAsync("auditor");

        var foreign = await Of(operation, other, token).SendAsync(shared.Http);
        var unknown = await Of(operation, Stranger, token).SendAsync(shared.Http);

        foreign.As(403, Refused.NotAllowed);
        unknown.As(403, Refused.NotAllowed);
        Assert.Equal(Unsealed(foreign), Unsealed(unknown));
        Assert.Equal(foreign.Text.Length, unknown.Text.Length); // nor does the sealed part tell by its length
        AssertSealedOutsideV1(operation, foreign);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task X_Project_Id_must_agree_with_the_path_when_it_is_sent(int operation)
    {
        var token = await shared.TokenAsync("auditor");

        var wrong = await Of(operation, shared.Project, token).With("X-Project-Id", Stranger).SendAsync(shared.Http);
        var right = await Of(operation, shared.Project, token).With("X-Project-Id", shared.Project).SendAsync(shared.Http);

        wrong.As(403, Refused.NotAllowed);
        AssertSealedOutsideV1(operation, wrong);
        Assert.NotEqual(403, right.Status);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_path_that_can_be_no_project_id_is_400(int operation)
    {
        var token = await shared.TokenAsync();
        foreach (var id in (string[])["%7Bproject_id%7D", "a%20b", "%E6%98%87", new('a', 129), "a.b", "%0A"])
        {
            var answer = await Of(operation, id, token).SendAsync(shared.Http);
            answer.As(400, Refused.Parameter, "project_id");
            AssertNothingSealed(answer);
        }
    }

    [Theory]
    [MemberData(nameof(Lacking))]
    public async Task A_role_without_the_permission_is_403(string role, int operation)
    {
        var before = await shared.TaskIdsAsync();

        var answer = await Of(operation, shared.Project, await shared.TokenAsync(role)).SendAsync(shared.Http);

        answer.As(403, Refused.NotAllowed);
        AssertSealedOutsideV1(operation, answer);
        Assert.Equal(before, await shared.TaskIdsAsync());
    }

    [Fact]
    public async Task D0025_only_a_403_carries_a_sealed_reason()
    {
        var refused = await shared.PostAsync(shared.Users, "{}", "self");
        var inV1 = await shared.PostAsync(shared.Sessions + "/export", "{}", "self");
        var wrong = await shared.PostAsync(shared.Users, """{"language":"x"}""");
        var missing = await shared.GetAsync($"{shared.Tasks}/{Stranger}/download");

        AssertSealedOutsideV1(6, refused);
        Assert.InRange(refused.Json.GetProperty("encoded_authorization_message").GetString()!.Length, 100, 10240);
        Assert.DoesNotContain("users", refused.Json.GetProperty("encoded_authorization_message").GetString(), StringComparison.OrdinalIgnoreCase);
        AssertNothingSealed(inV1);
        AssertNothingSealed(wrong);
        AssertNothingSealed(missing);
    }

    [Fact]
    public async Task D0029_a_caller_who_may_not_list_users_may_not_export_them()
    {
        await using var own = await WorkspaceServer.StartAsync();

        (await own.PostAsync(own.Users, "{}", "auditor")).Is(200);
        (await own.PostAsync(own.Users, "{}", "helpdesk")).Is(200);
        (await own.PostAsync(own.Users, "{}", "self")).As(403, Refused.NotAllowed);
        (await own.PostAsync(own.Users, "{}", "agent")).As(403, Refused.NotAllowed);
    }

    [Fact]
    public async Task A_token_for_the_domain_opens_no_project()
    {
        var token = await shared.IssueAsync(shared.Server.Bootstrap.OperatorName, shared.Server.Bootstrap.Password, """{"domain":{"name":"rollcall"}}""");

        for (var operation = 0; operation < Operations.Length; operation++)
            (await Of(operation, shared.Project, token).SendAsync(shared.Http)).As(403, Refused.NotAllowed);
    }

    [Fact]
    public async Task The_servers_administrator_works_in_another_project_with_a_token_for_it_and_nobody_else_gets_one()
    {
        var other = await shared.Server.Native.AddTenantAsync("elsewhere");
        var first = shared.Server.Bootstrap;
        var scope = $$$"""{"project":{"id":"{{{other}}}"}}""";
        await shared.TokenAsync("administrator");

        var token = await shared.IssueAsync(first.OperatorName, first.Password, scope);
        var refused = await Ask.Post("/v3/auth/tokens", WorkspaceServer.TokenBody("the administrator", WorkspaceServer.Password, scope)).SendAsync(shared.Http);

        (await Of(3, other, token).SendAsync(shared.Http)).Is(200);
        (await Of(3, shared.Project, token).SendAsync(shared.Http)).As(403, Refused.NotAllowed);
        refused.Is(401);
    }

    [Theory]
    [InlineData("POST", "/v1/{p}/session/list-sessions")]
    [InlineData("DELETE", "/v1/{p}/session/list-sessions")]
    [InlineData("GET", "/v1/{p}/session/list-sessions/export")]
    [InlineData("PUT", "/v1/{p}/session/list-sessions/export")]
    [InlineData("POST", "/v2/{p}/connections/desktops/export")]
    [InlineData("POST", "/v2/{p}/export-tasks")]
    [InlineData("DELETE", "/v2/{p}/export-tasks")]
    [InlineData("PATCH", "/v2/{p}/export-tasks/0123456789abcdef0123456789abcdef/download")]
    [InlineData("GET", "/v2/{p}/export-tasks/batch-delete")]
    [InlineData("GET", "/v3/{p}/users/export")]
    [InlineData("POST", "/v1/{p}/session/user-session-info")]
    [InlineData("POST", "/v2/{p}/connections/online-users")]
    [InlineData("PUT", "/v2/{p}/statistics/metrics/users")]
    [InlineData("POST", "/v2/{p}/users")]
    [InlineData("DELETE", "/v2/{p}/users/0123456789abcdef0123456789abcdef")]
    public async Task Another_method_is_405(string method, string path)
    {
        var ask = new Ask(method, path.Replace("{p}", shared.Project, StringComparison.Ordinal)) { Token = await shared.TokenAsync() };

        (await ask.SendAsync(shared.Http)).As(405, Refused.Method);
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/{p}/session")]
    [InlineData("/v1/{p}/session/list-session")]
    [InlineData("/v1/{p}/session/list-sessions/exports")]
    [InlineData("/v2/{p}/connections/desktops/nope")]
    [InlineData("/v2/{p}/export-tasks/a/b/download")]
    [InlineData("/v2/{p}/users/a/b")]
    [InlineData("/v2/{p}/statistics/metrics")]
    [InlineData("/v2/{p}/connections/online-user")]
    [InlineData("/v1/{p}/session/user-session-infos")]
    [InlineData("/v3/{p}/users")]
    [InlineData("/v3/{p}")]
    public async Task An_unknown_path_is_404(string path) =>
        (await shared.GetAsync(path.Replace("{p}", shared.Project, StringComparison.Ordinal))).As(404, Refused.NoPath);

    private static Ask Of(int operation, string project, string? token)
    {
        var (method, path) = Operations[operation];
        return new Ask(method, path.Replace("{p}", project, StringComparison.Ordinal)) { Token = token };
    }

    private static void AssertSealedOutsideV1(int operation, Answer answer) =>
        Assert.Equal(!Operations[operation].Path.StartsWith("/v1", StringComparison.Ordinal), answer.Json.TryGetProperty("encoded_authorization_message", out _));

    private static void AssertNothingSealed(Answer answer) => Assert.False(answer.Json.TryGetProperty("encoded_authorization_message", out _));

    private static IReadOnlyList<string> Unsealed(Answer answer) =>
        [.. answer.Json.EnumerateObject().Where(member => member.Name is not "encoded_authorization_message").Select(member => member.ToString())];
}
