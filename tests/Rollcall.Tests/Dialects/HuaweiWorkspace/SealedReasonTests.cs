using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Dialects.HuaweiWorkspace;
using Rollcall.Server.Identity;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Why somebody was refused, sealed and opened again (contract 6.5).</summary>
public sealed class SealedReasonTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private const string Decode = "/v5/decode-authorization-message";
    private const string Stranger = "0123456789abcdef0123456789abcdef";

    public static TheoryData<string> WrongBodies =>
    [
        "", "null", "{}", "[]", "{", """{"encoded_message":null}""", """{"encoded_message":""}""", """{"encoded_message":7}""", """{"encoded_message":["a"]}""",
        """{"encoded_message":"\ud800"}""", """{"encoded_message":"a"}""", """{"encoded_message":"====" }""", """{"encoded_message":"HY0L8G1lOe3rcfgxfKVP+AK+S33eYp/rHQ4I0kJed9"}""",
        """{"encoded_message":"昇"}""", """{"encoded_message":"\u0000"}""", """{"ENCODED_MESSAGE":"aaaa"}""",
        "{\"encoded_message\":\"" + Refused.Long(10240) + "\"}", "{\"encoded_message\":\"" + Refused.Long(10241) + "\"}", "{\"encoded_message\":\"" + Refused.Long(100_000) + "\"}",
    ];

    [Fact]
    public async Task An_administrator_reads_who_was_refused_what_where_and_when()
    {
        var refused = (await shared.PostAsync(shared.Users, "{}", "self")).As(403, Refused.NotAllowed);

        var text = await OpenedAsync(SealedIn(refused), "administrator");

        Assert.StartsWith("{\"context\":{\"user_profile\":{", text, StringComparison.Ordinal);
        Assert.EndsWith("\"failure\":\"implicit deny by identity-based policy\"}", text, StringComparison.Ordinal);
        var context = JsonElement.Parse(text).GetProperty("context");
        var user = context.GetProperty("user_profile");
        Assert.Equal("the self", user.GetProperty("user_name").GetString());
        Assert.Equal(shared.Project, user.GetProperty("project_id").GetString());
        Assert.True(long.Parse(user.GetProperty("user_id").GetString()!, null) > 1);
        Assert.Equal("workspace:users:list", context.GetProperty("action").GetString());
        Assert.Equal("POST /v3/{project_id}/users/export", context.GetProperty("resource").GetString());
        Assert.Equal(shared.Project, context.GetProperty("project_id").GetString());
        Assert.Equal("2030-03-01T09:00:00Z", context.GetProperty("time").GetString());
    }

    [Fact]
    public async Task The_reason_names_the_request_that_was_refused()
    {
        var answer = await shared.PostAsync(shared.Users, "{}", "self");

        var opened = JsonElement.Parse(await OpenedAsync(SealedIn(answer.Json), "administrator"));

        Assert.Equal(answer.Header("X-Request-Id"), opened.GetProperty("context").GetProperty("request_id").GetString());
    }

    [Fact]
    public async Task A_project_out_of_scope_lacks_no_action()
    {
        var path = shared.Tasks.Replace(shared.Project, Stranger, StringComparison.Ordinal);
        var refused = (await shared.GetAsync(path, "auditor")).As(403, Refused.NotAllowed);

        var opened = JsonElement.Parse(await OpenedAsync(SealedIn(refused), "administrator"));

        Assert.False(opened.GetProperty("context").TryGetProperty("action", out _));
        Assert.Equal(Stranger, opened.GetProperty("context").GetProperty("project_id").GetString());
        Assert.Equal("the project is not in the scope of the caller", opened.GetProperty("failure").GetString());
    }

    [Theory, InlineData("auditor"), InlineData("helpdesk"), InlineData("agent"), InlineData("self")]
    public async Task Who_is_no_administrator_may_open_nothing_and_is_told_so_in_a_sealed_reason_too(string role)
    {
        var own = SealedIn((await shared.PostAsync(shared.Users, "{}", "self")).Json);
        foreach (var body in (string[])[Message(own), Message("x"), "{"])
        {
            var refused = (await shared.PostAsync(Decode, body, role)).As(403, "STS5.0403");
            var context = JsonElement.Parse(await OpenedAsync(SealedIn(refused), "administrator")).GetProperty("context");

            Assert.Equal("sts::decodeAuthorizationMessage", context.GetProperty("action").GetString());
            Assert.Equal("POST " + Decode, context.GetProperty("resource").GetString());
            Assert.Equal($"the {role}", context.GetProperty("user_profile").GetProperty("user_name").GetString());
            Assert.False(context.TryGetProperty("project_id", out _));
        }
    }

    [Fact]
    public async Task D0047_a_message_of_another_tenant_opens_like_one_that_is_none()
    {
        var other = await shared.Server.Native.AddTenantAsync("beyond");
        await shared.Server.Native.AddOperatorAsync("chief beyond", WorkspaceServer.Password, "administrator", other);
        var chief = await shared.IssueAsync("chief beyond", WorkspaceServer.Password, scope: null);
        var ours = SealedIn((await shared.PostAsync(shared.Users, "{}", "self")).Json);
        var theirs = SealedIn((await Ask.Post(shared.Users, "{}", chief).SendAsync(shared.Http)).Is(403).Json);

        var foreign = await Ask.Post(Decode, Message(ours), chief).SendAsync(shared.Http);
        var none = await Ask.Post(Decode, Message(Refused.Long(400)), chief).SendAsync(shared.Http);

        foreign.As(400, "STS5.0400");
        Assert.Equal(none.Text, foreign.Text);
        (await shared.PostAsync(Decode, Message(theirs), "administrator")).As(400, "STS5.0400");
        (await Ask.Post(Decode, Message(theirs), chief).SendAsync(shared.Http)).Is(200);
        Assert.Contains("chief beyond", await OpenedAsync(theirs, "first"), StringComparison.Ordinal);
        Assert.Contains("the self", await OpenedAsync(ours, "first"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_was_changed_in_any_place_does_not_open()
    {
        var whole = SealedIn((await shared.PostAsync(shared.Users, "{}", "self")).Json);
        foreach (var at in (int[])[0, 1, whole.Length / 2, whole.Length - 5])
        {
            var changed = whole[..at] + (whole[at] is 'A' ? 'B' : 'A') + whole[(at + 1)..];
            (await shared.PostAsync(Decode, Message(changed), "administrator")).As(400, "STS5.0400", "encoded_message");
        }

        (await shared.PostAsync(Decode, Message(whole[..^4]), "administrator")).As(400, "STS5.0400");
        (await shared.PostAsync(Decode, Message(whole + "AAAA"), "administrator")).As(400, "STS5.0400");
    }

    [Theory, MemberData(nameof(WrongBodies))]
    public async Task A_body_without_a_message_that_opens_is_400(string body) =>
        (await shared.PostAsync(Decode, body, "administrator")).As(400, "STS5.0400");

    [Fact]
    public async Task D0046_refusals_have_the_gateways_codes_or_the_familys_with_the_status()
    {
        var token = await shared.TokenAsync("administrator");
        var large = "{\"x\":\"" + Refused.Long(256 * 1024) + "\"}";

        (await Ask.Post(Decode, "{}").SendAsync(shared.Http)).As(401, Refused.NotSignedIn);
        (await Ask.Post(Decode, "{}", "wrong").SendAsync(shared.Http)).As(401, Refused.NotSignedIn);
        (await Ask.Get("/v5/caller-identity").SendAsync(shared.Http)).As(401, Refused.NotSignedIn);
        (await Ask.Get("/v5", token).SendAsync(shared.Http)).As(404, Refused.NoPath);
        (await Ask.Get("/v5/nothing", token).SendAsync(shared.Http)).As(404, Refused.NoPath);
        (await Ask.Get(Decode, token).SendAsync(shared.Http)).As(405, "STS5.0405");
        (await Ask.Post("/v5/caller-identity", "{}", token).SendAsync(shared.Http)).As(405, "STS5.0405");
        (await Ask.Post(Decode, large, token).SendAsync(shared.Http)).As(413, Refused.TooLarge);
        (await (Ask.Post(Decode, "x", token) with { ContentType = "text/plain" }).SendAsync(shared.Http)).As(415, "STS5.0415");
        (await Ask.Post(Decode, "x", token).SendAsync(shared.Http)).As(400, "STS5.0400");
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("\"")]
    [InlineData("昇")]
    [InlineData("😀")]
    [InlineData("\ud83d")]
    public void However_long_the_names_the_message_stays_within_its_bound(string part)
    {
        using var folder = new TemporaryFolder();
        var messages = new AuthorizationMessages(SecretSealer.Open(folder.Path), FakeClock.AtNine());
        var name = string.Concat(Enumerable.Repeat(part, 20_000));
        var context = Refusing(name);
        context.Request.RouteValues["project_id"] = name;

        var sealedText = messages.Seal(context, Permission.ReadUsers);

        Assert.InRange(sealedText.Length, 1, 10_240);
        var (text, tenant) = messages.TryOpen(sealedText)!.Value;
        Assert.InRange(text.Length, 1, 10_240);
        Assert.Equal(Tenant, tenant);
        Assert.NotEmpty(JsonElement.Parse(text).GetProperty("context").GetProperty("user_profile").GetProperty("user_name").GetString()!);
    }

    [Fact]
    public void A_route_names_its_own_action_for_the_permission_that_it_is_about()
    {
        using var folder = new TemporaryFolder();
        var messages = new AuthorizationMessages(SecretSealer.Open(folder.Path), FakeClock.AtNine());
        var context = Refusing("anna");
        context.SetEndpoint(new Endpoint(
            requestDelegate: null,
            new EndpointMetadataCollection(new WorkspaceAction(Permission.ReadUsers, "of the group"), new WorkspaceAction(Permission.ReadUsers, "workspace:twins:list")),
            displayName: null));

        Assert.Contains("\"action\":\"workspace:twins:list\"", messages.TryOpen(messages.Seal(context, Permission.ReadUsers))!.Value.Text, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"workspace:users:create\"", messages.TryOpen(messages.Seal(context, Permission.WriteUsers))!.Value.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_opens_or_does_not_and_nothing_else_happens()
    {
        using var folder = new TemporaryFolder();
        var sealer = SecretSealer.Open(folder.Path);
        var messages = new AuthorizationMessages(sealer, FakeClock.AtNine());
        var good = messages.Seal(Refusing("anna"), Permission.ReadUsers);
        var otherJson = Base64Url.EncodeToString(sealer.Seal(AuthorizationMessages.Purpose, Encoding.UTF8.GetBytes("""{"action":"x"}""")));
        var otherPurpose = Base64Url.EncodeToString(sealer.Seal("access-key", "{}"u8));

        Assert.Null(messages.TryOpen(otherJson));
        Assert.Null(messages.TryOpen(otherPurpose));
        Prop.ForAll(
            Broken.Text(good).ToArbitrary(),
            text => Assert.True(messages.TryOpen(text) is not { } opened || opened.Tenant == Tenant)).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public async Task The_caller_is_told_its_number_its_name_and_the_account()
    {
        var domains = (await shared.GetAsync("/v3/auth/domains", "auditor")).Is(200).Json.GetProperty("domains");

        var identity = (await shared.GetAsync("/v5/caller-identity", "auditor")).Is(200);

        var account = Assert.Single(domains.EnumerateArray()).GetProperty("id").GetString();
        Assert.Equal(["account_id", "principal_id", "principal_urn"], identity.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(account, identity.Json.GetProperty("account_id").GetString());
        Assert.Equal($"iam::{account}:user:the auditor", identity.Json.GetProperty("principal_urn").GetString());
        Assert.Matches("^[0-9]+$", identity.Json.GetProperty("principal_id").GetString());
        Assert.StartsWith("application/json", identity.ContentType, StringComparison.Ordinal);
    }

    private static TenantId Tenant { get; } = TenantId.Parse(Stranger);

    private static DefaultHttpContext Refusing(string name)
    {
        var context = new DefaultHttpContext { TraceIdentifier = Stranger, Request = { Method = "GET" } };
        WorkspaceCaller.Remember(context, new Caller { Tenant = Tenant, Name = name, Roles = [Role.Self] });
        return context;
    }

    private static string SealedIn(JsonElement refused) => refused.GetProperty("encoded_authorization_message").GetString()!;

    private static string Message(string encoded) => JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["encoded_message"] = encoded });

    private async Task<string> OpenedAsync(string encoded, string role) =>
        (await shared.PostAsync(Decode, Message(encoded), role)).Is(200).Json.GetProperty("decoded_message").GetString()!;
}
