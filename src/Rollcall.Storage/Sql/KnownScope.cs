using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>
/// The streams whose sessions, as known at an instant, a query may find: those of sessions that may match now, that nobody reported to be over,
/// or of which anything arrived since. More than is needed, never less, but for a session whose user a late event changed.
/// </summary>
internal static class KnownScope
{
    /// <summary>Sessions looked through at most: a second or two of work.</summary>
    private const int SessionsMax = 500_000;

    /// <summary>Streams read anew at most, and events in them: each is parsed.</summary>
    private const int StreamsMax = 5_000, EventsMax = 50_000;

    public static List<EventStream> Find(StoreConnection connection, SessionQuery query, long knownMs)
    {
        var wide = FilterOf(query);
        if (connection.Number($"SELECT COUNT(*) FROM (SELECT 1 FROM session_rows s {wide.Where} LIMIT {SessionsMax + 1}) matching", wide.Parameters) > SessionsMax)
            throw TooMuch($"{SessionsMax} sessions");

        var narrow = FilterOf(query)
            .And(
                """
                (s.ended_ms IS NULL OR s.end_source <> 1 OR s.end_latest_ms >= $fromMs OR $known < (
                    SELECT b.received_ms FROM session_events m INDEXED BY session_events_session
                    CROSS JOIN events e ON e.tenant = m.tenant AND e.seq = m.seq
                    CROSS JOIN event_batches b ON b.tenant = e.tenant AND b.no = e.batch
                    WHERE m.tenant = $tenant AND m.session_no = s.no ORDER BY m.seq DESC LIMIT 1))
                """,
                "$fromMs", Earliest(query, knownMs))
            .With("$known", knownMs);
        var streams = connection.Rows(
            row => new EventStream(row.GetInt64(0), row.GetString(1)),
            $"SELECT DISTINCT s.host_no, s.stream FROM session_rows s {narrow.Where} LIMIT {StreamsMax + 1}",
            narrow.Parameters);
        if (streams.Count > StreamsMax)
            throw TooMuch($"the sessions of {StreamsMax} hosts and session numbers");

        Bound(connection, query.Tenant, streams);
        return streams;
    }

    private static FaultException TooMuch(string bound) => FaultException.Malformed(
        "as_known_at", $"asked of fewer sessions: more than {bound} would have to be read anew. Narrow it with host, user, from and to");

    /// <summary>Refuses streams that together have more events than are read anew.</summary>
    public static void Bound(StoreConnection connection, TenantId tenant, IReadOnlyList<EventStream> streams)
    {
        if (!IsWithin(connection, tenant, streams))
            throw TooMuch($"{EventsMax} events");
    }

    public static bool IsWithin(StoreConnection connection, TenantId tenant, IReadOnlyList<EventStream> streams)
    {
        var events = 0L;
        foreach (var stream in streams)
        {
            events += connection.Number(
                "SELECT COUNT(*) FROM events INDEXED BY events_stream WHERE tenant = $tenant AND host_no = $host AND stream = $stream",
                ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key))!.Value;
            if (events > EventsMax)
                return false;
        }

        return true;
    }

    /// <summary>By host, user and the latest start. A correction may have moved the start: the session's first event counts as well.</summary>
    private static SqlFilter FilterOf(SessionQuery query)
    {
        var latest = new[] { query.Started.To, query.Ended.To, query.Overlapping.To, query.EndedOrOpenBefore, query.OpenSinceBefore }.Min();
        var filter = new SqlFilter(query.Tenant, "s.")
            .And("s.host_no = (SELECT no FROM hosts WHERE tenant = $tenant AND name_key = $host)", "$host", query.HostName is { } host ? NameKey.Of(host) : null)
            .And("s.user_no IN (SELECT d.no FROM session_users d WHERE d.tenant = $tenant AND d.key = $user)", "$user", query.User is { } user ? NameKey.Of(user) : null)
            .And("s.user_no IN (SELECT d.no FROM session_users d WHERE d.tenant = $tenant AND (d.plain_key = $userAny OR d.key = $userAny))", "$userAny", query.UserInAnyForm is { } any ? NameKey.Of(any) : null)
            .And("(s.started_ms < $latestMs OR s.epoch_us < $latestMs * 1000)", "$latestMs", LatestMs(latest));
        return filter;
    }

    /// <summary>Bounds of callers may lie millennia ahead: microseconds must not overflow.</summary>
    private static long? LatestMs(DateTimeOffset? latest) => SqlFilter.MsUp(latest) is { } ms ? Math.Min(ms, long.MaxValue / 1000) : null;

    /// <summary>A session reported over before both the range and the instant was over then too, unless something arrived since; null without a range.</summary>
    private static long? Earliest(SessionQuery query, long knownMs)
    {
        var from = new[] { query.Started.From, query.Ended.From, query.Overlapping.From }.Max();
        return SqlFilter.MsUp(from) is { } fromMs ? Math.Min(fromMs, knownMs) : null;
    }
}
