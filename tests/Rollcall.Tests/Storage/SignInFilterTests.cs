using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Cli.Sample;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.SignIns;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Every filter of sign-ins, alone and mixed, on random ledgers: what the store finds is what anybody finds who looks at one sign-in after another.</summary>
public abstract class SignInFilterTests(StoreEngine engine)
{
    private const int OursCount = 90, ForeignCount = 40;

    private static readonly string[] Operators = ["jsmith", "JSmith", "j.smith", "李雷", "ünal", "Ünal", "a_b%c"];

    private static readonly string[] Machines = ["LT-2211", "lt-2211", "ÜNAL-PC", "ünal-pc", "50%_off!", ""];

    private static readonly string?[] Addresses = [null, "10.9.1.4", "10.9.200.4", "192.0.2.7", "2001:db8::7", "fe80::1%3"];

    private static readonly (string Name, Gen<Func<SignInQuery, SignInQuery>> Filter)[] Filters =
    [
        ("operator", from name in Gen.Elements([.. Operators, "JSMITH", "nobody"]) select (Func<SignInQuery, SignInQuery>)(query => query with { OperatorName = name })),
        ("host", from host in Gen.Elements("Lt-2211", "ünal-PC", "50%_OFF!", "%") select (Func<SignInQuery, SignInQuery>)(query => query with { Host = host })),
        ("client_ip", from range in Gen.Elements("10.9.1.4", "10.9.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/64", "192.0.2.0/25", "172.16.0.0/12")
            select (Func<SignInQuery, SignInQuery>)(query => query with { ClientAddressIn = AddressRange.TryParse(range) })),
        ("open", from at in Instant() select (Func<SignInQuery, SignInQuery>)(query => query with { LastingAt = at })),
        ("from_to", from one in Instant() from other in Instant() from open in Gen.Choose(0, 3)
            select (Func<SignInQuery, SignInQuery>)(query => query with { Started = one > other ? new(open == 0 ? null : other, one) : new(one, open == 1 ? null : other) })),
    ];

