using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Dialects.HuaweiWorkspace;
using Rollcall.Server.Dialects.HuaweiWorkspace.Iam;
using Rollcall.Server.Dialects.HuaweiWorkspace.Sts;
using Rollcall.Server.Dialects.Native;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects;

/// <summary>The table of design 3b, whole: every refusal there is, in the words of every operation's dialect, those included that no request can provoke at will.</summary>
public sealed class RefusalWordsTests
{
    private static readonly (FaultException Fault, int Status, string Workspace)[] Table =
    [
        (FaultException.Malformed("limit", "a number"), 400, "WKS.00211102"),
        (FaultException.Unreadable("torn"), 400, "WKS.00139901"),
        (FaultException.NotSignedIn("who"), 401, "APIGW.0301"),
        (FaultException.NotAllowed(Permission.ReadSessions), 403, "WKS.00081102"),
        (FaultException.NoSuchPath(), 404, "APIGW.0101"),
        (FaultException.NotFound("none"), 404, "WKS.00211902"),
        (FaultException.Method(), 405, "WKS.00000405"),
        (FaultException.Conflict("taken"), 409, "WKS.00211103"),
        (FaultException.TooLarge(1), 413, "APIGW.0201"),
        (FaultException.MediaType("x/y"), 415, "WKS.00000415"),
        (FaultException.TooBusy("later", 1), 429, "APIGW.0308"),
        (FaultException.Failed(), 500, "WKS.00211401"),
        (FaultException.Unavailable("later", 1), 503, "WKS.00050902"),
    ];

    public static TheoryData<string> WorkspacePaths =>
    [
        "/v1/p/session/list-sessions", "/v1/p/session/list-sessions/export", "/v2/p/connections/desktops/export", "/v3/p/users/export",
        "/v2/p/export-tasks", "/v2/p/export-tasks/x/download", "/v2/p/export-tasks/batch-delete",
        "/v1/p/session/user-session-info", "/v2/p/connections/online-users", "/v2/p/statistics/metrics/users", "/v2/p/users", "/v2/p/users/x",
    ];

    [Fact]
    public void The_table_misses_no_refusal() =>
        Assert.Equal(Enum.GetValues<FaultCode>().Except([FaultCode.None]), Table.Select(row => row.Fault.Code));

    [Theory, MemberData(nameof(WorkspacePaths))]
    public async Task Every_refusal_of_a_Workspace_operation_has_its_status_and_code(string path)
    {
        using var folder = new TemporaryFolder();
        var dialect = new WorkspaceDialect(new AuthorizationMessages(SecretSealer.Open(folder.Path), FakeClock.AtNine()));
        foreach (var (fault, status, code) in Table)
        {
            var (answered, body) = await RefuseAsync(dialect, path, fault);

            Assert.True(dialect.Owns(path));
            Assert.Equal((status, code, fault.Message), (answered, Text(body, "error_code"), Text(body, "error_msg")));
            Assert.Equal(status == 403 && !path.StartsWith("/v1", StringComparison.Ordinal), body.TryGetProperty("encoded_authorization_message", out _));
        }
    }

    [Theory]
    [InlineData("/v3")]
    [InlineData("/v3/")]
    [InlineData("/V3/Auth/tokens")]
    [InlineData("/v3/auth")]
    [InlineData("/v3/auth/tokens")]
    [InlineData("/v3/auth/domains")]
    [InlineData("/v3/projects")]
    [InlineData("/v3/projects/x")]
    [InlineData("/v3/domains")]
    [InlineData("/v3/domains/x")]
    [InlineData("/v3/users/x")]
    [InlineData("/v3/users/x/projects")]
    public async Task Every_refusal_of_the_identity_service_has_its_own_shape(string path)
    {
        var dialect = new IamDialect();
        foreach (var (fault, status, _) in Table)
        {
            var (answered, body) = await RefuseAsync(dialect, path, fault);

            var error = body.GetProperty("error");
            Assert.True(dialect.Owns(path));
            Assert.Equal((status, status, fault.Message), (answered, error.GetProperty("code").GetInt32(), Text(error, "message")));
            Assert.NotEmpty(Text(error, "title")!);
        }
    }

    [Theory]
    [InlineData("/v3/0123456789abcdef0123456789abcdef/users/export")]
    [InlineData("/v3/p")]
    [InlineData("/v3/authority/tokens")]
    [InlineData("/v3/p/auth")]
    [InlineData("/v30/auth/tokens")]
    [InlineData("/v1/auth/tokens")]
    [InlineData("/")]
    public void The_identity_service_owns_no_path_of_a_project(string path) => Assert.False(new IamDialect().Owns(path));

    [Fact]
    public async Task Every_refusal_of_the_security_token_service_has_a_code_of_its_family_or_of_the_gateway()
    {
        using var folder = new TemporaryFolder();
        var dialect = new StsDialect(new AuthorizationMessages(SecretSealer.Open(folder.Path), FakeClock.AtNine()));
        foreach (var (fault, status, workspace) in Table)
        {
            var (answered, body) = await RefuseAsync(dialect, "/v5/caller-identity", fault);

            var isOfTheGateway = workspace.StartsWith("APIGW", StringComparison.Ordinal);
            Assert.True(dialect.Owns("/v5/caller-identity"));
            Assert.Equal((status, fault.Message), (answered, Text(body, "error_msg")));
            Assert.Equal(isOfTheGateway ? workspace : $"STS5.0{status}", Text(body, "error_code"));
            Assert.Equal(isOfTheGateway, body.TryGetProperty("request_id", out _));
            Assert.Equal(status == 403, body.TryGetProperty("encoded_authorization_message", out _));
        }
    }

    [Fact]
    public async Task Every_refusal_of_the_native_API_is_a_problem()
    {
        foreach (var (fault, status, _) in Table)
        {
            var (answered, body) = await RefuseAsync(new NativeDialect(), "/api/v1/me", fault);

            Assert.Equal((status, status), (answered, body.GetProperty("status").GetInt32()));
            Assert.StartsWith(fault.Message, Text(body, "detail"), StringComparison.Ordinal);
            Assert.Equal(fault.Field is not null, body.GetProperty("errors").ValueKind is JsonValueKind.Object);
        }
    }

    private static async Task<(int Status, JsonElement Body)> RefuseAsync(IDialect dialect, string path, FaultException fault)
    {
        var context = new DefaultHttpContext { Request = { Path = path, Scheme = "http", Host = new HostString("127.0.0.1") } };
        using var body = new MemoryStream();
        context.Response.Body = body;
        await dialect.RefuseAsync(context, fault);
        return (context.Response.StatusCode, JsonElement.Parse(body.ToArray()));
    }

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();
}
