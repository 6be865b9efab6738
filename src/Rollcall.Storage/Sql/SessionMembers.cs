using Rollcall.Core;
using Rollcall.Core.Events;

namespace Rollcall.Storage.Sql;

/// <summary>Notes whose each event of a stream is, as one change of it comes in.</summary>
/// <param name="arrived">What is new in the stream.</param>
internal sealed class SessionMembers(StoreConnection connection, TenantId tenant, StreamChange arrived)
{
    private readonly HashSet<long> placed = [];

    /// <summary>Whether any event was not this session's before.</summary>
    /// <param name="known">Null: the session is new, and so is every event to it.</param>
    public bool Add(long sessionNo, KnownSession? known, IReadOnlyList<StoredEvent> events)
    {
        const string Conflict = "ON CONFLICT (tenant, seq) DO UPDATE SET session_no = excluded.session_no WHERE session_events.session_no <> excluded.session_no";
        long[] added = [.. NotYetIn(known, events).Select(stored => stored.Sequence)];
        if (known is { Members: null })
        {
            return connection.Execute(
                $"INSERT INTO session_events (tenant, session_no, seq) SELECT $tenant, $no, value FROM json_each($sequences) WHERE TRUE {Conflict}",
                ("$tenant", tenant), ("$no", sessionNo), ("$sequences", added)) > 0;
        }

        const string Insert = "INSERT INTO session_events (tenant, session_no, seq) VALUES ($tenant, $no, $seq)";
        foreach (var sequence in added)
        {
            // An event that was not there before is no session's yet, until the first one takes it.
            if (arrived.Has(sequence) && placed.Add(sequence))
                connection.Add(Insert, ("$tenant", tenant), ("$no", sessionNo), ("$seq", sequence));
            else
                connection.Queue($"{Insert} {Conflict}", ("$tenant", tenant), ("$no", sessionNo), ("$seq", sequence));
        }

        return added.Length > 0;
    }

    private static IEnumerable<StoredEvent> NotYetIn(KnownSession? known, IReadOnlyList<StoredEvent> events) =>
        known?.Members is { } members ? events.Where(stored => !members.Any(member => member.Sequence == stored.Sequence)) : events;
}
