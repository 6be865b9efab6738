using Rollcall.Core.Sessions;

namespace Rollcall.Core.Statistics;

/// <summary>Holds any <see cref="IFleetStatistics"/> to its promises, whichever engine is behind it.</summary>
public sealed class FleetStatisticsContract(IFleetStatistics inner) : IFleetStatistics
{
    public async Task<Concurrency> CountOpenAsync(ConcurrencyQuery query, CancellationToken cancel)
    {
        var found = await inner.CountOpenAsync(query, cancel);
        Promise(found.Series.Count <= query.GroupsMax && found.Series.Count <= found.GroupCount, "there are no more series than asked for, nor than groups");
        Promise(query.By is not SpanGrouping.None || found.Series.Count == 1, "ungrouped there is one series");
        foreach (var series in found.Series)
        {
            Promise(series.Peak is null || series.Peak.SessionIds.Count == Math.Min(series.Peak.Count, query.PeakIdsMax), "a peak names its sessions up to the bound");
            Promise((series.Peak?.Count ?? 0) == series.Buckets.Select(bucket => bucket.Maximum).DefaultIfEmpty().Max(), "the peak is the highest bucket's");
            Promise(series.Buckets.All(IsSound), "a mean lies between its bounds");
        }

        return found;
    }

    public async Task<FleetSummary> SummarizeAsync(SummaryQuery query, CancellationToken cancel)
    {
        var found = await inner.SummarizeAsync(query, cancel);
        Promise(found.Open.Keys.All(state => state is SessionState.Initializing or SessionState.Active or SessionState.Disconnected), "an open session has one of the open states");
        Promise(found.FailuresByCode.Count <= query.CodesMax, "there are no more codes than asked for");
        Promise(found.FailuresByCode.Sum(code => code.Count) <= found.Failures, "failures by code are among the failures");
        Promise(found.Durations.MedianMs is null == (found.Durations.Count == 0) && !(found.Durations.MedianMs > found.Durations.P95Ms), "quantiles rise");
        return found;
    }

    public async Task<Page<UserActivity>> FindActivityAsync(ActivityQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var page = await inner.FindActivityAsync(query, cursor, take, count, cancel);
        Promise(page.Items.Count <= take, "a page is no longer than asked for");
        Promise(count == page.Total is not null, "a count is given when asked for, and only then");
        Promise(page.Items.All(user => user.OpenMs <= Math.Max(0, (query.Until - query.From).TotalMilliseconds)), "nobody has a session open longer than the span is");
        Promise(page.Items.All(user => !(user.LastSeenAt > query.Now) && !(user.LastSeenAt >= query.NotSeenSince)), "nobody is seen later than asked about");
        return page;
    }

    private static bool IsSound(ConcurrencyBucket bucket) =>
        bucket.Minimum >= 0 && bucket.Minimum <= bucket.Mean && bucket.Mean <= bucket.Maximum && bucket.MaximumAt >= bucket.StartAt;

    private static void Promise(bool holds, string promise)
    {
        if (!holds)
            throw new InvalidOperationException($"the store broke a promise: {promise}");
    }
}
