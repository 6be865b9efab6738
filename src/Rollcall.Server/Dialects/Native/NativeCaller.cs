using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Who asks, and about which tenant: bound from the request before any handler runs.</summary>
internal sealed record NativeCaller(Caller Caller, TenantId Tenant)
{
    /// <summary>The sign-in's token when the console's cookie is the way in; null otherwise.</summary>
    public string? CookieToken { get; private init; }

    /// <exception cref="FaultException">Not signed in, or the tenant is none of the caller's.</exception>
    public static async ValueTask<NativeCaller?> BindAsync(HttpContext context)
    {
        var caller = await KnowAsync(context);
        if (context.GetRouteValue("tenant") is not string path)
            return new NativeCaller(caller, caller.Tenant) { CookieToken = CookieTokenOf(context.Request) };

        // A tenant one may not use and one that does not exist get the same answer.
        if (!TenantId.TryParse(path, out var tenant) || !await IsOursAsync(context, caller, tenant))
            throw FaultException.ForeignTenant();
        return new NativeCaller(caller, tenant);
    }

    /// <summary>
    /// Whether a request that was let in would still be, for an answer that lasts. Is no sign of life: a sign-in that falls silent ends, whatever
    /// is open.
    /// </summary>
    public static async Task<bool> MayStillAsync(HttpContext context, TenantId tenant, Permission needed, CancellationToken cancel)
    {
        var desk = context.RequestServices.GetRequiredService<CallerDesk>();
        var token = TokenOf(context.Request);
        var caller = await desk.TryLookAsync(token ?? ConsoleCookie.TokenOf(context.Request) ?? string.Empty, cancel);
        return caller is not null && (token is not null || caller.SignIn is { Scope: SignInScope.Console }) && caller.May(needed) && await IsOursAsync(context, caller, tenant);
    }

    public TenantId With(Permission needed)
    {
        Caller.Demand(needed);
        return Tenant;
    }

    private static async Task<Caller> KnowAsync(HttpContext context)
    {
        var desk = context.RequestServices.GetRequiredService<CallerDesk>();
        if (TokenOf(context.Request) is { } token)
        {
            return await desk.TryAnyAsync(token, context.RequestAborted)
                ?? throw FaultException.NotSignedIn("The token is unknown, expired or signed out");
        }

        if (CookieTokenOf(context.Request) is not { } cookie)
            throw FaultException.NotSignedIn("Send Authorization: Bearer with an API token, or X-Auth-Token");
        return await desk.TrySignInAsync(cookie, context.RequestAborted) is { SignIn.Scope: SignInScope.Console } caller
            ? ConsoleCookie.Checked(context.Request, cookie, caller)
            : throw FaultException.NotSignedIn("The sign-in is over: sign in again");
    }

    /// <summary>The cookie opens nothing when a token is sent as well: who sends one means that one.</summary>
    private static string? CookieTokenOf(HttpRequest request) => TokenOf(request) is null ? ConsoleCookie.TokenOf(request) : null;

    private static string? TokenOf(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[Bearer.Length..].Trim();

        var header = request.Headers["X-Auth-Token"].ToString();
        return header.Length > 0 ? header : null;
    }

    private static async Task<bool> IsOursAsync(HttpContext context, Caller caller, TenantId tenant)
    {
        if (tenant == caller.Tenant)
            return true;
        if (!caller.IsServerAdministrator)
            return false;

        var identities = context.RequestServices.GetRequiredService<IIdentityStore>();
        return await identities.TryGetTenantAsync(tenant, context.RequestAborted) is not null;
    }
}
