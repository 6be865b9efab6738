using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;
using Rollcall.Storage;
using Rollcall.Storage.Columns;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Storage;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Statistics;

/// <summary>What the store counts of random ledgers is what anybody counts who goes through the sessions one by one.</summary>
public abstract class FleetStatisticsTests(StoreEngine engine)
{
    private static readonly (double FromHours, double ToHours)[] Spans = [(-6, 40), (-6, 2), (0, 24), (3.21, 9.7), (29, 31), (31, 33), (2, 2)];

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task Concurrency_of_random_sessions_is_as_by_hand_whatever_they_are_grouped_by(int seed)
    {
        await using var ledger = await RandomLedger.FillAsync(engine, seed);
        using var store = StatisticsOf(ledger.Database);
        var statistics = new FleetStatisticsContract(store);
        foreach (var (fromHours, toHours) in Spans)
        {
            foreach (var by in Enum.GetValues<SpanGrouping>())
            {
                var query = new ConcurrencyQuery(TenantOne, Nine.AddHours(fromHours), Nine.AddHours(toHours), TimeSpan.FromMinutes(47), RandomLedger.Now)
                {
                    By = by,
                    GroupsMax = by is SpanGrouping.None ? 1 : 4,
                    PeakIdsMax = 1000,
                };
                CheckConcurrency(ledger, query, await statistics.CountOpenAsync(query, default));
            }
        }
    }

