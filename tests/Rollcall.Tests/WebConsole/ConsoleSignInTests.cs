using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.WebConsole;

/// <summary>The console's way in: a cookie no script can read, a header no other site can set, and two clocks that end it.</summary>
public sealed class ConsoleSignInTests(NativeServer shared) : IClassFixture<NativeServer>
{
    private const string Csrf = "X-CSRF-Token";

    [Fact]
    public async Task The_token_is_in_the_cookie_alone_and_opens_what_the_operator_may()
    {
        var (answer, cookie, _) = await SignInAsync(shared);

        Assert.Equal(JsonValueKind.Null, answer.Json.GetProperty("token").ValueKind);
        Assert.DoesNotContain(cookie.Split('=')[1], answer.Text, StringComparison.Ordinal);
        Assert.Contains("; httponly", answer.Header("Set-Cookie")!, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=strict", answer.Header("Set-Cookie")!, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; path=/api/v1", answer.Header("Set-Cookie")!, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secure", answer.Header("Set-Cookie")!, StringComparison.OrdinalIgnoreCase);
        (await Ask.Get(shared.PathOf("sessions")).With("Cookie", cookie).SendAsync(shared.Server.Http)).Is(200);
        (await Ask.Get($"/v2/{shared.Tenant}/export-tasks").With("Cookie", cookie).SendAsync(shared.Server.Http)).Is(401);
    }

    [Fact]
    public async Task A_script_that_signs_in_gets_the_token_and_no_cookie()
    {
        var body = new JsonObject { ["name"] = shared.Server.Bootstrap.OperatorName, ["password"] = shared.Server.Bootstrap.Password };

        var answer = (await Ask.Post("/api/v1/signin", body.ToJsonString()).SendAsync(shared.Server.Http)).Is(200);

        Assert.Null(answer.Header("Set-Cookie"));
        Assert.Equal(JsonValueKind.Null, answer.Json.GetProperty("me").GetProperty("csrf_token").ValueKind);
        (await Ask.Get("/api/v1/me", answer.Json.GetProperty("token").GetString()).SendAsync(shared.Server.Http)).Is(200);
    }

    [Fact]
    public async Task Over_TLS_the_cookie_never_travels_in_clear()
    {
        await using var server = await RunningServer.StartAsync(new ServerOptions { TrustedProxies = "127.0.0.1" });
        var body = Body(server.Bootstrap.OperatorName, server.Bootstrap.Password);

        var answer = (await Ask.Post("/api/v1/signin", body).With("X-Forwarded-Proto", "https").With("X-Forwarded-For", "203.0.113.9").SendAsync(server.Http)).Is(200);

        var cookie = answer.Header("Set-Cookie")!;
        Assert.StartsWith("__Host-rollcall_console=", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; path=/;", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        var token = cookie.Split(';')[0].Split('=')[1];
        (await MeThroughProxyAsync(server, $"__Host-rollcall_console={token}")).Is(200);
        (await MeThroughProxyAsync(server, $"rollcall_console={token}")).As(401, "not-signed-in");
    }

    [Fact]
    public async Task Who_signs_in_again_at_one_browser_ends_the_sign_in_that_it_had()
    {
        var (_, first, _) = await SignInAsync(shared);
        var (_, other, _) = await SignInAsync(shared);
        var body = Body(shared.Server.Bootstrap.OperatorName, shared.Server.Bootstrap.Password);

        (await Ask.Post("/api/v1/signin", Body("admin", "wrong")).With("Cookie", first).SendAsync(shared.Server.Http)).Is(401);
        (await MeAsync(shared, first)).Is(200);
        var again = (await Ask.Post("/api/v1/signin", body).With("Cookie", first).SendAsync(shared.Server.Http)).Is(200);

        (await MeAsync(shared, first)).As(401, "not-signed-in");
        (await MeAsync(shared, other)).Is(200);
        (await MeAsync(shared, again.Header("Set-Cookie")!.Split(';')[0])).Is(200);
    }

    [Fact]
    public async Task A_change_by_cookie_needs_the_header_and_a_change_by_token_does_not()
    {
        var (_, cookie, csrf) = await SignInAsync(shared);
        var (_, _, anothers) = await SignInAsync(shared);
        var ask = Ask.Post(shared.PathOf("exports"), """{"what":"users","format":"csv"}""").With("Cookie", cookie);

        (await ask.SendAsync(shared.Server.Http)).As(403, "not-allowed", Csrf);
        (await ask.With(Csrf, anothers).SendAsync(shared.Server.Http)).As(403, "not-allowed", Csrf);
        (await ask.With(Csrf, string.Empty).SendAsync(shared.Server.Http)).As(403, "not-allowed", Csrf);
        (await ask.With(Csrf, csrf).SendAsync(shared.Server.Http)).Is(202);
        (await (ask with { Token = await shared.TokenAsync("first") }).SendAsync(shared.Server.Http)).Is(202);
    }

    [Fact]
    public async Task Who_am_I_gives_the_header_again_to_a_page_that_was_loaded_anew()
    {
        var (_, cookie, csrf) = await SignInAsync(shared);

        var me = (await Ask.Get("/api/v1/me").With("Cookie", cookie).SendAsync(shared.Server.Http)).Is(200);

        Assert.Equal(csrf, me.Json.GetProperty("csrf_token").GetString());
        Assert.Equal("no-store", me.Header("Cache-Control"));
        Assert.Contains("close-sessions", me.Json.GetProperty("permissions").EnumerateArray().Select(word => word.GetString()));
        Assert.Equal(JsonValueKind.Null, (await shared.GetAsync("/api/v1/me", "first")).Is(200).Json.GetProperty("csrf_token").ValueKind);
    }

    [Fact]
    public async Task A_form_of_another_site_cannot_sign_anybody_in()
    {
        var body = Body(shared.Server.Bootstrap.OperatorName, shared.Server.Bootstrap.Password);

        var answer = await (Ask.Post("/api/v1/signin", body) with { ContentType = "text/plain" }).SendAsync(shared.Server.Http);

        Assert.Null(answer.Is(415).Header("Set-Cookie"));
    }

    [Fact]
    public async Task A_wrong_password_sets_no_cookie_and_counts_as_everywhere()
    {
        await using var strict = await RunningServer.StartAsync(new ServerOptions { SignIn = new SignInOptions { LoopbackFailuresPerMinuteMax = 2 } }, FakeClock.AtNine());
        for (var attempt = 0; attempt < 2; attempt++)
            Assert.Null((await Ask.Post("/api/v1/signin", Body("admin", "wrong")).SendAsync(strict.Http)).Is(401).Header("Set-Cookie"));

        var locked = await Ask.Post("/api/v1/signin", Body("admin", strict.Bootstrap.Password)).SendAsync(strict.Http);

        locked.As(429, "too-busy");
        Assert.NotNull(locked.Header("Retry-After"));
        (await Ask.Post("/api/v1/signin", """{"name":"a","password":"b","cookie":"yes"}""").SendAsync(strict.Http)).As(400, "malformed", "cookie");
    }

    [Fact]
    public async Task Silence_ends_it_and_so_does_its_age()
    {
        await using var own = await NativeServer.StartAsync();
        var (_, silent, _) = await SignInAsync(own);
        own.Clock.Advance(TimeSpan.FromMinutes(29));
        (await MeAsync(own, silent)).Is(200);
        own.Clock.Advance(TimeSpan.FromMinutes(29));
        (await MeAsync(own, silent)).Is(200);
        own.Clock.Advance(TimeSpan.FromMinutes(30));
        (await MeAsync(own, silent)).As(401, "not-signed-in");

        var (_, busy, _) = await SignInAsync(own);
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromHours(11.9); passed += TimeSpan.FromMinutes(20))
        {
            (await MeAsync(own, busy)).Is(200);
            own.Clock.Advance(TimeSpan.FromMinutes(20));
        }

        (await MeAsync(own, busy)).As(401, "not-signed-in");
    }

    [Fact]
    public async Task Signing_out_ends_it_at_once_and_takes_the_cookie_back()
    {
        var (_, cookie, csrf) = await SignInAsync(shared);

        (await Ask.Post("/api/v1/signout", string.Empty).With("Cookie", cookie).SendAsync(shared.Server.Http)).As(403, "not-allowed", Csrf);
        var answer = await Ask.Post("/api/v1/signout", string.Empty).With("Cookie", cookie).With(Csrf, csrf).SendAsync(shared.Server.Http);

        Assert.Contains("expires=Thu, 01 Jan 1970", answer.Is(204).Header("Set-Cookie")!, StringComparison.OrdinalIgnoreCase);
        (await MeAsync(shared, cookie)).As(401, "not-signed-in");
    }

    [Fact]
    public async Task It_is_listed_like_any_other_sign_in()
    {
        await using var own = await NativeServer.StartAsync();
        var token = await own.TokenAsync("first");
        await SignInAsync(own);

        var listed = await Ask.Get("/commandcenter/api/Session").With("Authorization", $"Bearer {token}").SendAsync(own.Server.Http);

        Assert.Equal(2, listed.Is(200).Json.GetProperty("sessions").GetArrayLength());
    }

    [Fact]
    public async Task A_token_of_another_dialect_is_no_cookie_of_the_console()
    {
        var token = await shared.Server.Native.AddApiTokenAsync("not a cookie", "administrator");

        (await MeAsync(shared, $"rollcall_console={token}")).As(401, "not-signed-in");
        (await MeAsync(shared, "rollcall_console=")).As(401, "not-signed-in");
    }

    private static Task<Answer> MeThroughProxyAsync(RunningServer server, string cookie) => Ask.Get("/api/v1/me").With("Cookie", cookie)
        .With("X-Forwarded-Proto", "https").With("X-Forwarded-For", "203.0.113.9").SendAsync(server.Http);

    private static Task<Answer> MeAsync(NativeServer server, string cookie) => Ask.Get("/api/v1/me").With("Cookie", cookie).SendAsync(server.Server.Http);

    private static async Task<(Answer Answer, string Cookie, string Csrf)> SignInAsync(NativeServer server)
    {
        var answer = (await Ask.Post("/api/v1/signin", Body(server.Server.Bootstrap.OperatorName, server.Server.Bootstrap.Password)).SendAsync(server.Server.Http)).Is(200);
        return (answer, answer.Header("Set-Cookie")!.Split(';')[0], answer.Json.GetProperty("me").GetProperty("csrf_token").GetString()!);
    }

    private static string Body(string name, string password) =>
        new JsonObject { ["name"] = name, ["password"] = password, ["cookie"] = true }.ToJsonString();
}
