using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Identity;
using Rollcall.Server.Ingest;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Operators, API tokens and access keys of a tenant.</summary>
internal static class OperatorRoutes
{
    public static void MapOperators(this RouteGroupBuilder tenant)
    {
        tenant.MapPost("operators", AddOperatorAsync).Produces(StatusCodes.Status201Created).Accepts<NewOperatorJson>("application/json").WithSummary("Make an operator");
        tenant.MapGet("operators", ListOperatorsAsync).WithSummary("List operators");
        tenant.MapDelete("operators/{id}", DeleteOperatorAsync).WithSummary("Remove an operator, its keys and its sign-ins' tokens");
        tenant.MapPost("tokens", AddTokenAsync).Produces(StatusCodes.Status201Created).Accepts<NewTokenJson>("application/json").WithSummary("Make an API token; the answer shows it once");
        tenant.MapGet("tokens", ListTokensAsync).WithSummary("List API tokens without their secrets");
        tenant.MapDelete("tokens/{id}", DeleteTokenAsync).WithSummary("Remove an API token");
        tenant.MapPost("access-keys", AddKeyAsync).Produces(StatusCodes.Status201Created).Accepts<NewKeyJson>("application/json").WithSummary("Make an access key; the answer shows its secret once");
        tenant.MapGet("access-keys", ListKeysAsync).WithSummary("List access keys without their secrets");
        tenant.MapDelete("access-keys/{id}", DeleteKeyAsync).WithSummary("Remove an access key");
    }