    [Fact]
    public async Task Of_a_great_peak_the_sessions_that_began_last_are_named()
    {
        await using var ledger = await RandomLedger.FillAsync(engine, 5);
        using var store = StatisticsOf(ledger.Database);
        var query = new ConcurrencyQuery(TenantOne, Nine.AddHours(-6), Nine.AddHours(40), TimeSpan.FromHours(1), RandomLedger.Now) { PeakIdsMax = 3 };

        var peak = (await store.CountOpenAsync(query, default)).Series[0].Peak!;

        var newest = ledger.Sessions.Where(session => IsOpenAt(session, peak.At)).OrderByDescending(session => session.StartedAt).Take(3).Select(session => session.StartedAt);
        Assert.True(peak.Count > 3);
        Assert.Equal(newest, peak.SessionIds.Select(id => ledger.Sessions.Single(session => session.Id == id).StartedAt));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task A_summary_of_random_sessions_is_as_by_hand(int seed)
    {
        await using var ledger = await RandomLedger.FillAsync(engine, seed);
        using var store = StatisticsOf(ledger.Database);
        foreach (var (fromHours, toHours) in Spans)
        {
            var query = new SummaryQuery(TenantOne, Nine.AddHours(fromHours), Nine.AddHours(toHours), CodesMax: 2);
            var found = await new FleetStatisticsContract(store).SummarizeAsync(query, default);

            var began = ledger.Sessions.Where(session => session.StartedAt >= query.From && session.StartedAt < query.To).ToList();
            var failed = began.Where(session => session.State is SessionState.Failed).GroupBy(session => session.Failure!.Code).ToList();
            var durations = ledger.Sessions.Where(session => session.State is SessionState.Ended && session.End!.At >= query.From && session.End.At < query.To)
                .Select(session => (long)(session.End!.At - session.StartedAt).TotalMilliseconds).Order().ToList();
            Assert.All(found.Open, open => Assert.Equal(ledger.Sessions.LongCount(session => session.State == open.Key), open.Value));
            Assert.Equal(began.LongCount(session => session.State is not (SessionState.Failed or SessionState.Initializing)), found.Logons);
            Assert.Equal((failed.Sum(code => code.LongCount()), failed.Count), (found.Failures, found.CodeCount));
            Assert.Equal(
                failed.OrderByDescending(code => code.Count()).ThenBy(code => code.Key, StringComparer.Ordinal).Take(2).Select(code => new FailureCount(code.Key, code.LongCount())), found.FailuresByCode);
            Assert.Equal(durations.Count, found.Durations.Count);
            Assert.Equal(durations.Count == 0 ? null : durations[((durations.Count + 1) / 2) - 1], found.Durations.MedianMs);
            Assert.Equal(durations.Count == 0 ? null : durations[(int)Math.Ceiling(durations.Count * 0.95m) - 1], found.Durations.P95Ms);
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task What_each_user_did_is_as_by_hand_page_by_page_in_every_order(int seed)
    {
        await using var ledger = await RandomLedger.FillAsync(engine, seed);
        using var store = StatisticsOf(ledger.Database);
        foreach (var (fromHours, toHours) in Spans)
        {
            foreach (var order in Enum.GetValues<ActivityOrder>())
            {
                foreach (var (contains, since) in new (string?, DateTimeOffset?)[] { (null, null), ("AN", null), (null, Nine.AddHours(28)), ("%", RandomLedger.Now.AddYears(-1)) })
                {
                    var query = new ActivityQuery(TenantOne, Nine.AddHours(fromHours), Nine.AddHours(toHours), RandomLedger.Now) { Order = order, UserContains = contains, NotSeenSince = since };
                    Assert.Equal(UsersByHand(ledger, query), await PagesAsync(new FleetStatisticsContract(store), query));
                }
            }
        }
    }

    protected virtual SqlFleetStatistics StatisticsOf(StoreDatabase database) => new(database);

    private static async Task<IReadOnlyList<string>> PagesAsync(IFleetStatistics statistics, ActivityQuery query)
    {
        var (found, cursor) = (new List<string>(), default(string));
        do
        {
            var page = await statistics.FindActivityAsync(query, cursor, take: 2, count: cursor is null, default);
            found.AddRange(page.Items.Select(user => $"{NameKey.Of(user.User)} {user.UserId} {user.Logons} {user.OpenMs} {user.LastSeenAt:O}"));
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return found;
    }

    private static IEnumerable<string> UsersByHand(RandomLedger ledger, ActivityQuery query)
    {
        string[] people = ["ANNA", "BOB", "NOBODY"];
        var sessions = ledger.Sessions.Where(session => session.State is not SessionState.Failed && session.StartedAt <= query.Now).ToLookup(session =>
            people.Contains(NameKey.Of(session.User)) || !people.Contains(NameKey.OfPlain(session.User)) ? NameKey.Of(session.User) : NameKey.OfPlain(session.User));
        var users = sessions.Select(group => group.Key).Union(people).Select(key => new
        {
            Key = key,
            Id = key switch { "ANNA" => "id of Anna", "BOB" => "id of bob", "NOBODY" => "id of nobody", _ => null },
            Logons = sessions[key].Count(session => session.State is not SessionState.Initializing && session.StartedAt >= query.From && session.StartedAt < query.Until),
            OpenMs = OpenMs(sessions[key], query),
            LastSeen = sessions[key].Select(session => session.End?.At < query.Now ? session.End.At : query.Now).Cast<DateTimeOffset?>().DefaultIfEmpty().Max(),
        });
        var matching = users.Where(user => user.Key.Contains(query.UserContains ?? "", StringComparison.OrdinalIgnoreCase) && !(user.LastSeen >= query.NotSeenSince));
        var ordered = query.Order switch
        {
            ActivityOrder.ByUser => matching.OrderBy(user => user.Key, StringComparer.Ordinal),
            ActivityOrder.MostTime => matching.OrderByDescending(user => user.OpenMs).ThenBy(user => user.Key, StringComparer.Ordinal),
            _ => matching.OrderBy(user => user.LastSeen ?? DateTimeOffset.MinValue).ThenBy(user => user.Key, StringComparer.Ordinal),
        };
        return ordered.Select(user => $"{user.Key} {user.Id} {user.Logons} {user.OpenMs} {user.LastSeen:O}");
    }

    /// <summary>Minute by minute would be slow: quarters of minutes are all there are.</summary>
    private static long OpenMs(IEnumerable<Session> sessions, ActivityQuery query)
    {
        var marks = sessions.SelectMany(session => new[] { session.StartedAt, session.End?.At ?? query.Until }).Append(query.From).Append(query.Until)
            .Where(at => at >= query.From && at <= query.Until).Distinct().Order().ToList();
        return (long)marks.Zip(marks.Skip(1)).Where(pair => sessions.Any(session => IsOpenAt(session, pair.First))).Sum(pair => (pair.Second - pair.First).TotalMilliseconds);
    }

    private static void CheckConcurrency(RandomLedger ledger, ConcurrencyQuery query, Concurrency found)
    {
        var groups = ledger.Sessions.Where(session => session.State is not SessionState.Failed).GroupBy(session => KeyOf(query.By, session))
            .Select(sessions => (sessions.Key, Counted: ByHand.Count(
                [.. sessions.Select(session => new ByHand.Span(session.StartedAt.ToUnixTimeMilliseconds(), session.End?.At.ToUnixTimeMilliseconds() ?? long.MaxValue, session.Id))],
                query.From.ToUnixTimeMilliseconds(), query.Until.ToUnixTimeMilliseconds(), (long)query.Bucket.TotalMilliseconds)))
            .Where(group => query.By is SpanGrouping.None || group.Counted.Peak > 0)
            .OrderByDescending(group => group.Counted.Peak).ThenByDescending(group => group.Counted.TimeMs).ThenBy(group => group.Key, StringComparer.Ordinal)
            .ToList();

        Assert.Equal(groups.Count, found.GroupCount);
        Assert.Equal(groups.Take(query.GroupsMax).Select(group => group.Key), found.Series.Select(series => series.Key));
        foreach (var (group, series) in groups.Zip(found.Series))
        {
            Assert.Equal(group.Counted.PeakAtMs, series.Peak?.At.ToUnixTimeMilliseconds());
            Assert.Equal(group.Counted.Ids, (series.Peak?.SessionIds ?? []).Order(StringComparer.Ordinal));
            Assert.Equal(group.Counted.Buckets, series.Buckets);
            Assert.Equal(group.Key is null, series.Name is null);
        }
    }

    private static string? KeyOf(SpanGrouping by, Session session) => by switch
    {
        SpanGrouping.Host => NameKey.Of(session.Host.Name),
        SpanGrouping.HostGroup => session.Host.GroupId,
        SpanGrouping.User => NameKey.Of(session.User),
        SpanGrouping.Protocol => session.Protocol is { } protocol ? NameKey.Of(protocol) : null,
        _ => null,
    };

    private static bool IsOpenAt(Session session, DateTimeOffset at) =>
        session.State is not SessionState.Failed && session.StartedAt <= at && !(session.End?.At <= at);
}

/// <summary>The same from columns.</summary>
public sealed class SqliteColumnFleetStatisticsTests() : FleetStatisticsTests(StoreEngine.Sqlite)
{
    protected override SqlFleetStatistics StatisticsOf(StoreDatabase database)
    {
        var columns = new SessionColumns(database, bytesMax: long.MaxValue);
        columns.Build(TenantOne, default);
        return new SqlFleetStatistics(database, columns);
    }
}

public sealed class SqliteFleetStatisticsTests() : FleetStatisticsTests(StoreEngine.Sqlite);

public sealed class Postgres15FleetStatisticsTests() : FleetStatisticsTests(StoreEngine.Postgres15);

public sealed class Postgres18FleetStatisticsTests() : FleetStatisticsTests(StoreEngine.Postgres18);