    public static TheoryData<string> Names => [.. Filters.Select(filter => filter.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task A_filter_finds_what_somebody_finds_who_looks(string name)
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var all = await FillAsync(store, 7);
        var found = 0;
        foreach (var narrow in Filters.Single(one => one.Name == name).Filter.Sample(24))
            found += await CheckAsync(store, all, narrow(new SignInQuery(TenantOne)), take: 1000);

        Assert.True(found > 0 && found < 24 * all.Count, "the filter finds something, and leaves something out");
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Mixes_of_filters_find_the_same_by_pages(int seed)
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var all = await FillAsync(store, seed);
        var found = 0;
        foreach (var query in Mixes().Sample(60))
            found += await CheckAsync(store, all, query, take: 7);

        Assert.True(found > 0, "some mixes find something");
    }

    /// <summary>Rows found.</summary>
    private static async Task<int> CheckAsync(LedgerStore store, IReadOnlyList<SignIn> all, SignInQuery query, int take)
    {
        var log = new SqlSignInLog(store.Database);
        var expected = all.Where(signIn => Matches(query, signIn)).ToList();
        var (found, cursor) = (new List<SignIn>(), default(string));
        do
        {
            var page = await log.FindAsync(query, cursor, take, count: true, default);
            Assert.Equal(expected.Count, page.Total);
            Assert.True(page.Items.Count <= take);
            found.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(expected, found);
        await using var opened = await log.OpenAsync(query, default);
        Assert.Equal(expected.Count, opened.Total);
        Assert.Equal(expected, await opened.Rows.ToListAsync());
        return found.Count;
    }

    private static bool Matches(SignInQuery query, SignIn signIn) =>
        !(signIn.StartedAt < query.Started.From) && !(signIn.StartedAt >= query.Started.To)
        && (query.OperatorName is not { } name || string.Equals(signIn.OperatorName, name, StringComparison.OrdinalIgnoreCase))
        && (query.Host is not { } host || string.Equals(signIn.Host, host, StringComparison.OrdinalIgnoreCase))
        && (query.ClientAddressIn is not { } range || range.Contains(signIn.ClientAddress))
        && (query.LastingAt is not { } at || signIn.EndedAt(at) is null);

    /// <summary>Of the first tenant, newest first, as they were put in and not as the store tells of them.</summary>
    private static async Task<IReadOnlyList<SignIn>> FillAsync(LedgerStore store, int seed)
    {
        var (random, log) = (new SplitMix64((ulong)seed), new SqlSignInLog(store.Database));
        var other = RandomLedger.Other;
        await store.AddTenantAsync(other);
        var ours = new List<SignIn>();
        foreach (var tenant in (TenantId[])[TenantOne, other])
        {
            for (var number = 0; number < OursCount; number++)
                ours.Add(await BeginAsync(log, random, tenant, number));
        }

        List<LedgerEvent> foreign = [.. Enumerable.Range(0, ForeignCount).SelectMany(number => Foreign(random, number))];
        foreach (var tenant in (TenantId[])[TenantOne, other])
            await store.Log.AppendAsync(tenant, foreign, default);
        var reduced = foreign.GroupBy(one => one.SignIn!.BrowserSessionId).SelectMany(one => SignInReducer.Reduce(TenantOne, Stored([.. one])));
        return [.. ours.Where(signIn => signIn.Tenant == TenantOne).Concat(reduced).OrderByDescending(signIn => signIn.StartedAt).ThenBy(signIn => signIn.Id.ToString("D"), StringComparer.Ordinal)];
    }

    private static async Task<SignIn> BeginAsync(SqlSignInLog log, SplitMix64 random, TenantId tenant, int number)
    {
        var startedAt = Nine.AddMinutes(random.Between(0, 160) * 15);
        var signIn = await log.BeginAsync(
            new SignIn
            {
                Tenant = tenant, Id = Guid.NewGuid(), OperatorId = random.Between(1, 4), OperatorName = random.Pick(Operators), Scope = SignInScope.Console, ConsoleType = 1,
                Host = random.Pick(Machines), DeviceId = random.Chance(50) ? $"device {number}" : null, ClientAddress = random.Pick(Addresses), BrowserSessionId = 0,
                StartedAt = startedAt, LastSeenAt = startedAt,
                IdleLimit = random.Chance(70) ? TimeSpan.FromMinutes(random.Between(1, 40) * 15) : null, ExpiresAt = random.Chance(60) ? startedAt.AddHours(random.Between(1, 20)) : null,
            },
            Guid.NewGuid().ToByteArray(),
            default);
        if (random.Chance(50))
        {
            signIn = signIn with { LastSeenAt = startedAt.AddMinutes(random.Between(0, 20) * 15) };
            await log.TouchAsync(tenant, [(signIn.Id, signIn.LastSeenAt)], default);
        }

        if (!random.Chance(30))
            return signIn;

        var outAt = signIn.LastSeenAt.AddMinutes(random.Between(0, 8) * 15);
        await log.SignOutAsync(tenant, signIn.Id, outAt, default);
        return signIn with { SignedOutAt = outAt, LastSeenAt = outAt };
    }

    /// <summary>What another console reports, with its end or without.</summary>
    private static IEnumerable<LedgerEvent> Foreign(SplitMix64 random, int number)
    {
        var minute = random.Between(0, 160) * 15;
        var about = Of(EventKind.SignInStarted, minute, string.Create(CultureInfo.InvariantCulture, $"in {number}")) with
        {
            Host = new HostFacts { Name = random.Pick(Machines) is { Length: > 0 } machine ? machine : "LT-1" },
            SignIn = new SignInFacts(random.Pick(Operators), 5, number),
        };
        yield return about;
        if (random.Chance(50))
            yield return about with { Kind = EventKind.SignInEnded, Id = $"out {number}", At = about.At.AddMinutes(random.Between(0, 90)) };
    }

    private static Gen<SignInQuery> Mixes() =>
        from count in Gen.Choose(0, 3)
        from chosen in Gen.Elements(Filters).ArrayOf(count)
        from filters in Gen.CollectToList(chosen, one => one.Filter)
        select filters.Aggregate(new SignInQuery(TenantOne), (query, narrow) => narrow(query));

    /// <summary>Mostly one at which something begins or ends.</summary>
    private static Gen<DateTimeOffset> Instant() =>
        from quarter in Gen.Choose(-4, 200) from ms in Gen.Elements(0, 0, 1) select Nine.AddMinutes(quarter * 15).AddMilliseconds(ms);
}

public sealed class SqliteSignInFilterTests() : SignInFilterTests(StoreEngine.Sqlite);

public sealed class Postgres15SignInFilterTests() : SignInFilterTests(StoreEngine.Postgres15);

public sealed class Postgres18SignInFilterTests() : SignInFilterTests(StoreEngine.Postgres18);
