using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Storage;
using Rollcall.Storage.Columns;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Every filter and order, alone and mixed, on random ledgers: what the store finds is what anybody finds who looks at one session after another.</summary>
public abstract class SessionFilterTests(StoreEngine engine)
{
    /// <summary>One of each: what a mix is made of, and what must find something by itself in some ledger.</summary>
    private static readonly (string Name, Gen<Func<SessionQuery, SessionQuery>> Filter)[] Filters =
    [
        ("active_at", from at in Instant() select (Func<SessionQuery, SessionQuery>)(query => query with { ActiveAt = at })),
        ("open_longer_than", from at in Instant() select (Func<SessionQuery, SessionQuery>)(query => query with { OpenSinceBefore = at })),
        ("overlaps", from range in Range() select (Func<SessionQuery, SessionQuery>)(query => query with { Overlapping = range })),
        ("starts_in", from range in Range() select (Func<SessionQuery, SessionQuery>)(query => query with { Started = range })),
        ("ends_in", from range in Range() select (Func<SessionQuery, SessionQuery>)(query => query with { Ended = range })),
        ("user", from user in Gen.Elements([.. RandomLedger.Users, "ANNA", @"corp\ANNA", "nobody"]) select (Func<SessionQuery, SessionQuery>)(query => query with { UserInAnyForm = user })),
        ("user_contains", from part in Gen.Elements("an", "ÜN", "ün", "%", "_", "!", "雷", @"\", "@corp", "zz") select (Func<SessionQuery, SessionQuery>)(query => query with { UserContains = part })),
        ("client_contains", from part in Gen.Elements("lt-", "ünal", "%", "_OFF!", "zz") select (Func<SessionQuery, SessionQuery>)(query => query with { ClientContains = part })),
        ("app_contains", from part in Gen.Elements("excel", "BETA", "微", "zz") select (Func<SessionQuery, SessionQuery>)(query => query with { AppContains = part })),
        ("client_ip", from range in Ranges() select (Func<SessionQuery, SessionQuery>)(query => query with { ClientIpIn = range })),
        ("public_ip", from range in Ranges() select (Func<SessionQuery, SessionQuery>)(query => query with { PublicIpIn = range })),
        ("host", from host in Gen.Elements("rds-1", "RDS-6", "rds-7") select (Func<SessionQuery, SessionQuery>)(query => query with { HostName = host })),
        ("host_group", from id in Gen.Elements("g1", "g2", "G2", "g3") select (Func<SessionQuery, SessionQuery>)(query => query with { HostGroupId = id })),
        ("kind", from kind in Gen.Elements(SessionKind.Desktop, SessionKind.Application) select (Func<SessionQuery, SessionQuery>)(query => query with { Kind = kind })),
        ("protocol", from protocol in Gen.Elements("rdp", "RDP", "ica", "ssh") select (Func<SessionQuery, SessionQuery>)(query => query with { Protocol = protocol })),
        ("failed_code", from code in Gen.Elements("7", "4711", "8") select (Func<SessionQuery, SessionQuery>)(query => query with { FailureCode = code })),
        ("end_time_source", from source in Gen.Elements(Enum.GetValues<EndTimeSource>()) select (Func<SessionQuery, SessionQuery>)(query => query with { EndSource = source })),
        ("state", from states in Gen.SubListOf(Enum.GetValues<SessionState>()) select (Func<SessionQuery, SessionQuery>)(query => query with { States = [.. states] })),
    ];

    public static TheoryData<string> Names => [.. Filters.Select(filter => filter.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task A_filter_finds_what_somebody_finds_who_looks(string name)
    {
        await using var ledger = await RandomLedger.FillAsync(engine, 11);
        var filter = Filters.Single(one => one.Name == name).Filter;
        var found = 0;
        foreach (var narrow in filter.Sample(24))
            found += await CheckAsync(ledger, narrow(new SessionQuery(TenantOne)), take: 1000);

        Assert.True(found > 0 && found < 24 * ledger.Sessions.Count, "the filter finds something, and leaves something out");
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Mixes_of_filters_in_every_order_and_by_pages_find_the_same(int seed)
    {
        await using var ledger = await RandomLedger.FillAsync(engine, seed);
        var found = 0;
        foreach (var query in Mixes().Sample(engine is StoreEngine.Sqlite ? 150 : 40))
            found += await CheckAsync(ledger, query, take: 7);

        Assert.True(found > 0, "some mixes find something");
    }

    [Fact]
    public void Of_worked_out_sessions_every_filter_means_the_same()
    {
        var property = Prop.ForAll(RandomHistories.Arrivals().ToArbitrary(), Mixes().ToArbitrary(), (arrivals, query) =>
        {
            using var own = new BlockingStore(engine);
            foreach (var batch in arrivals)
                own.Append(batch);
            return own.Find(query).Select(session => session.Id).Order(StringComparer.Ordinal)
                .SequenceEqual(own.Known(query, own.Now).Select(session => session.Id).Order(StringComparer.Ordinal));
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(engine.Rounds(60)), property);
    }

    [Theory, InlineData(21), InlineData(22)]
    public async Task The_twin_for_worked_out_sessions_means_what_the_store_means(int seed)
    {
        await using var ledger = await RandomLedger.FillAsync(engine, seed);
        foreach (var query in Mixes().Sample(300))
            Assert.Equal(SessionsByHand.Find(ledger.Sessions, query).Select(session => session.Id).ToHashSet(), ledger.Sessions.Where(query.Matches).Select(session => session.Id).ToHashSet());
    }

    [Theory, InlineData(SessionSort.NewestStart), InlineData(SessionSort.OldestStart), InlineData(SessionSort.NewestEnd), InlineData(SessionSort.Shortest), InlineData(SessionSort.Longest)]
    public async Task Pages_lose_and_repeat_nothing_while_sessions_begin_and_end(SessionSort sort)
    {
        await using var store = await LedgerStore.OpenAsync(engine, Nine.AddHours(1));
        await store.Log.AppendAsync(TenantOne, [.. Enumerable.Range(0, 20).Select(n => Of(EventKind.SessionStarted, n / 3, os: $"{n}"))], default);
        await store.Log.AppendAsync(TenantOne, [.. Enumerable.Range(0, 9).Select(n => Of(EventKind.SessionEnded, 30 + (n / 2), os: $"{n}"))], default);
        var query = new SessionQuery(TenantOne) { Sort = sort, SortedAt = store.Clock.GetUtcNow() };
        var (seen, cursor, page) = (new List<string>(), default(string), 0);
        do
        {
            var answer = await store.Ledger.FindAsync(query, cursor, take: 3, count: true, default);
            seen.AddRange(answer.Items.Select(session => session.OsSessionId));
            (cursor, page) = (answer.NextCursor, page + 1);
            store.Clock.Advance(TimeSpan.FromMinutes(1));
            await store.Log.AppendAsync(
                TenantOne,
                [Of(EventKind.SessionStarted, 61 + page, os: $"late {page}"), Of(EventKind.SessionEnded, 61 + page, os: $"{8 + page}")],
                default);
        }
        while (cursor is not null && page < 50);

        var first = seen.Where(os => !os.StartsWith("late", StringComparison.Ordinal)).ToList();
        Assert.Equal(Enumerable.Range(0, 20).Select(n => $"{n}").Order(StringComparer.Ordinal), first.Order(StringComparer.Ordinal));
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    /// <summary>What is asked.</summary>
    protected virtual ISessionLedger LedgerOf(StoreDatabase database) => new SqlSessionLedger(database);

    /// <summary>Rows found.</summary>
    private async Task<int> CheckAsync(RandomLedger ledger, SessionQuery query, int take)
    {
        var store = new SessionLedgerContract(LedgerOf(ledger.Database));
        var expected = SessionsByHand.Find(ledger.Sessions, query).ToList();
        var (found, cursor) = (new List<Session>(), default(string));
        do
        {
            var page = await store.FindAsync(query, cursor, take, count: true, default);
            Assert.Equal(expected.Count, page.Total);
            found.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(expected.Select(session => session.Id).Order(StringComparer.Ordinal), found.Select(session => session.Id).Order(StringComparer.Ordinal));
        Assert.Equal(expected.Select(session => SessionsByHand.KeyOf(query, session)), found.Select(session => SessionsByHand.KeyOf(query, session)));
        await using var opened = await store.OpenAsync(query, default);
        Assert.Equal(found.Select(session => session.Id), await opened.Rows.Select(session => session.Text(SessionFact.Id).Text).ToListAsync());
        return found.Count;
    }

    private static Gen<SessionQuery> Mixes() =>
        from count in Gen.Choose(0, 3)
        from chosen in Gen.Elements(Filters).ArrayOf(count)
        from filters in Gen.CollectToList(chosen, one => one.Filter)
        from sort in Gen.Elements(Enum.GetValues<SessionSort>())
        from sortedAt in Gen.Elements(RandomLedger.Now, DateTimeOffset.MaxValue, Nine.AddHours(5))
        select filters.Aggregate(new SessionQuery(TenantOne) { Sort = sort, SortedAt = sortedAt }, (query, narrow) => narrow(query));

    private static Gen<DateTimeOffset> Instant() =>
        from quarter in Gen.Choose(-6 * 240, 36 * 240) from ticks in Gen.Elements(0, 0, 1) select Nine.AddMinutes(quarter / 4.0).AddTicks(ticks);

    private static Gen<TimeRange> Range() =>
        from one in Instant() from other in Instant() from open in Gen.Choose(0, 3)
        select one > other ? new TimeRange(open == 0 ? null : other, one) : new TimeRange(one, open == 1 ? null : other);

    private static Gen<AddressRange> Ranges() =>
        Gen.Elements("10.9.1.4", "10.9.0.0/16", "0.0.0.0/0", "::/0", "2001:db8::/64", "2001:db8::7", "fe80::/10", "192.0.2.0/24", "172.16.0.0/12").Select(text => AddressRange.TryParse(text)!);
}

/// <summary>The same from columns, on every engine: only the embedded store is set up so, but the feed that they follow is everywhere.</summary>
public abstract class ColumnSessionFilterTests(StoreEngine engine) : SessionFilterTests(engine)
{
    protected override ISessionLedger LedgerOf(StoreDatabase database)
    {
        var columns = new SessionColumns(database, bytesMax: long.MaxValue);
        Assert.Equal(SessionMemoryOutcome.Ready, columns.Build(TenantOne, default));
        return new ColumnSessionLedger(database, columns);
    }
}

public sealed class SqliteColumnSessionFilterTests() : ColumnSessionFilterTests(StoreEngine.Sqlite);

public sealed class Postgres18ColumnSessionFilterTests() : ColumnSessionFilterTests(StoreEngine.Postgres18);

public sealed class SqliteSessionFilterTests() : SessionFilterTests(StoreEngine.Sqlite);

public sealed class Postgres15SessionFilterTests() : SessionFilterTests(StoreEngine.Postgres15);

public sealed class Postgres18SessionFilterTests() : SessionFilterTests(StoreEngine.Postgres18);
