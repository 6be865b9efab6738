using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>What belongs to the server rather than to one tenant: tenants, signing in and out, who am I.</summary>
internal static class ServerRoutes
{
    /// <summary>Ours has no number at the vendor whose list shows it; the nearest documented is the web console's (contract, section 4).</summary>
    private const int WebConsoleType = 19;

    public static void MapServer(this RouteGroupBuilder api)
    {
        api.MapPost("tenants", AddTenantAsync).Produces(StatusCodes.Status201Created).Accepts<NewTenantJson>("application/json").WithSummary("Make a tenant: the server's administrator only");
        api.MapGet("tenants", ListTenantsAsync).WithSummary("List tenants: the server's administrator only");
        api.MapPost("signin", SignInAsync).Accepts<SignInJson>("application/json").WithSummary("Sign in by password; the token goes into Authorization: Bearer");
        api.MapPost("signout", SignOutAsync).WithSummary("End the sign-in of the token that asks");
        api.MapGet("me", Me).WithSummary("Who the caller is");
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

    private static async Task<JsonHttpResult<SignedInJson>> SignInAsync(
        HttpContext context, SignInDesk desk, ServerOptions options, CancellationToken cancel)
    {
        NativeQuery.Allow(context.Request);
        using var body = await RequestBody.ReadObjectAsync(context.Request, cancel);
        var name = OperatorBodies.Text(body.RootElement, "name") ?? throw FaultException.Malformed("name", "the operator's name");
        var password = OperatorBodies.Text(body.RootElement, "password") ?? throw FaultException.Malformed("password", "the operator's password");
        if (name.Length > OperatorBodies.NameLengthMax || password.Length > OperatorBodies.PasswordLengthMax)
            throw FaultException.NotSignedIn("The name or the password is wrong");

        var address = context.Connection.RemoteIpAddress;
        var known = await desk.TryKnowAsync(new SignInRequest { Name = name, Password = password, Address = address }, cancel)
            ?? throw FaultException.NotSignedIn("The name or the password is wrong");
        var token = Secrets.NewToken();
        var signIn = await desk.BeginAsync(
            known,
            new SignInTerms
            {
                Token = token,
                Scope = SignInScope.Console,
                ConsoleType = WebConsoleType,
                Host = address?.ToString() ?? string.Empty,
                Address = address,
                Lifetime = TimeSpan.FromHours(options.Native.SignInHours),
            },
            cancel);
        return TypedResults.Json(
            new SignedInJson(token, signIn.ExpiresAt, new MeJson(known.Name, known.Id, known.Tenant.Value, OperatorRoutes.NamesOf(known.Roles), known.IsServerAdministrator)),
            NativeJson.Wire.SignedInJson);
    }

    private static async Task<NoContent> SignOutAsync(NativeCaller caller, SignInDesk desk, CancellationToken cancel)
    {
        if (caller.Caller.SignIn is not { } signIn)
            throw FaultException.Conflict("An API token has no sign-in to end: remove the token instead");

        await desk.SignOutAsync(signIn, cancel);
        return TypedResults.NoContent();
    }

    private static JsonHttpResult<MeJson> Me(NativeCaller caller) => TypedResults.Json(
        new MeJson(
            caller.Caller.Name, caller.Caller.Operator?.Id, caller.Caller.Tenant.Value, OperatorRoutes.NamesOf(caller.Caller.Roles),
            caller.Caller.IsServerAdministrator),
        NativeJson.Wire.MeJson);

    private static void DemandServerAdministrator(NativeCaller caller)
    {
        if (!caller.Caller.IsServerAdministrator)
            throw FaultException.NotAllowed(Permission.ManageTenants);
    }
}

internal sealed record NewTenantJson(string Name);

internal sealed record SignInJson(string Name, string Password);
