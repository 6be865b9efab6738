using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Who may list and export connections (design 3, point 9).</summary>
public sealed class ConnectionAccessTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private const string Stranger = "0123456789abcdef0123456789abcdef";

    /// <summary>Method, path, and the roles that may.</summary>
    public static TheoryData<string, string, string[]> Operations => new()
    {
        { "GET", "/v2/{p}/connections/desktops", ["administrator", "auditor", "helpdesk"] },
        { "GET", "/v3/{p}/desktops/connections/export", ["administrator", "auditor"] },
        { "POST", "/v1/{p}/session/user-connection", ["administrator", "auditor", "helpdesk"] },
        { "POST", "/v1/{p}/session/user-connection/export", ["administrator", "auditor"] },
        { "POST", "/v1/{p}/session/app-connection", ["administrator", "auditor", "helpdesk"] },
        { "POST", "/v1/{p}/session/app-connection/export", ["administrator", "auditor"] },
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Only_the_roles_that_may_are_answered(string method, string path, string[] roles)
    {
        foreach (var role in (string[])["administrator", "auditor", "helpdesk", "agent", "self"])
        {
            var answer = await Of(method, path, shared.Project, await shared.TokenAsync(role)).SendAsync(shared.Http);
            if (roles.Contains(role))
                answer.Is(200);
            else
                Assert.Equal(!path.StartsWith("/v1", StringComparison.Ordinal), answer.As(403, Refused.NotAllowed).TryGetProperty("encoded_authorization_message", out _));
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Nobody_and_strangers_are_refused(string method, string path, string[] roles)
    {
        Assert.NotEmpty(roles);
        var token = await shared.TokenAsync();

        (await Of(method, path, shared.Project, token: null).SendAsync(shared.Http)).As(401, Refused.NotSignedIn, "x-auth-token not found");
        (await Of(method, path, shared.Project, "x").SendAsync(shared.Http)).As(401, Refused.NotSignedIn, "decrypt token fail");
        (await Of(method, path, Stranger, token).SendAsync(shared.Http)).As(403, Refused.NotAllowed);
        (await Of(method, path, shared.Project, token).With("X-Project-Id", Stranger).SendAsync(shared.Http)).As(403, Refused.NotAllowed);
        (await Of(method, path, "%7Bproject_id%7D", token).SendAsync(shared.Http)).As(400, Refused.Parameter, "project_id");
        (await Of(method is "GET" ? "POST" : "GET", path, shared.Project, token).SendAsync(shared.Http)).As(405, Refused.Method);
        (await Of(method, path + "/nope", shared.Project, token).SendAsync(shared.Http)).As(404, Refused.NoPath);
    }

    [Fact]
    public async Task The_operations_stand_in_the_API_document()
    {
        var paths = (await Ask.Get("/openapi/huawei-workspace.json").SendAsync(shared.Http)).Is(200).Json.GetProperty("paths");
        var names = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["/v2/{project_id}/connections/desktops"] = "ListLoginRecordsNew",
            ["/v3/{project_id}/desktops/connections/export"] = "ExportUserConnectionNew",
            ["/v1/{project_id}/session/user-connection"] = "ListUserConnection",
            ["/v1/{project_id}/session/user-connection/export"] = "ExportUserConnection",
            ["/v1/{project_id}/session/app-connection"] = "ListAppConnection",
            ["/v1/{project_id}/session/app-connection/export"] = "ExportAppConnection",
        };

        Assert.All(names, name => Assert.Equal(name.Value, Assert.Single(paths.GetProperty(name.Key).EnumerateObject()).Value.GetProperty("operationId").GetString()));
    }

    private static Ask Of(string method, string path, string project, string? token) =>
        new(method, path.Replace("{p}", project, StringComparison.Ordinal)) { Token = token };
}
