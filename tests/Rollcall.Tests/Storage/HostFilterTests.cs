using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Cli.Sample;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Every filter and order of hosts, alone and mixed, on random fleets: what the store finds is what anybody finds who looks at one host after another.</summary>
public abstract class HostFilterTests(StoreEngine engine)
{
    private const int HostsCount = 26, Rounds = 3;

    private static readonly string?[] Groups = [null, "g1", "g2", "G2"];

    private static readonly string[] Sources = ["agent://a", "import://b", "script://c"];

    private static readonly string[] Names = ["RDS-", "rds", "Ünal ", "李-", "a_b%c!d", "x.y"];

    private static readonly (string Name, Gen<Func<HostQuery, HostQuery>> Filter)[] Filters =
    [
        ("name_contains", from part in Gen.Elements("rDs", "ün", "%", "_B%", "!", "李", "-1", "zz") select (Func<HostQuery, HostQuery>)(query => query with { NameContains = part })),
        ("group", from id in Gen.Elements("g1", "g2", "G2", "g3") select (Func<HostQuery, HostQuery>)(query => query with { GroupId = id })),
        ("source", from source in Gen.Elements([.. Sources, "AGENT://a"]) select (Func<HostQuery, HostQuery>)(query => query with { Source = source })),
        ("silent", from isSilent in Gen.Elements(true, false) select (Func<HostQuery, HostQuery>)(query => query with { IsSilent = isSilent })),
        ("skewed", from isSkewed in Gen.Elements(true, false) from seconds in Gen.Elements(0, 1, 89, 90, 3600)
            select (Func<HostQuery, HostQuery>)(query => query with { IsSkewed = isSkewed, SkewLimit = TimeSpan.FromSeconds(seconds) })),
        ("has", from trait in Gen.Elements(Enum.GetValues<HostTrait>()) select (Func<HostQuery, HostQuery>)(query => query with { Has = trait })),
    ];

    public static TheoryData<string> FilterNames => [.. Filters.Select(filter => filter.Name)];

    [Theory, MemberData(nameof(FilterNames))]
    public async Task A_filter_finds_what_somebody_finds_who_looks(string name)
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var all = await FillAsync(store, 7);
        var found = 0;
        foreach (var narrow in Filters.Single(one => one.Name == name).Filter.Sample(24))
            found += await CheckAsync(store, all, narrow(new HostQuery(TenantOne, HealthLimits.Default.ClockSkew)), take: 1000);

        Assert.True(found > 0 && found < 24 * all.Count, "the filter finds something, and leaves something out");
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Mixes_of_filters_in_every_order_find_the_same_by_pages(int seed)
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var all = await FillAsync(store, seed);
        var found = 0;
        foreach (var query in Mixes().Sample(60))
            found += await CheckAsync(store, all, query, take: 4);

