using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core.Identity;
using Rollcall.Core.Retention;
using Rollcall.Core.Statistics;

namespace Rollcall.Server.Dialects.Native;

/// <summary>What the sessions add up to: <c>GET …/stats/concurrency</c>, <c>…/stats/summary</c>, <c>…/stats/usage</c>.</summary>
internal static class StatisticsRoutes
{
    private const int CodesMax = 50;

    public static void MapStatistics(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("stats/concurrency", CountOpenAsync).WithSummary("How many sessions were open at once, and who made the peak")
            .WithDescription(
                $"Per bucket fewest, mean and most open at any instant of it; per series the exact peak, its first instant and the sessions open then, at most {ConcurrencyParameters.PeakIdsMax} "
                + "of them (session_ids_cut says how many more). A session counts from its start until before its end; failed ones never; open ones up to as_of. "
                + "from and to default to the last 24 hours, bucket (ISO 8601) to PT1H; at most "
                + $"{ConcurrencyParameters.BucketsMax} buckets. by is none, host, host_group, user or protocol: at most {ConcurrencyParameters.GroupsMax} series, the highest peaks first (groups_cut says how many more groups there are). "
                + "limited_by says from when on history is kept where from reaches behind that.");
        tenant.MapGet("stats/summary", SummarizeAsync).WithSummary("Open now by state; logons, failures by code and durations over a span")
            .WithDescription(
                $"from and to default to the last 24 hours. Logons and failures count by start, durations by end, with median and 95th percentile by nearest rank. At most {CodesMax} codes, the most frequent first. "
                + "limited_by says from when on history is kept where from reaches behind that.");
        tenant.MapGet("stats/usage", FindUsageAsync).WithSummary("What each user did, and when each was last seen")
            .WithDescription(
                "from and to default to the last 30 days. Users of the directory without any session are there too, last_seen null; a name that the directory knows counts for its person under every "
                + "domain. not_seen_for (ISO 8601, such as P60D) keeps those of whom no session was open for so long. order is user (default), -hours or last_seen (never seen and longest ago first). "
                + "limited_by says from when on history is kept where from or not_seen_for reach behind that, or somebody is said never to have been seen: it may have been before.");
    }

    private static async Task<JsonHttpResult<ConcurrencyJson>> CountOpenAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] ConcurrencyParameters wire, IFleetStatistics statistics, IRetention retention, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        NativeQuery.Allow(request, "from", "to", "bucket", "by");
        var query = wire.ToQuery(tenant, clock.GetUtcNow());
        var found = await statistics.CountOpenAsync(query, cancel);
        return TypedResults.Json(ConcurrencyJson.Of(found, query, await LimitOf.SinceAsync(retention, tenant, query.From, cancel)), NativeJson.Wire.ConcurrencyJson);
    }

    private static async Task<JsonHttpResult<SummaryJson>> SummarizeAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] SpanParameters wire, IFleetStatistics statistics, IRetention retention, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        NativeQuery.Allow(request, "from", "to");
        var now = clock.GetUtcNow();
        var span = wire.ToSpan(now, SpanParameters.Day);
        var found = await statistics.SummarizeAsync(new SummaryQuery(tenant, span.From, span.To, CodesMax), cancel);
        return TypedResults.Json(SummaryJson.Of(found, span, now, await LimitOf.SinceAsync(retention, tenant, span.From, cancel)), NativeJson.Wire.SummaryJson);
    }

    private static async Task<JsonHttpResult<UsageJson>> FindUsageAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] UsageParameters wire, IFleetStatistics statistics, IRetention retention, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        caller.With(Permission.ReadUsers);
        NativeQuery.Allow(request, "from", "to", "not_seen_for", "user_contains", "order", "limit", "cursor", "count");
        var (limit, isCounted) = (NativeQuery.Limit(wire.Limit), NativeQuery.IsCounted(wire.Count));
        var cursor = BoundCursor.Of(request, wire.Cursor, clock.GetUtcNow());
        var query = wire.ToQuery(tenant, cursor.AsOf);
        var page = await statistics.FindActivityAsync(query, cursor.Inner, limit, isCounted, cancel);
        var limitedBy = await LimitOf.WhereAsync(
            retention, tenant, keptFrom => query.From < keptFrom || query.NotSeenSince < keptFrom || page.Items.Any(user => user.LastSeenAt is null), cancel);
        return TypedResults.Json(
            new UsageJson([.. page.Items.Select(UserUsageJson.From)], cursor.Next(request, page.NextCursor), page.Total, query.From, query.To, query.Now, limitedBy),
            NativeJson.Wire.UsageJson);
    }
}
