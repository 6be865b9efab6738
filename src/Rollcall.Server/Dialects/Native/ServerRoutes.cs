using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>What belongs to the server rather than to one tenant: tenants.</summary>
internal static class ServerRoutes
{
    public static void MapServer(this RouteGroupBuilder api)
    {
        api.MapPost("tenants", AddTenantAsync).Produces(StatusCodes.Status201Created).Accepts<NewTenantJson>("application/json").WithSummary("Make a tenant: the server's administrator only");
        api.MapGet("tenants", ListTenantsAsync).WithSummary("List tenants: the server's administrator only");
    }

    private static async Task<JsonHttpResult<TenantJson>> AddTenantAsync(
        NativeCaller caller, HttpRequest request, IIdentityStore identities, TimeProvider clock, CancellationToken cancel)
    {
        DemandServerAdministrator(caller);
        NativeQuery.Allow(request);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var tenant = new Tenant(TenantId.New(), OperatorBodies.Name(body.RootElement), Instants.ToMilliseconds(clock.GetUtcNow()));
        await identities.AddTenantAsync(tenant, cancel);
        return TypedResults.Json(
            new TenantJson(tenant.Id.Value, tenant.Name, tenant.CreatedAt), NativeJson.Wire.TenantJson, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<ListJson<TenantJson>>> ListTenantsAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] PageParameters wire, IIdentityStore identities, CancellationToken cancel)
    {
        DemandServerAdministrator(caller);
        NativeQuery.Allow(request, "limit", "cursor");
        var page = await identities.FindTenantsAsync(wire.Cursor, NativeQuery.Limit(wire.Limit), cancel);
        var items = page.Items.Select(tenant => new TenantJson(tenant.Id.Value, tenant.Name, tenant.CreatedAt));
        return TypedResults.Json(new ListJson<TenantJson>([.. items], page.NextCursor, page.Total), NativeJson.Wire.ListJsonTenantJson);
    }

    private static void DemandServerAdministrator(NativeCaller caller)
    {
        if (!caller.Caller.IsServerAdministrator)
            throw FaultException.NotAllowed(Permission.ManageTenants);
    }
}

internal sealed record NewTenantJson(string Name);
