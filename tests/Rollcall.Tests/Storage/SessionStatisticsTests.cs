using Rollcall.Cli.Sample;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Storage;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>What the store counts in one statement is what anybody counts who goes through sessions and connections one by one.</summary>
public abstract class SessionStatisticsTests(StoreEngine engine)
{
    private static readonly TenantId Other = TenantId.Parse("00000000000000000000000000000002");

    [Fact]
    public async Task Presence_and_usage_of_random_sessions_equal_a_count_by_hand()
    {
        for (var seed = 1; seed <= (engine is StoreEngine.Sqlite ? 6 : 1); seed++)
            await CheckAsync(seed);
    }

    private async Task CheckAsync(int seed)
    {
        await using var store = await TestStore.OpenAsync(engine);
        var database = store.Database;
        var now = Nine.AddHours(30);
        await FillAsync(database, new SplitMix64((ulong)seed), now);
        ISessionStatistics statistics = new SessionStatisticsContract(new SqlSessionStatistics(database));
        var sessions = (await new SqlSessionLedger(database).FindAsync(new SessionQuery(TenantOne), PageWindow.Everything, default)).Items;
        var connections = await new SqlConnectionLog(database).ScanAsync(new ConnectionQuery(TenantOne), default).ToListAsync();
        Assert.True(sessions.Count > 100 && connections.Count > sessions.Count, "there is something to count");

        foreach (var (hours, count) in new[] { (-3, 1), (0, 5), (2, 40), (-5, 7), (31, 4) })
        {
            var presence = new PresenceQuery(TenantOne, Nine.AddHours(hours), TimeSpan.FromHours(1), count, now);
            Assert.Equal(PresentByHand(sessions, presence), await statistics.CountPresentAsync(presence, default));

            var usage = new UsageQuery(TenantOne, presence.From.AddMinutes(7.00001), presence.To.AddMilliseconds(0.4), now);
            var page = await statistics.FindUsageAsync(usage, new PageWindow(0, 1000), default);
            Assert.Equal(UsageByHand(connections, usage), page.Items.Select(found => (NameKey.Of(found.User), found.ConnectedMs, found.Attempts, found.Established, found.Failed)));
            Assert.Equal(page.Items.Count, page.Total);
        }
    }

    private static IEnumerable<long> PresentByHand(IReadOnlyList<Session> sessions, PresenceQuery query) => Enumerable.Range(0, query.Count).Select(bucket =>
    {
        var (from, to) = (query.From + (query.Bucket * bucket), query.From + (query.Bucket * (bucket + 1)));
        return sessions.Where(session => session.State is not SessionState.Failed && session.StartedAt < to && session.StartedAt <= query.Now)
            .Where(session => EndOf(session) > from || session.StartedAt >= from)
            .Select(session => NameKey.Of(session.User)).Distinct().LongCount();

        // Of what comes after now nothing is said, whatever a source with a fast clock has told.
        DateTimeOffset EndOf(Session session) => session.End?.At < query.Now ? session.End.At : query.Now.AddMilliseconds(1);
    });

    /// <summary>Walks the ends of all spans of one user in order, and counts while at least one is open.</summary>
    private static IEnumerable<(string, long, long, long, long)> UsageByHand(List<Connection> connections, UsageQuery query)
    {
        var (from, to) = (Math.Ceiling((query.From - DateTimeOffset.UnixEpoch).TotalMilliseconds), Math.Ceiling((query.To - DateTimeOffset.UnixEpoch).TotalMilliseconds));
        var until = Math.Min(to, query.Now.ToUnixTimeMilliseconds());
        return connections.GroupBy(connection => NameKey.Of(connection.User)).Select(mine =>
        {
            var asked = mine.Where(connection => connection.RequestedAt.ToUnixTimeMilliseconds() is var at && at >= from && at < to).ToList();
            var marks = mine.Where(connection => connection.EstablishedAt is not null)
                .Select(connection => (From: Math.Max(from, connection.EstablishedAt!.Value.ToUnixTimeMilliseconds()), To: Math.Min(until, connection.EndedAt?.ToUnixTimeMilliseconds() ?? until)))
                .Where(span => span.To > span.From)
                .SelectMany(span => new[] { (At: span.From, Step: 1), (At: span.To, Step: -1) })
                .OrderBy(mark => mark.At).ThenByDescending(mark => mark.Step).ToList();
            var (depth, connectedMs, since) = (0, 0d, 0d);
            foreach (var (at, step) in marks)
            {
                connectedMs += depth > 0 ? at - since : 0;
                (depth, since) = (depth + step, at);
            }

            return (User: mine.Key, Ms: (long)connectedMs, Attempts: (long)asked.Count, asked.LongCount(connection => connection.EstablishedAt is not null), asked.LongCount(connection => connection.Failure is not null));
        }).Where(usage => usage.Ms > 0 || usage.Attempts > 0).OrderByDescending(usage => usage.Ms).ThenBy(usage => usage.User, StringComparer.Ordinal);
    }

    private static async Task FillAsync(StoreDatabase database, SplitMix64 random, DateTimeOffset now)
    {
        var log = new SqlEventLog(database, new FakeClock(now));
        var identities = new SqlIdentityStore(database);
        foreach (var tenant in (TenantId[])[TenantOne, Other])
        {
            await identities.AddTenantAsync(new Tenant(tenant, tenant.Value, Nine), default);
            await log.AppendAsync(tenant, [.. Enumerable.Range(0, 150).SelectMany(number => LogonOf(random, number))], default);
        }
    }

    /// <summary>One logon of one of a few users, with what may come after it, in whole and in broken minutes.</summary>
    private static IEnumerable<LedgerEvent> LogonOf(SplitMix64 random, int number)
    {
        var user = $"user {random.Between(0, 8)}";
        var minute = random.Between(-300, 1899) + (random.Between(0, 2) * 0.25);
        if (random.Between(0, 2) == 0)
            yield return At(EventKind.SessionInitializing, minute - random.Between(0, 19));
        if (random.Between(0, 7) == 0)
        {
            yield return At(EventKind.SessionFailed, minute);
            yield break;
        }

        yield return At(EventKind.SessionStarted, minute);
        for (var attach = random.Between(0, 3); attach > 0; attach--)
        {
            yield return At(EventKind.SessionDisconnected, minute += random.Between(0, 89));
            yield return At(EventKind.SessionReconnected, minute += random.Between(0, 89));
        }

        if (random.Between(0, 3) > 0)
            yield return At(EventKind.SessionEnded, minute + random.Between(0, 199));

        LedgerEvent At(EventKind kind, double at) => Of(kind, at, id: Guid.NewGuid().ToString(), os: $"{number}", user: user);
    }
}

public sealed class SqliteSessionStatisticsTests() : SessionStatisticsTests(StoreEngine.Sqlite);

public sealed class Postgres15SessionStatisticsTests() : SessionStatisticsTests(StoreEngine.Postgres15);

public sealed class Postgres18SessionStatisticsTests() : SessionStatisticsTests(StoreEngine.Postgres18);
