namespace Rollcall.Core.Sessions;

/// <summary>Holds any <see cref="ISessionStatistics"/> to its promises, whichever engine is behind it.</summary>
public sealed class SessionStatisticsContract(ISessionStatistics inner) : ISessionStatistics
{
    public async Task<IReadOnlyList<long>> CountPresentAsync(PresenceQuery query, CancellationToken cancel)
    {
        var counts = await inner.CountPresentAsync(query, cancel);
        Promise(counts.Count == query.Count, "every bucket has its number");
        Promise(counts.All(count => count >= 0), "a count is not negative");
        return counts;
    }

    public async Task<Page<UserUsage>> FindUsageAsync(UsageQuery query, PageWindow window, CancellationToken cancel)
    {
        var page = await inner.FindUsageAsync(query, window, cancel);
        var spanMs = Math.Ceiling((query.To - query.From).TotalMilliseconds); // rows are kept to the millisecond, bounds may be finer
        Promise(page.Items.Count <= window.Take, "a page is no longer than asked for");
        Promise(page.Total >= page.Items.Count, "the count covers the page");
        Promise(page.Items.All(usage => usage.ConnectedMs >= 0 && usage.ConnectedMs <= spanMs), "nobody is connected longer than the span is");
        Promise(page.Items.All(usage => usage.Established + usage.Failed <= usage.Attempts), "what came of an attempt is counted with it");
        Promise(page.Items.Zip(page.Items.Skip(1)).All(pair => IsInOrder(query, pair.First, pair.Second)), "rows come by connected time");
        return page;
    }

    private static bool IsInOrder(UsageQuery query, UserUsage first, UserUsage second) =>
        query.LeastFirst ? first.ConnectedMs <= second.ConnectedMs : first.ConnectedMs >= second.ConnectedMs;

    private static void Promise(bool holds, string promise)
    {
        if (!holds)
            throw new InvalidOperationException($"the store broke a promise: {promise}");
    }
}
