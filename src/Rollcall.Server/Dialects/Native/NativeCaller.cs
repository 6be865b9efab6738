using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Who asks, and about which tenant: bound from the request before any handler runs.</summary>
internal sealed record NativeCaller(Caller Caller, TenantId Tenant)
{
    /// <exception cref="FaultException">Not signed in, or the tenant is none of the caller's.</exception>
    public static async ValueTask<NativeCaller?> BindAsync(HttpContext context)
    {
        var caller = await KnowAsync(context);
        if (context.GetRouteValue("tenant") is not string path)
            return new NativeCaller(caller, caller.Tenant);

        // A tenant one may not use and one that does not exist get the same answer.
        if (!TenantId.TryParse(path, out var tenant) || !await IsOursAsync(context, caller, tenant))
            throw FaultException.ForeignTenant();
        return new NativeCaller(caller, tenant);
    }

    public TenantId With(Permission needed)
    {
        Caller.Demand(needed);
        return Tenant;
    }

    private static async Task<Caller> KnowAsync(HttpContext context)
    {
        if (TokenOf(context.Request) is not { } token)
            throw FaultException.NotSignedIn("Send Authorization: Bearer with an API token, or X-Auth-Token");

        var desk = context.RequestServices.GetRequiredService<CallerDesk>();
        return await desk.TryAnyAsync(token, context.RequestAborted)
            ?? throw FaultException.NotSignedIn("The token is unknown, expired or signed out");
    }

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
