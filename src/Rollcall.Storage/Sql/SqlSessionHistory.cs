using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Answers as of then by reducing anew what had arrived. Keeps nothing of its own.</summary>
public sealed class SqlSessionHistory(StoreDatabase database) : ISessionHistory
{
    public Task<Page<Session>> FindAsync(SessionQuery query, DateTimeOffset knownAt, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var after = cursor is null ? null : Cursor.Parse(cursor);
        return Task.FromResult(database.Read(connection =>
        {
            var all = Matches(connection, query, knownAt, cancel);
            var rest = after is null ? all : all.FindAll(row => Compare(query.Sort, row.Place, (after.Major, after.Minor)) > 0);
            var page = rest.Take(take).ToList();
            var next = rest.Count > take ? new Cursor(page[^1].Place.Key, page[^1].Place.Sequence).ToString() : null;
            return new Page<Session>([.. page.Select(row => row.Session)], count ? all.Count : null, next);
        }));
    }

    public Task<SessionAccount?> TryGetAsync(TenantId tenant, string sessionId, DateTimeOffset? knownAt, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => knownAt is { } then ? Then(connection, tenant, sessionId, then, cancel) : Now(connection, tenant, sessionId, cancel)));

    /// <summary>As the ledger has it, with the readings; without those of long ago where reading them would take too long.</summary>
    private static SessionAccount? Now(StoreConnection connection, TenantId tenant, string sessionId, CancellationToken cancel)
    {
        if (SqlSessionLedger.Detail(connection, tenant, sessionId) is not { } detail)
            return null;

        var place = StreamOf(connection, tenant, sessionId)!.Value;
        if (!KnownScope.IsWithin(connection, tenant, [place]))
            return new SessionAccount(detail, [new SessionReading(detail.Timeline.Max(stored => stored.ReceivedAt), KnownUntil: null, detail.Session, Cause: null)], IsWhole: false, Rosters: null);

        var stream = Known(connection, tenant, place, DateTimeOffset.MaxValue);
        return new StreamReplay(stream, stream.Find(stream.At(DateTimeOffset.MaxValue), detail.Session.Id, DateTimeOffset.MaxValue)!, DateTimeOffset.MaxValue).Account(cancel) with { Detail = detail };
    }

    private static SessionAccount? Then(StoreConnection connection, TenantId tenant, string sessionId, DateTimeOffset knownAt, CancellationToken cancel)
    {
        if (StreamOf(connection, tenant, sessionId) is not { } place)
            return null;

        KnownScope.Bound(connection, tenant, [place]);
        var stream = Known(connection, tenant, place, knownAt);
        return stream.Find(stream.At(knownAt), sessionId, knownAt) is { } session ? new StreamReplay(stream, session, knownAt).Account(cancel) : null;
    }

    private static KnownStream Known(StoreConnection connection, TenantId tenant, EventStream place, DateTimeOffset knownAt)
    {
        var knownMs = knownAt.ToUnixTimeMilliseconds();
        return new KnownStream(connection, tenant, place, new KnownHost(connection, tenant, place.HostNo, knownMs), knownMs);
    }

    /// <summary>In the order of the list; of equal ones by arrival, in the same direction.</summary>
    private static List<Match> Matches(StoreConnection connection, SessionQuery query, DateTimeOffset knownAt, CancellationToken cancel)
    {
        var knownMs = knownAt.ToUnixTimeMilliseconds();
        var found = new List<Match>();
        foreach (var host in KnownScope.Find(connection, query, knownMs).GroupBy(stream => stream.HostNo))
        {
            var told = new KnownHost(connection, query.Tenant, host.Key, knownMs);
            foreach (var stream in host)
            {
                cancel.ThrowIfCancellationRequested();
                found.AddRange(new KnownStream(connection, query.Tenant, stream, told, knownMs).At(knownAt)
                    .Where(session => query.Matches(session.Session))
                    .Select(session => new Match(
                        session.Session, (query.SortKeyOf(session.Session), session.Events.Min(stored => stored.Sequence)))));
            }
        }

        found.Sort((one, other) => Compare(query.Sort, one.Place, other.Place));
        return found;
    }

    private static int Compare(SessionSort sort, (long Key, long Sequence) one, (long Key, long Sequence) other) =>
        sort.IsDescending() ? other.CompareTo(one) : one.CompareTo(other);

    private static EventStream? StreamOf(StoreConnection connection, TenantId tenant, string sessionId)
    {
        var streams = connection.Rows(
            row => new EventStream(row.GetInt64(0), row.GetString(1)),
            """
            SELECT host_no, stream FROM session_rows
            WHERE tenant = $tenant AND no = COALESCE(
                (SELECT no FROM session_rows WHERE tenant = $tenant AND id = $id),
                (SELECT session_no FROM session_aliases WHERE tenant = $tenant AND id = $id))
            """,
            ("$tenant", tenant), ("$id", sessionId));
        return streams is [var stream] ? stream : null;
    }

    /// <param name="Place">What orders rows and pages.</param>
    private sealed record Match(Session Session, (long Key, long Sequence) Place);
}
