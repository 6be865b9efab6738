using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Tells whether some sessions of a stream can go without changing how the others read.</summary>
internal sealed class StreamCut(StoreConnection connection, TenantId tenant, EventStream stream)
{
    /// <summary>Events read to find that out; a longer stream of several sources keeps its sessions. Some tenths of a second.</summary>
    private const int EventsMax = 2_000;

    public bool IsClean(IReadOnlyCollection<long> goneNumbers)
    {
        if (goneNumbers.Count == 0 || !IsOfSeveralSources())
            return true;

        var all = Events(stream.Key);
        if (all.Count > EventsMax)
            return false;

        var memberOf = Members();
        var (host, beats) = (Events(EventStream.HostKey), new SqlBeatHistory(connection, tenant, stream.HostNo));
        var rest = all.Where(stored => !memberOf.TryGetValue(stored.Sequence, out var no) || !goneNumbers.Contains(no)).ToList();
        var expected = SessionReducer.Reduce(tenant, all, host, beats)
            .Where(session => !session.Events.Any(stored => memberOf.TryGetValue(stored.Sequence, out var no) && goneNumbers.Contains(no)));
        return expected.Select(Shape).SequenceEqual(SessionReducer.Reduce(tenant, rest, host, beats).Select(Shape));
    }

    /// <summary>Without operators' words, which are about a session and tell of none.</summary>
    public bool IsOfSeveralSources() => connection.Number(
        """
        SELECT COUNT(*) FROM (SELECT DISTINCT source_no FROM events INDEXED BY events_stream
            WHERE tenant = $tenant AND host_no = $host AND stream = $stream
              AND source_no NOT IN (SELECT no FROM sources WHERE tenant = $tenant AND name >= 'rollcall:' AND name < 'rollcall;')) told
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key)) > 1;

    /// <summary>What a session is, and by which event it is found.</summary>
    private static (Session Session, long Anchor) Shape(ReducedSession reduced) => (reduced.Session, reduced.Anchor.Sequence);

    private Dictionary<long, long> Members() => connection.Rows(
            row => (Sequence: row.GetInt64(0), No: row.GetInt64(1)),
            """
            SELECT m.seq, m.session_no FROM events e INDEXED BY events_stream
            CROSS JOIN session_events m ON m.tenant = $tenant AND m.seq = e.seq
            WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream
            """,
            ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key))
        .ToDictionary(member => member.Sequence, member => member.No);

    private List<StoredEvent> Events(string key) => connection.Rows(
        EventRow.Read,
        $"{EventRow.SelectOfStream} WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream LIMIT {EventsMax + 1}",
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", key));
}
