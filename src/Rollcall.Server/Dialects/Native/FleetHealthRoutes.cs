using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Retention;

namespace Rollcall.Server.Dialects.Native;

/// <summary>How the ledger is fed: <c>GET …/health</c>.</summary>
internal static class FleetHealthRoutes
{
    /// <summary>Lines of each list: what a person reads before they open the whole list.</summary>
    private const int FirstMax = 20;

    private static readonly TimeSpan OpenLongerThanDefault = TimeSpan.FromHours(24);

    public static void MapFleetHealth(this RouteGroupBuilder tenant) => tenant.MapGet("health", ReadAsync)
        .WithSummary("How the ledger is fed: silent hosts, sessions open for long, clocks, late, repeated and rejected events")
        .WithDescription(
            "Every count is exact; a list holds the first 20, and path leads to all of them. open_longer_than is an ISO 8601 duration, PT24H when it is "
            + "left out. last_purge is when retention was last done to its end, null before that; GET …/retention says more.");

    private static async Task<JsonHttpResult<FleetHealthJson>> ReadAsync(
        NativeCaller caller, HttpRequest request, [FromQuery(Name = "open_longer_than")] string? openLongerThan, IFleetHealth health, IRetention retention, HealthLimits limits,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadHosts);
        caller.With(Permission.ReadSessions);
        NativeQuery.Allow(request, "open_longer_than");
        var now = clock.GetUtcNow();
        var longerThan = NativeQuery.Duration("open_longer_than", openLongerThan) ?? OpenLongerThanDefault;
        var query = new HealthQuery(tenant, limits.ClockSkew, now - longerThan, FirstMax);
        var found = await health.ReadAsync(query, cancel);
        return TypedResults.Json(FleetHealthJson.From(found, query, limits, now, (await retention.ReadAsync(tenant, cancel)).FinishedAt), NativeJson.Wire.FleetHealthJson);
    }
}
