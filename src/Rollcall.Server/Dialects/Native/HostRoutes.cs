using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Asking about machines: <c>GET …/hosts</c>, <c>GET …/hosts/{name}</c>, <c>GET …/host-groups</c>.</summary>
internal static class HostRoutes
{
    public static void MapHosts(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("hosts", ListAsync).WithSummary("Find hosts")
            .WithDescription(
                "order is name (default) or -open_sessions (most open sessions first, then by name). Filters are joined by AND: name_contains, host_group (id), source (exact), silent and skewed (true or false), "
                + "has (open_sessions, late, duplicate or rejected).");
        tenant.MapGet("hosts/{name}", GetAsync).WithSummary("One host with what each source said of it");
        tenant.MapGet("host-groups", ListGroupsAsync).WithSummary("List host groups in the order of their ids");
    }

    private static async Task<JsonHttpResult<ListJson<FleetHostJson>>> ListAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] HostListParameters wire, IHostDirectory hosts, HealthLimits limits,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadHosts);
        NativeQuery.Allow(request, "name_contains", "host_group", "source", "silent", "skewed", "has", "order", "limit", "cursor", "count");
        var cursor = BoundCursor.Of(request, wire.Cursor, clock.GetUtcNow());
        var page = await hosts.FindAsync(
            wire.ToQuery(tenant, limits), cursor.Inner, NativeQuery.Limit(wire.Limit), NativeQuery.IsCounted(wire.Count), cancel);
        return TypedResults.Json(
            new ListJson<FleetHostJson>([.. page.Items.Select(host => FleetHostJson.From(host, limits))], cursor.Next(request, page.NextCursor), page.Total),
            NativeJson.Wire.ListJsonFleetHostJson);
    }

    private static async Task<JsonHttpResult<FleetHostDetailJson>> GetAsync(
        NativeCaller caller, HttpRequest request, string name, IHostDirectory hosts, HealthLimits limits, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadHosts);
        NativeQuery.Allow(request);
        var detail = await hosts.TryGetAsync(tenant, name, cancel) ?? throw FaultException.NotFound("There is no host of this name");
        return TypedResults.Json(new FleetHostDetailJson(detail, limits), NativeJson.Wire.FleetHostDetailJson);
    }

    private static async Task<JsonHttpResult<ListJson<HostGroupJson>>> ListGroupsAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] PageParameters wire, [FromQuery(Name = "count")] string? count, IHostDirectory hosts,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadHosts);
        NativeQuery.Allow(request, "limit", "cursor", "count");
        var cursor = BoundCursor.Of(request, wire.Cursor, clock.GetUtcNow());
        var page = await hosts.FindGroupsAsync(tenant, cursor.Inner, NativeQuery.Limit(wire.Limit), NativeQuery.IsCounted(count), cancel);
        return TypedResults.Json(
            new ListJson<HostGroupJson>([.. page.Items.Select(HostGroupJson.From)], cursor.Next(request, page.NextCursor), page.Total), NativeJson.Wire.ListJsonHostGroupJson);
    }
}

/// <summary>The filters of the list, as text.</summary>
internal sealed record HostListParameters(
    [FromQuery(Name = "name_contains")] string? NameContains,
    [FromQuery(Name = "host_group")] string? HostGroup,
    [FromQuery(Name = "source")] string? Source,
    [FromQuery(Name = "silent")] string? Silent,
    [FromQuery(Name = "skewed")] string? Skewed,
    [FromQuery(Name = "has")] string? Has,
    [FromQuery(Name = "order")] string? Order,
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "count")] string? Count)
{
    /// <summary>As long as an event's source may be.</summary>
    private const int SourceLengthMax = 512;

    public HostQuery ToQuery(TenantId tenant, HealthLimits limits) => new(tenant, limits.ClockSkew)
    {
        NameContains = NativeQuery.Text("name_contains", NameContains),
        GroupId = NativeQuery.Text("host_group", HostGroup),
        Source = Source is null or { Length: >= 1 and <= SourceLengthMax } ? Source : throw FaultException.Malformed("source", $"1 to {SourceLengthMax} characters"),
        IsSilent = NativeQuery.Flag("silent", Silent),
        IsSkewed = NativeQuery.Flag("skewed", Skewed),
        Has = Has switch
        {
            null => null,
            "open_sessions" => HostTrait.OpenSessions,
            "late" => HostTrait.Late,
            "duplicate" => HostTrait.Duplicate,
            "rejected" => HostTrait.Rejected,
            _ => throw FaultException.Malformed("has", "open_sessions, late, duplicate or rejected"),
        },
        Order = Order switch
        {
            null or "name" => HostOrder.ByName,
            "-open_sessions" => HostOrder.MostOpenSessions,
            _ => throw FaultException.Malformed("order", "name or -open_sessions"),
        },
    };
}
