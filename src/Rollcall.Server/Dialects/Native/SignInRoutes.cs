using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Signing in and out, for scripts and for the console, and who am I.</summary>
internal static class SignInRoutes
{
    /// <summary>Ours has no number at the vendor whose list shows it; the nearest documented is the web console's (contract, section 4).</summary>
    private const int WebConsoleType = 19;

    public static void MapSignIn(this RouteGroupBuilder api)
    {
        api.MapPost("signin", SignInAsync).Accepts<SignInJson>("application/json").WithSummary("Sign in by password")
            .WithDescription(
                "The token goes into Authorization: Bearer. With cookie the token is not answered but set as a cookie that no script can read; "
                + "such a sign-in also ends when it is silent for long, and each change needs the header X-CSRF-Token.");
        api.MapPost("signout", SignOutAsync).WithSummary("End the sign-in that asks");
        api.MapGet("me", Me).WithSummary("Who the caller is");
    }

    private static async Task<JsonHttpResult<SignedInJson>> SignInAsync(
        HttpContext context, SignInDesk desk, ServerOptions options, CancellationToken cancel)
    {
        NativeQuery.Allow(context.Request);
        using var document = await RequestBody.ReadObjectAsync(context.Request, cancel);
        var body = SignInJson.Read(document.RootElement);
        var known = await desk.TryKnowAsync(
            new SignInRequest { Name = body.Name, Password = body.Password, Address = context.Connection.RemoteIpAddress }, cancel)
            ?? throw FaultException.NotSignedIn("The name or the password is wrong");
        if (body.Cookie is true)
            await EndFormerAsync(context, desk, cancel);
        var token = Secrets.NewToken();
        var signIn = await desk.BeginAsync(known, Terms(context, token, body.Cookie is true, options.Native), cancel);
        var caller = new Caller { Tenant = known.Tenant, Name = known.Name, Operator = known, SignIn = signIn, Roles = known.Roles };
        if (body.Cookie is not true)
            return TypedResults.Json(new SignedInJson(token, signIn.ExpiresAt, MeJson.From(caller, csrfToken: null)), NativeJson.Wire.SignedInJson);

        ConsoleCookie.Give(context, token);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(
            new SignedInJson(Token: null, signIn.ExpiresAt, MeJson.From(caller, ConsoleCookie.CsrfTokenOf(token))), NativeJson.Wire.SignedInJson);
    }

    /// <summary>The new cookie takes the place of the browser's former one, whose sign-in nobody could end by hand afterwards.</summary>
    private static async Task EndFormerAsync(HttpContext context, SignInDesk desk, CancellationToken cancel)
    {
        if (ConsoleCookie.TokenOf(context.Request) is { } former && await desk.TryLookAsync(former, cancel) is { SignIn: { Scope: SignInScope.Console } signIn })
            await desk.SignOutAsync(signIn, cancel);
    }

    private static SignInTerms Terms(HttpContext context, string token, bool isByCookie, NativeOptions options) => new()
    {
        Token = token,
        Scope = SignInScope.Console,
        ConsoleType = WebConsoleType,
        Host = context.Connection.RemoteIpAddress?.ToString() ?? string.Empty,
        Address = context.Connection.RemoteIpAddress,
        Lifetime = TimeSpan.FromHours(options.SignInHours),
        IdleLimit = isByCookie ? TimeSpan.FromMinutes(options.ConsoleIdleMinutes) : null,
    };

    private static async Task<NoContent> SignOutAsync(NativeCaller caller, HttpContext context, SignInDesk desk, CancellationToken cancel)
    {
        if (caller.Caller.SignIn is not { } signIn)
            throw FaultException.Conflict("An API token has no sign-in to end: remove the token instead");

        await desk.SignOutAsync(signIn, cancel);
        ConsoleCookie.Take(context);
        return TypedResults.NoContent();
    }

    private static JsonHttpResult<MeJson> Me(NativeCaller caller, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(
            MeJson.From(caller.Caller, caller.CookieToken is { } token ? ConsoleCookie.CsrfTokenOf(token) : null), NativeJson.Wire.MeJson);
    }
}

/// <summary>The body of a sign-in.</summary>
/// <param name="Cookie">True: the token is set as the console's cookie and not answered. Absent: false.</param>
internal sealed record SignInJson(string Name, string Password, bool? Cookie)
{
    public static SignInJson Read(System.Text.Json.JsonElement body)
    {
        var name = OperatorBodies.Text(body, "name") ?? throw FaultException.Malformed("name", "the operator's name");
        var password = OperatorBodies.Text(body, "password") ?? throw FaultException.Malformed("password", "the operator's password");
        if (name.Length > OperatorBodies.NameLengthMax || password.Length > OperatorBodies.PasswordLengthMax)
            throw FaultException.NotSignedIn("The name or the password is wrong");

        return new SignInJson(name, password, CookieOf(body));
    }

    private static bool? CookieOf(System.Text.Json.JsonElement body) =>
        !body.TryGetProperty("cookie", out var cookie) || cookie.ValueKind is System.Text.Json.JsonValueKind.Null ? null
        : cookie.ValueKind is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False ? cookie.GetBoolean()
        : throw FaultException.Malformed("cookie", "true or false");
}
