using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>One stream's events by arrival, and the sessions they made at any instant. Ids are those the ledger gave then.</summary>
internal sealed class KnownStream(StoreConnection connection, TenantId tenant, EventStream stream, KnownHost host, long knownMs)
{
    private readonly List<Anchor> anchors = connection.Rows(
        row => new Anchor(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.Long(3)),
        """
        WITH named AS (SELECT no, id FROM session_rows INDEXED BY sessions_stream WHERE tenant = $tenant AND host_no = $host AND stream = $stream)
        SELECT n.id, a.since_ms, a.session_no, a.anchor_seq
        FROM (SELECT no, id FROM named UNION ALL
              SELECT g.gone_no, g.id FROM named CROSS JOIN session_aliases g ON g.tenant = $tenant AND g.session_no = named.no WHERE g.gone_no IS NOT NULL) n
        CROSS JOIN session_anchors a ON a.tenant = $tenant AND a.session_no = n.no
        ORDER BY a.since_ms, a.session_no
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key));

    public KnownHost Host => host;

    public IReadOnlyList<StoredEvent> Events { get; } = connection.Rows(
        EventRow.Read,
        $"{EventRow.SelectOfStream} WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream AND b.received_ms <= $known",
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$known", knownMs));

    /// <summary>The sessions as known at the instant, oldest first, with the ids they had.</summary>
    public IReadOnlyList<ReducedSession> At(DateTimeOffset knownAt)
    {
        var reduced = SessionReducer.Reduce(
            tenant, [.. Events.Where(stored => stored.ReceivedAt <= knownAt)], Host.EventsBy(knownAt), Host.BeatsBy(knownAt));
        var known = AnchorsAt(knownAt).Where(anchor => anchor.Sequence is not null).OrderBy(anchor => anchor.No < 0).ThenBy(anchor => anchor.No).ToList(); // below zero: joined before numbers were kept
        var remains = new PurgedRemains(connection, tenant);
        return [.. reduced.Select(session => (Session: session, Id: TryTakeId(known, session)))
            .Where(one => one.Id is not null || !remains.Has(one.Session))
            .Select(one => WithId(one.Session, one.Id ?? EventIdentity.DeriveId("session", tenant, one.Session.Anchor.Event)))];
    }

    /// <summary>Of the sessions known at an instant the one that the id found then; null when it found none.</summary>
    public ReducedSession? Find(IReadOnlyList<ReducedSession> known, string id, DateTimeOffset knownAt)
    {
        if (known.FirstOrDefault(session => session.Session.Id == id) is { } same)
            return same;

        // Joined with another by then: found by the event that it was last found by.
        return anchors.LastOrDefault(anchor => anchor.Id == id && anchor.Sequence is not null && anchor.SinceMs <= knownAt.ToUnixTimeMilliseconds()) is { } last
            ? known.FirstOrDefault(session => session.Events.Any(stored => stored.Sequence == last.Sequence))
            : null;
    }

    /// <summary>When the session got its id; the beginning of time when that was not kept.</summary>
    public DateTimeOffset BornAt(string id) => DateTimeOffset.FromUnixTimeMilliseconds(anchors.First(anchor => anchor.Id == id).SinceMs);

    /// <summary>Of each id the newest anchor it had by then.</summary>
    private IEnumerable<Anchor> AnchorsAt(DateTimeOffset knownAt) => anchors
        .Where(anchor => anchor.SinceMs <= knownAt.ToUnixTimeMilliseconds())
        .GroupBy(anchor => anchor.Id, StringComparer.Ordinal)
        .Select(ofOne => ofOne.Last());

    /// <summary>
    /// As the projection takes the sessions it knows. What was parted from another session before anchors were kept has the id that follows from its events.
    /// </summary>
    private static string? TryTakeId(List<Anchor> known, ReducedSession session)
    {
        var members = session.Events.Select(stored => stored.Sequence).ToHashSet();
        var index = known.FindIndex(anchor => members.Contains(anchor.Sequence!.Value));
        if (index < 0)
            return null;

        var id = known[index].Id;
        known.RemoveAt(index);
        return id;
    }

    private static ReducedSession WithId(ReducedSession reduced, string id) => reduced with
    {
        Session = reduced.Session with { Id = id },
        Connections = [.. reduced.Connections.Select(connection => connection with { SessionId = id })],
    };

    /// <param name="No">The session's number then; of several that one event finds, the lowest is found.</param>
    /// <param name="Sequence">Null when the session was joined with another.</param>
    private sealed record Anchor(string Id, long SinceMs, long No, long? Sequence);
}