        Assert.True(found > 0, "some mixes find something");
    }

    /// <summary>Rows found.</summary>
    private static async Task<int> CheckAsync(LedgerStore store, IReadOnlyList<FleetHostDetail> all, HostQuery query, int take)
    {
        var byName = all.Where(one => Matches(query, one)).Select(one => one.Host).OrderBy(host => Convert.ToHexString(Encoding.UTF8.GetBytes(NameKey.Of(host.Name))), StringComparer.Ordinal);
        List<FleetHost> expected = [.. query.Order is HostOrder.ByName ? byName : byName.OrderByDescending(host => host.OpenSessions)];
        var (found, cursor) = (new List<FleetHost>(), default(string));
        do
        {
            var page = await store.Hosts.FindAsync(query, cursor, take, count: true, default);
            Assert.Equal(expected.Count, page.Total);
            found.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(expected, found);
        return found.Count;
    }

    private static bool Matches(HostQuery query, FleetHostDetail one) =>
        (query.NameContains is not { } part || one.Host.Name.Contains(part, StringComparison.OrdinalIgnoreCase))
        && (query.GroupId is not { } group || one.Host.GroupId == group)
        && (query.Source is not { } source || one.Sources.Any(of => of.Source == source))
        && (query.IsSilent is not { } isSilent || one.Host.State is HostState.Silent == isSilent)
        && (query.IsSkewed is not { } isSkewed || one.Host.Skew is { } skew && Math.Abs(skew.Ms) > query.SkewLimit.TotalMilliseconds == isSkewed || one.Host.Skew is null && !isSkewed)
        && (query.Has is not { } trait || one.Sources.Any(of => CountOf(of.Events, trait) > 0) || (trait is HostTrait.OpenSessions && one.Host.OpenSessions > 0));

    private static long CountOf(EventCounts events, HostTrait trait) => trait switch
    {
        HostTrait.OpenSessions => 0,
        HostTrait.Late => events.Late,
        HostTrait.Duplicate => events.Duplicate,
        HostTrait.Rejected => events.Rejected,
        _ => throw new ArgumentOutOfRangeException(nameof(trait), trait, "not a trait"),
    };

    /// <summary>Every host of the first tenant by its name; each that was spoken of is there, with as many open as there are sessions.</summary>
    private static async Task<IReadOnlyList<FleetHostDetail>> FillAsync(LedgerStore store, int seed)
    {
        var random = new SplitMix64((ulong)seed);
        await store.AddTenantAsync(RandomLedger.Other);
        List<string> hosts = [.. Enumerable.Range(0, HostsCount).Select(number => $"{random.Pick(Names)}{number}")];
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (tenant, host) in hosts.Select(host => (TenantOne, host)).Append((RandomLedger.Other, hosts[0])))
            {
                var sent = Round(random, store.Clock.GetUtcNow(), host, round);
                await store.Log.AppendAsync(tenant, sent.Events, sent.Rejected, default);
            }

            store.Clock.Advance(TimeSpan.FromMinutes(20));
            await store.JudgeNowAsync();
        }

        var all = await Task.WhenAll(hosts.Select(async host => (await store.Hosts.TryGetAsync(TenantOne, host, default))!));
        var open = (await store.SessionsAsync()).Where(session => session.End is null).ToLookup(session => session.Host.Name, StringComparer.OrdinalIgnoreCase);
        Assert.Equal(hosts.Select(host => (long)open[host].Count()), all.Select(one => one.Host.OpenSessions));
        Assert.Equal(3, all.Select(one => one.Host.State).Distinct().Count());
        return all;
    }

    /// <summary>What comes of one host at once: sessions in time and late, some sent again, some refused, and a beat of a clock that may be off.</summary>
    private static (List<LedgerEvent> Events, List<RejectedEvent> Rejected) Round(SplitMix64 random, DateTimeOffset now, string host, int round)
    {
        var (source, group) = (random.Pick(Sources), random.Pick(Groups));
        var facts = new HostFacts { Name = random.Chance(30) ? host.ToUpperInvariant() : host, GroupId = group, GroupName = group };
        var events = new List<LedgerEvent>();
        if (random.Chance(20) || round == 0)
            events.Add(Of(EventKind.SessionChanged, 0, $"{host} {round}", source: source) with { At = now, Host = facts, OsSessionId = $"none {host}" });
        for (var number = random.Between(0, 2) - (round == 0 ? 1 : 0); number > 0; number--)
        {
            var os = $"{host} {round} {number}";
            events.Add(Of(EventKind.SessionStarted, 0, os, os, source: source) with { At = now.AddMinutes(random.Pick([0, 0, -19])), Host = facts });
        }

        if (random.Chance(20))
            events.AddRange(events.ToList());
        if (random.Chance(40))
            events.Add(Beat(0, null, id: $"beat {host} {round}", source: source, leaseSeconds: random.Pick([90, 7200])) with { At = now.AddSeconds(random.Pick([0, 1, 90, 91, -3600])), Host = facts });
        return (events, random.Chance(10) ? [new RejectedEvent(source, host, null)] : []);
    }

    private static Gen<HostQuery> Mixes() =>
        from count in Gen.Choose(0, 3)
        from chosen in Gen.Elements(Filters).ArrayOf(count)
        from filters in Gen.CollectToList(chosen, one => one.Filter)
        from order in Gen.Elements(Enum.GetValues<HostOrder>())
        select filters.Aggregate(new HostQuery(TenantOne, HealthLimits.Default.ClockSkew) { Order = order }, (query, narrow) => narrow(query));
}

public sealed class SqliteHostFilterTests() : HostFilterTests(StoreEngine.Sqlite);

public sealed class Postgres15HostFilterTests() : HostFilterTests(StoreEngine.Postgres15);

public sealed class Postgres18HostFilterTests() : HostFilterTests(StoreEngine.Postgres18);
