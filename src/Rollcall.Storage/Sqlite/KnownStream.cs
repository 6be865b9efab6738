using Microsoft.Data.Sqlite;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sqlite;

/// <summary>One stream's events by arrival, and the sessions they made at any instant. Ids are those the ledger gave then.</summary>
internal sealed class KnownStream
{
    private readonly TenantId tenant;
    private readonly Dictionary<long, string> ownerOf;
    private readonly ILookup<string, string> idsOf;
    private readonly Dictionary<string, long> births;

    private KnownStream(SqliteConnection connection, TenantId tenant, EventStream stream, KnownHost host, long knownMs)
    {
        (this.tenant, Host) = (tenant, host);
        Events = connection.Rows(
            EventRow.Read,
            $"{EventRow.SelectOfStream} WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream AND b.received_ms <= $known",
            ("$tenant", tenant.Value), ("$host", stream.HostNo), ("$stream", stream.Key), ("$known", knownMs));
        ownerOf = OwnersOf(connection, tenant, stream);
        idsOf = IdsOf(connection, tenant, stream);
        births = Events.Where(stored => stored.Event.Kind.IsSession())
            .GroupBy(stored => EventIdentity.DeriveId("session", tenant, stored.Event), StringComparer.Ordinal)
            .ToDictionary(birth => birth.Key, birth => birth.First().Sequence, StringComparer.Ordinal);
    }

    public KnownHost Host { get; }

    public IReadOnlyList<StoredEvent> Events { get; }

    public static KnownStream Read(SqliteConnection connection, TenantId tenant, EventStream stream, KnownHost host, long knownMs) =>
        new(connection, tenant, stream, host, knownMs);

    /// <summary>The sessions as known at the instant, oldest first, with the ids they had.</summary>
    public IReadOnlyList<ReducedSession> At(DateTimeOffset knownAt)
    {
        var reduced = SessionReducer.Reduce(
            tenant, [.. Events.Where(stored => stored.ReceivedAt <= knownAt)], Host.EventsBy(knownAt), Host.BeatsBy(knownAt));
        var ids = reduced.Select(BornAs).ToArray();
        var taken = ids.OfType<string>().ToHashSet(StringComparer.Ordinal);
        return [.. reduced.Select((session, index) => WithId(session, ids[index] ?? Given(session, taken)))];
    }

    /// <summary>Of sessions known at an instant the one that the id found then; null when it found none.</summary>
    public ReducedSession? Find(IReadOnlyList<ReducedSession> known, string id)
    {
        if (known.FirstOrDefault(session => session.Session.Id == id) is { } same)
            return same;

        return births.TryGetValue(id, out var birth) ? known.FirstOrDefault(session => session.Events.Any(stored => stored.Sequence == birth)) : null;
    }

    /// <summary>When what gave the session its id arrived; null when no event did, because the id that follows from it was taken.</summary>
    public StoredEvent? BirthOf(string id) => births.TryGetValue(id, out var birth) ? Events.First(stored => stored.Sequence == birth) : null;

    /// <summary>A session bears the id that follows from the event it was first known by. Of two that were joined the older id stays.</summary>
    private string? BornAs(ReducedSession session)
    {
        var members = session.Events.Select(stored => stored.Sequence).ToHashSet();
        return idsOf[ownerOf[session.Anchor.Sequence]]
            .Where(id => births.TryGetValue(id, out var birth) && members.Contains(birth))
            .MinBy(id => births[id]);
    }

    /// <summary>That event went to another session since, or the id was taken: the id of the session that has this one's anchor now.</summary>
    private string Given(ReducedSession session, HashSet<string> taken)
    {
        var owner = ownerOf[session.Anchor.Sequence];
        var id = idsOf[owner].FirstOrDefault(id => !births.ContainsKey(id) && !taken.Contains(id)) ?? owner;
        taken.Add(id);
        return id;
    }

    private static ReducedSession WithId(ReducedSession reduced, string id) => reduced with
    {
        Session = reduced.Session with { Id = id },
        Connections = [.. reduced.Connections.Select(connection => connection with { SessionId = id })],
    };

    /// <summary>Which session has each event now.</summary>
    private static Dictionary<long, string> OwnersOf(SqliteConnection connection, TenantId tenant, EventStream stream) => connection.Rows(
        row => (Sequence: row.GetInt64(0), Id: row.GetString(1)),
        """
        SELECT m.seq, s.id FROM sessions s INDEXED BY sessions_stream
        CROSS JOIN session_events m INDEXED BY session_events_session ON m.tenant = s.tenant AND m.session_no = s.no
        WHERE s.tenant = $tenant AND s.host_no = $host AND s.stream = $stream
        """,
        ("$tenant", tenant.Value), ("$host", stream.HostNo), ("$stream", stream.Key)).ToDictionary(member => member.Sequence, member => member.Id);

    /// <summary>Every id that ever found each session, its own first.</summary>
    private static ILookup<string, string> IdsOf(SqliteConnection connection, TenantId tenant, EventStream stream) => connection.Rows(
        row => (Owner: row.GetString(0), Id: row.GetString(1)),
        """
        SELECT s.id, s.id FROM sessions s INDEXED BY sessions_stream WHERE s.tenant = $tenant AND s.host_no = $host AND s.stream = $stream
        UNION ALL
        SELECT s.id, a.id FROM sessions s INDEXED BY sessions_stream
        CROSS JOIN session_aliases a INDEXED BY session_aliases_session ON a.tenant = s.tenant AND a.session_no = s.no
        WHERE s.tenant = $tenant AND s.host_no = $host AND s.stream = $stream
        """,
        ("$tenant", tenant.Value), ("$host", stream.HostNo), ("$stream", stream.Key)).ToLookup(pair => pair.Owner, pair => pair.Id, StringComparer.Ordinal);
}