    private static async Task<JsonHttpResult<OperatorJson>> AddOperatorAsync(
        NativeCaller caller, HttpRequest request, IIdentityStore identities, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ManageOperators);
        NativeQuery.Allow(request);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var wire = NewOperatorJson.Read(body.RootElement);
        var added = await identities.AddOperatorAsync(
            new Operator
            {
                Id = 0,
                Tenant = tenant,
                Name = wire.Name,
                Roles = wire.Roles,
                IsServerAdministrator = false,
                PasswordHash = wire.Password is { } password ? Secrets.HashPassword(password) : null,
                CreatedAt = Instants.ToMilliseconds(clock.GetUtcNow()),
            },
            cancel);
        return TypedResults.Json(JsonOf(added), NativeJson.Wire.OperatorJson, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<ListJson<OperatorJson>>> ListOperatorsAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] PageParameters wire, IIdentityStore identities, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ManageOperators);
        NativeQuery.Allow(request, "limit", "cursor");
        var page = await identities.FindOperatorsAsync(tenant, wire.Cursor, NativeQuery.Limit(wire.Limit), cancel);
        return TypedResults.Json(
            new ListJson<OperatorJson>([.. page.Items.Select(JsonOf)], page.NextCursor, page.Total), NativeJson.Wire.ListJsonOperatorJson);
    }

    private static async Task<NoContent> DeleteOperatorAsync(
        NativeCaller caller, string id, IIdentityStore identities, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ManageOperators);
        if (DecimalText.TryParse(id, out var number) && number == caller.Caller.Operator?.Id)
            throw FaultException.Conflict("An operator cannot remove itself: ask another administrator");
        if (await identities.TryGetOperatorAsync(number, cancel) is { } holder && holder.Tenant == tenant)
            DemandReach(caller, holder);

        return await identities.DeleteOperatorAsync(tenant, number, Instants.ToMilliseconds(clock.GetUtcNow()), cancel)
            ? TypedResults.NoContent()
            : throw FaultException.NotFound("There is no such operator");
    }

    private static async Task<JsonHttpResult<NewApiTokenJson>> AddTokenAsync(
        NativeCaller caller, HttpRequest request, IIdentityStore identities, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ManageOperators);
        NativeQuery.Allow(request);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var wire = NewTokenJson.Read(body.RootElement);
        if (wire.ExpiresAt <= clock.GetUtcNow())
            throw FaultException.Malformed("expires_at", "in the future");

        var secret = Secrets.NewToken();
        var token = new ApiToken(
            tenant, Guid.NewGuid().ToString("N"), wire.Name, wire.Roles, Instants.ToMilliseconds(clock.GetUtcNow()), wire.ExpiresAt);
        await identities.AddApiTokenAsync(token, Secrets.HashToken(secret), cancel);
        return TypedResults.Json(new NewApiTokenJson(token.Id, secret), NativeJson.Wire.NewApiTokenJson, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<ListJson<ApiTokenJson>>> ListTokensAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] PageParameters wire, IIdentityStore identities, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ManageOperators);
        NativeQuery.Allow(request, "limit", "cursor");
        var page = await identities.FindApiTokensAsync(tenant, wire.Cursor, NativeQuery.Limit(wire.Limit), cancel);
        var items = page.Items.Select(token => new ApiTokenJson(token.Id, token.Name, NamesOf(token.Roles), token.CreatedAt, token.ExpiresAt));
        return TypedResults.Json(new ListJson<ApiTokenJson>([.. items], page.NextCursor, page.Total), NativeJson.Wire.ListJsonApiTokenJson);
    }

    private static async Task<NoContent> DeleteTokenAsync(NativeCaller caller, string id, IIdentityStore identities, CancellationToken cancel) =>
        await identities.DeleteApiTokenAsync(caller.With(Permission.ManageOperators), id, cancel)
            ? TypedResults.NoContent()
            : throw FaultException.NotFound("There is no such token");

    private static async Task<JsonHttpResult<NewAccessKeyJson>> AddKeyAsync(
        NativeCaller caller, HttpRequest request, IIdentityStore identities, SecretSealer sealer, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ManageOperators);
        NativeQuery.Allow(request);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var operatorId = NewKeyJson.ReadOperatorId(body.RootElement);
        var holder = await identities.TryGetOperatorAsync(operatorId, cancel);
        if (holder is null or { IsRemoved: true } || holder.Tenant != tenant)
            throw FaultException.Malformed("operator_id", "the id of an operator of this tenant");
        DemandReach(caller, holder);

        var (key, secret) = Bootstrap.NewAccessKey(tenant, operatorId, sealer, Instants.ToMilliseconds(clock.GetUtcNow()));
        await identities.AddAccessKeyAsync(key, cancel);
        return TypedResults.Json(new NewAccessKeyJson(key.Key, secret), NativeJson.Wire.NewAccessKeyJson, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<ListJson<AccessKeyJson>>> ListKeysAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] PageParameters wire, IIdentityStore identities, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ManageOperators);
        NativeQuery.Allow(request, "limit", "cursor");
        var page = await identities.FindAccessKeysAsync(tenant, wire.Cursor, NativeQuery.Limit(wire.Limit), cancel);
        var items = page.Items.Select(key => new AccessKeyJson(key.Key, key.Key, key.OperatorId, key.CreatedAt));
        return TypedResults.Json(new ListJson<AccessKeyJson>([.. items], page.NextCursor, page.Total), NativeJson.Wire.ListJsonAccessKeyJson);
    }

    private static async Task<NoContent> DeleteKeyAsync(NativeCaller caller, string id, IIdentityStore identities, CancellationToken cancel) =>
        await identities.DeleteAccessKeyAsync(caller.With(Permission.ManageOperators), id, cancel)
            ? TypedResults.NoContent()
            : throw FaultException.NotFound("There is no such access key");

    /// <summary>The server's administrator has every tenant's rights: a tenant's administrator may neither take them by a key nor end them.</summary>
    private static void DemandReach(NativeCaller caller, Operator holder)
    {
        if (holder.IsServerAdministrator && !caller.Caller.IsServerAdministrator)
            throw FaultException.NotAllowed(Permission.ManageTenants);
    }

    public static IReadOnlyList<string> NamesOf(IReadOnlyList<Role> roles) => [.. roles.Select(Roles.NameOf)];

    private static OperatorJson JsonOf(Operator found) => new(found.Id, found.Name, NamesOf(found.Roles), found.CreatedAt);
}
