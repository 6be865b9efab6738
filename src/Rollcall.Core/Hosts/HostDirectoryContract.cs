using System.Text;

namespace Rollcall.Core.Hosts;

/// <summary>Holds any <see cref="IHostDirectory"/> to its promises, whichever engine is behind it.</summary>
public sealed class HostDirectoryContract(IHostDirectory inner) : IHostDirectory
{
    public async Task<Page<FleetHost>> FindAsync(HostQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var page = await inner.FindAsync(query, cursor, take, count, cancel);
        CheckPage(page, take, count);
        Promise(page.Items.All(host => host.Tenant == query.Tenant), "a tenant sees only its own rows");
        Promise(IsOrdered(page.Items, query.Order), "rows come in the order asked for");
        Promise(page.Items.All(IsWhole), "silence and lease fit the state, and a part is no more than the whole");
        Promise(query.IsSilent is null || page.Items.All(host => host.State is HostState.Silent == query.IsSilent), "the whole filter is applied");
        Promise(query.IsSkewed is null || page.Items.All(host => (host.Skew?.Exceeds(query.SkewLimit) ?? false) == query.IsSkewed), "the whole filter is applied");
        return page;
    }

    public async Task<FleetHostDetail?> TryGetAsync(TenantId tenant, string name, CancellationToken cancel)
    {
        var detail = await inner.TryGetAsync(tenant, name, cancel);
        Promise(detail is null || detail.Host.Tenant == tenant, "a tenant sees only its own rows");
        Promise(detail is null || NameKey.Of(detail.Host.Name) == NameKey.Of(name), "the host is the one asked for");
        Promise(detail is null || (detail.Sources.Count <= FleetHostDetail.SourcesMax && detail.Sources.Count <= detail.SourceCount), "the sources have a bound and the count covers them");
        return detail;
    }

    public async Task<Page<HostGroup>> FindGroupsAsync(TenantId tenant, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var page = await inner.FindGroupsAsync(tenant, cursor, take, count, cancel);
        CheckPage(page, take, count);
        Promise(page.Items.All(group => group.Tenant == tenant), "a tenant sees only its own rows");
        Promise(page.Items.All(group => group.Hosts >= 0 && group.OpenSessions >= 0), "a count is not negative");
        return page;
    }

    private static void CheckPage<T>(Page<T> page, int take, bool count)
    {
        Promise(page.Items.Count <= take, "a page is no longer than asked for");
        Promise(count == page.Total is not null, "a count is given when asked for, and only then");
        Promise(page.Total is null || page.Total >= page.Items.Count, "the count covers the page");
    }

    private static bool IsWhole(FleetHost host) =>
        (host.State is HostState.Silent == host.SilentSince is not null)
        && (host.State is HostState.NoBeats == host.LeaseSeconds is null)
        && host.Events.Late + host.Events.Backfilled <= host.Events.Accepted;

    private static bool IsOrdered(IReadOnlyList<FleetHost> hosts, HostOrder order) => order switch
    {
        HostOrder.ByName => IsRising(hosts.Select(host => NameKey.Of(host.Name))),
        HostOrder.MostOpenSessions => hosts.Zip(hosts.Skip(1)).All(pair =>
            pair.First.OpenSessions > pair.Second.OpenSessions
            || (pair.First.OpenSessions == pair.Second.OpenSessions && IsRising([NameKey.Of(pair.First.Name), NameKey.Of(pair.Second.Name)]))),
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "not an order"),
    };

    /// <summary>By their bytes, as stores compare: UTF-16 has another order.</summary>
    private static bool IsRising(IEnumerable<string> keys)
    {
        var all = keys.Select(Encoding.UTF8.GetBytes).ToList();
        return all.Zip(all.Skip(1)).All(pair => pair.First.AsSpan().SequenceCompareTo(pair.Second) < 0);
    }

    private static void Promise(bool holds, string promise)
    {
        if (!holds)
            throw new InvalidOperationException($"the store broke a promise: {promise}");
    }
}

/// <summary>Holds any <see cref="IFleetHealth"/> to its promises, whichever engine is behind it.</summary>
public sealed class FleetHealthContract(IFleetHealth inner) : IFleetHealth
{
    public async Task<FleetHealth> ReadAsync(HealthQuery query, CancellationToken cancel)
    {
        var health = await inner.ReadAsync(query, cancel);
        Check(health.Silent, query.Take);
        Check(health.Skewed, query.Take);
        Check(health.OpenLong, query.Take);
        Check(health.Sources, query.Take);
        Promise(health.Silent.First.Concat(health.Skewed.First).All(host => host.Tenant == query.Tenant), "a tenant sees only its own rows");
        Promise(health.Beating + health.NoBeats + health.Silent.Count == health.Hosts, "every host has one state");
        Promise(health.Silent.First.All(host => host.State is HostState.Silent), "what is counted is what is listed");
        Promise(health.Skewed.First.All(host => host.Skew!.Exceeds(query.SkewLimit)), "what is counted is what is listed");
        Promise(health.OpenLong.First.All(session => session.StartedAt < query.OpenSince), "what is counted is what is listed");
        return health;
    }

    private static void Check<T>(Worry<T> worry, int take) =>
        Promise(worry.First.Count <= take && (worry.First.Count == worry.Count || worry.First.Count == take), "a list is as long as its count or its bound");

    private static void Promise(bool holds, string promise)
    {
        if (!holds)
            throw new InvalidOperationException($"the store broke a promise: {promise}");
    }
}
