using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Identity;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Signatures;

/// <summary>Calls that are signed with an access key, over the wire.</summary>
public sealed class SignedCallTests
{
    private const string Failed = "Incorrect IAM authentication information: verify aksk signature fail";
    private const string LockedWords = "AK access failed to reach the limit,forbidden";
    private const string OtherKey = "AKEXAMPLE0002";

    [Fact]
    public async Task Every_request_that_an_sdk_sent_is_answered_as_its_operation_answers()
    {
        await using var server = await StartAsync();
        foreach (var name in RecordedRequest.Names.Select(row => row.Data))
        {
            var (status, text) = await SendRawAsync(server, RecordedRequest.Read(name).Bytes);

            Assert.True(status == ExpectedOf(name), name + "\n" + text);
            Assert.Contains("X-Request-Id", text, StringComparison.OrdinalIgnoreCase);
        }

        // The recordings ask for a task and a path that are not there, and one of them for tasks without an id.
        static int ExpectedOf(string name) => name switch
        {
            _ when name.Contains("nope", StringComparison.Ordinal) || name.Contains("download", StringComparison.Ordinal) => 404,
            _ when name.Contains("dotnet/008", StringComparison.Ordinal) => 400,
            _ => 200,
        };
    }

    [Fact]
    public async Task A_request_may_be_sent_again_inside_the_window_and_not_after_it()
    {
        await using var server = await StartAsync();
        var signer = SignerOf(server);
        var ask = signer.Sign(Ask.Get(Tasks));

        (await ask.SendAsync(server.Http)).Is(200);
        server.Clock.Advance(TimeSpan.FromMinutes(15));
        (await ask.SendAsync(server.Http)).Is(200);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await ask.SendAsync(server.Http)).As(401, Refused.NotSignedIn, Failed + ": X-Sdk-Date is more than 15 minutes from the server's time");
        var early = (signer with { At = server.Clock.GetUtcNow().AddMinutes(15).AddSeconds(1) }).Sign(Ask.Get(Tasks));
        (await early.SendAsync(server.Http)).As(401, Refused.NotSignedIn, "more than 15 minutes");
    }

    [Fact]
    public async Task Five_wrong_signatures_in_a_row_lock_the_key_for_five_minutes()
    {
        await using var server = await StartAsync();
        var right = SignerOf(server);
        var wrong = right with { SecretKey = "another" };

        await FailAsync(server, wrong, times: 4);
        (await right.Sign(Ask.Get(Tasks)).SendAsync(server.Http)).Is(200);
        await FailAsync(server, wrong, times: 5);
        (await right.Sign(Ask.Get(Tasks)).SendAsync(server.Http)).As(401, Refused.NotSignedIn, LockedWords);
        server.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        (await right.Sign(Ask.Get(Tasks)).SendAsync(server.Http)).As(401, Refused.NotSignedIn, LockedWords);
        server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await right.Sign(Ask.Get(Tasks)).SendAsync(server.Http)).Is(200);
    }

    [Fact]
    public async Task D0040_a_key_that_does_not_exist_is_refused_and_locked_in_the_same_words()
    {
        await using var server = await StartAsync();
        var unknown = SignerOf(server) with { AccessKey = "AKNOBODY" };
        var wrong = SignerOf(server) with { SecretKey = "another" };

        var ofUnknown = await unknown.Sign(Ask.Get(Tasks)).SendAsync(server.Http);
        var ofWrong = await wrong.Sign(Ask.Get(Tasks)).SendAsync(server.Http);

        Assert.Equal(ofWrong.Json.GetProperty("error_msg").GetString(), ofUnknown.Json.GetProperty("error_msg").GetString());
        await FailAsync(server, unknown, times: 4);
        (await unknown.Sign(Ask.Get(Tasks)).SendAsync(server.Http)).As(401, Refused.NotSignedIn, LockedWords);
        (await SignerOf(server).Sign(Ask.Get(Tasks)).SendAsync(server.Http)).Is(200);
    }

    [Fact]
    public async Task A_temporary_key_and_another_algorithm_are_refused_with_the_reason()
    {
        await using var server = await StartAsync();
        var signed = SignerOf(server).Sign(Ask.Get(Tasks));

        (await signed.With("X-Security-Token", "t").SendAsync(server.Http)).As(401, Refused.NotSignedIn, "temporary access keys");
        foreach (var algorithm in (string[])["SDK-HMAC-SM3", "SDK-ECDSA-P256-SHA256", "V11-HMAC-SHA256"])
        {
            var other = Ask.Get(Tasks).With("Authorization", $"{algorithm} Access=a, SignedHeaders=x-sdk-date, Signature=0").With("X-Sdk-Date", "20240301T000000Z");
            (await other.SendAsync(server.Http)).As(401, Refused.NotSignedIn, "Authorization must be SDK-HMAC-SHA256");
        }
    }

    [Fact]
    public async Task A_body_may_go_unsigned_when_the_client_says_so_and_not_when_it_does_not()
    {
        await using var server = await StartAsync();
        var signer = SignerOf(server) with { PayloadWord = "UNSIGNED-PAYLOAD" };
        var order = Ask.Post($"/v1/{RecordedRequest.Project}/session/list-sessions/export", "{}");

        (await signer.Sign(order).SendAsync(server.Http)).Is(200);
        (await (SignerOf(server).Sign(order) with { Body = """{"user_name":"x"}"""u8.ToArray() }).SendAsync(server.Http)).As(401, Refused.NotSignedIn, Failed);
        (await SignerOf(server).Sign(order).With("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD").SendAsync(server.Http)).As(401, Refused.NotSignedIn, Failed);
    }

    [Fact]
    public async Task D0039_a_hash_that_is_announced_must_be_the_bodys()
    {
        await using var server = await StartAsync();
        var order = Ask.Post($"/v1/{RecordedRequest.Project}/session/list-sessions/export", "{}");
        var hashOfOrder = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(order.Body!));
        var signed = (SignerOf(server) with { PayloadWord = hashOfOrder }).Sign(order);

        (await signed.SendAsync(server.Http)).Is(200);
        (await (signed with { Body = """{"user_name":"x"}"""u8.ToArray() }).SendAsync(server.Http)).As(401, Refused.NotSignedIn, Failed);
    }

    [Fact]
    public async Task A_key_reaches_its_own_tenant_only()
    {
        await using var server = await StartAsync();
        var foreign = SignerOf(server).Sign(Ask.Get($"/v2/{server.Server.Bootstrap.TenantId}/export-tasks"));
        var unknown = SignerOf(server).Sign(Ask.Get("/v2/0123456789abcdef0123456789abcdef/export-tasks"));

        var ofForeign = (await foreign.SendAsync(server.Http)).Is(403);
        var ofUnknown = (await unknown.SendAsync(server.Http)).Is(403);
        Assert.Equal(ofForeign.Json.GetProperty("error_msg").GetString(), ofUnknown.Json.GetProperty("error_msg").GetString());
    }

    [Fact]
    public async Task A_key_has_the_rights_of_its_holder_and_none_once_the_holder_is_gone()
    {
        await using var server = await StartAsync();
        var agent = await AddHolderAsync(server, OtherKey, Role.Agent);
        var signer = SignerOf(server) with { AccessKey = OtherKey };

        (await signer.Sign(Ask.Get(Tasks)).SendAsync(server.Http)).As(403, Refused.NotAllowed);
        await server.Server.Services.GetRequiredService<IIdentityStore>().DeleteOperatorAsync(agent.Tenant, agent.Id, RecordedRequest.RecordedAt, CancellationToken.None);
        (await signer.Sign(Ask.Get(Tasks)).SendAsync(server.Http)).As(401, Refused.NotSignedIn, Failed);
    }

    [Fact]
    public async Task A_signed_body_over_the_bound_is_refused_before_it_is_hashed()
    {
        await using var server = await StartAsync();
        var order = Ask.Post($"/v1/{RecordedRequest.Project}/session/list-sessions/export", new string(' ', 300_000));

        (await SignerOf(server).Sign(order).SendAsync(server.Http)).Is(413);
    }

    [Theory]
    [InlineData("status=SUCCESS&limit=5", "limit=5&status=SUCCESS")]
    [InlineData("limit=5&status", "limit=5&status=")]
    [InlineData("file_name=a+b", "file_name=a%20b")]
    [InlineData("file_name=a:b,c", "file_name=a%3Ab%2Cc")]
    public async Task A_query_is_verified_however_the_sdk_wrote_it(string sent, string signed)
    {
        await using var server = await StartAsync();

        var (status, text) = await SendRawAsync(server, RawOf(SignerOf(server).Sign(Ask.Get($"{Tasks}?{sent}"), signed)));

        Assert.True(status == 200, text);
    }

    [Fact]
    public async Task A_target_with_scheme_and_host_is_verified_by_its_path()
    {
        await using var server = await StartAsync();
        var ask = SignerOf(server).Sign(Ask.Get(Tasks));

        var (status, text) = await SendRawAsync(server, RawOf(ask with { Path = "http://127.0.0.1" + Tasks }));

        Assert.True(status == 200, text);
    }

    [Fact]
    public async Task An_algorithm_in_lower_case_is_told_as_one()
    {
        await using var server = await StartAsync();

        var asked = await Ask.Get(Tasks).With("Authorization", "sdk-hmac-sha256 Access=a").SendAsync(server.Http);

        asked.As(401, Refused.NotSignedIn, "Authorization must be SDK-HMAC-SHA256");
    }

    [Fact]
    public async Task A_servers_administrators_key_finds_no_project_that_it_cannot_use()
    {
        await using var server = await StartAsync();
        var first = server.Server.Bootstrap;
        var signer = new Signer(first.AccessKey, first.SecretKey, server.Clock.GetUtcNow());

        var found = (await signer.Sign(Ask.Get("/v3/projects?name=recorded"), "name=recorded").SendAsync(server.Http)).Is(200).Json;

        Assert.Empty(found.GetProperty("projects").EnumerateArray());
    }

    [Fact]
    public async Task The_region_answers_the_one_project_of_a_signed_caller()
    {
        await using var server = await StartAsync();
        var region = server.Server.Bootstrap.Region;

        var projects = (await SignerOf(server).Sign(Ask.Get($"/v3/projects?name={region}"), $"name={region}").SendAsync(server.Http)).Is(200).Json.GetProperty("projects");

        Assert.Equal(RecordedRequest.Project, Assert.Single(projects.EnumerateArray()).GetProperty("id").GetString());
        var wrong = SignerOf(server) with { SecretKey = "another" };
        var refused = (await wrong.Sign(Ask.Get("/v3/projects")).SendAsync(server.Http)).Is(401).Json.GetProperty("error");
        Assert.StartsWith(Failed, refused.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static string Tasks => $"/v2/{RecordedRequest.Project}/export-tasks";

    private static Signer SignerOf(SignedServer server) => new(RecordedRequest.AccessKey, RecordedRequest.SecretKey, server.Clock.GetUtcNow());

    private static async Task FailAsync(SignedServer server, Signer wrong, int times)
    {
        for (var time = 0; time < times; time++)
            (await wrong.Sign(Ask.Get(Tasks)).SendAsync(server.Http)).As(401, Refused.NotSignedIn, Failed);
    }

    private static byte[] RawOf(Ask ask)
    {
        var headers = string.Concat(ask.Headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
        return Encoding.UTF8.GetBytes($"{ask.Method} {ask.Path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n");
    }

    /// <summary>Sends exactly these bytes and reads until the answer's end, which a second request marks: it asks the server to close.</summary>
    private static async Task<(int Status, string Text)> SendRawAsync(SignedServer server, byte[] request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Server.BaseAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(request);
        await stream.WriteAsync("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        var text = Encoding.UTF8.GetString(all.ToArray());
        return (int.Parse(text.AsSpan("HTTP/1.1 ".Length, 3), System.Globalization.CultureInfo.InvariantCulture), text);
    }

    private static async Task<Operator> AddHolderAsync(SignedServer server, string key, Role role)
    {
        var services = server.Server.Services;
        var identities = services.GetRequiredService<IIdentityStore>();
        Assert.True(TenantId.TryParse(RecordedRequest.Project, out var tenant));
        var holder = await identities.AddOperatorAsync(
            new Operator { Id = 0, Tenant = tenant, Name = $"holder of {key}", Roles = [role], IsServerAdministrator = false, CreatedAt = RecordedRequest.RecordedAt },
            CancellationToken.None);
        var box = services.GetRequiredService<SecretSealer>().Seal(Bootstrap.AccessKeyPurpose, Encoding.UTF8.GetBytes(RecordedRequest.SecretKey));
        await identities.AddAccessKeyAsync(new AccessKey(tenant, key, holder.Id, box, RecordedRequest.RecordedAt), CancellationToken.None);
        return holder;
    }

    /// <summary>A server at the time of the recordings that has their project and their key, beside its own first tenant.</summary>
    private static async Task<SignedServer> StartAsync()
    {
        var clock = new FakeClock(RecordedRequest.RecordedAt);
        var server = new SignedServer(await RunningServer.StartAsync(clock: clock), clock);
        Assert.True(TenantId.TryParse(RecordedRequest.Project, out var tenant));
        await server.Server.Services.GetRequiredService<IIdentityStore>().AddTenantAsync(new Tenant(tenant, "recorded", RecordedRequest.RecordedAt), CancellationToken.None);
        await AddHolderAsync(server, RecordedRequest.AccessKey, Role.Administrator);
        return server;
    }

    private sealed record SignedServer(RunningServer Server, FakeClock Clock) : IAsyncDisposable
    {
        public HttpClient Http => Server.Http;

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
