using Rollcall.Core;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Takes sessions that are over out of the ledger, whole: an event is kept as long as the session that it tells of.</summary>
/// <param name="state">Ended or failed: those that ended are found by their end, those that failed by their beginning, as the indexes have them.</param>
internal sealed class SessionRemoval(StoreConnection connection, TenantId tenant, DateTimeOffset now, SessionState state)
{
    /// <summary>Sessions that one transaction takes away: some tens of milliseconds, as long as a batch of events takes.</summary>
    public const int SessionsMax = 100;

    /// <summary>Events that go with them, when the first session alone has not more: a session goes whole.</summary>
    private const int EventsMax = 2_000;

    /// <summary>Streams of several sources that one step tries: each may read some thousands of events twice.</summary>
    private const int TrialsMax = 4;

    private string Key => state is SessionState.Ended ? "ended_ms" : "started_ms";

    /// <summary>The last session that was looked at; null when there are no more.</summary>
    public (long Key, long No)? Last { get; private set; }

    /// <param name="beforeMs">What ended before this goes; open sessions never, and neither does the one with the highest number, so that no number is given twice.</param>
    /// <param name="after">Where to go on.</param>
    /// <returns>Those of the next page that can go. Reads only.</returns>
    public List<Gone> Look(long beforeMs, RetentionPlace after)
    {
        var found = Find(beforeMs, after);
        var page = found[..Fitting(found)];
        Last = page.Count < found.Count || found.Count == SessionsMax ? (page[^1].Key, page[^1].No) : null;
        return page.GroupBy(session => session.Stream).SelectMany(ofOne => Separable(ofOne.Key, [.. ofOne])).ToList();
    }

    /// <inheritdoc cref="Look"/>
    public RetentionCounts Remove(long beforeMs, RetentionPlace after)
    {
        var gone = Look(beforeMs, after);
        if (gone.Count == 0)
            return default;

        var numbers = gone.ConvertAll(session => session.No);
        var events = new EventRemoval(connection, tenant).Remove(connection.Rows(
            row => row.GetInt64(0),
            "SELECT seq FROM session_events WHERE tenant = $tenant AND session_no IN (SELECT value FROM json_each($numbers))",
            ("$tenant", tenant), ("$numbers", numbers)));
        var connections = Delete("connection_rows", "session_no", numbers);
        Delete("session_events", "session_no", numbers);
        ForgetIds(numbers);
        Delete("session_rows", "no", numbers);
        Tell(gone);
        return new RetentionCounts(gone.Count, connections, events, 0, 0);
    }

    private List<Gone> Find(long beforeMs, RetentionPlace after) => connection.Rows(
        row => new Gone(row.GetInt64(0), row.GetString(1), new EventStream(row.GetInt64(2), row.GetString(3)), row.GetInt64(4), row.GetInt64(5)),
        $"""
        SELECT no, id, host_no, stream, epoch_us, {Key} FROM session_rows
        WHERE tenant = $tenant AND state = {(int)state} AND {Key} < $before AND ended_ms < $before AND ({Key}, no) > ($cursor, $tie)
          AND no < (SELECT MAX(no) FROM session_rows newest WHERE newest.tenant = $tenant)
        ORDER BY {Key}, no LIMIT {SessionsMax}
        """,
        ("$tenant", tenant), ("$before", beforeMs), ("$cursor", after.Cursor), ("$tie", after.Tie));

    /// <summary>How many of them, from the first on, one step can take: at least one.</summary>
    private int Fitting(List<Gone> found)
    {
        var countOf = connection.Rows(
                row => (No: row.GetInt64(0), Count: row.GetInt64(1)),
                "SELECT session_no, COUNT(*) FROM session_events WHERE tenant = $tenant AND session_no IN (SELECT value FROM json_each($numbers)) GROUP BY session_no",
                ("$tenant", tenant), ("$numbers", found.ConvertAll(session => session.No)))
            .ToDictionary(one => one.No, one => one.Count);
        var (events, trials, streams) = (0L, 0, new HashSet<EventStream>());
        for (var index = 0; index < found.Count; index++)
        {
            events += countOf.GetValueOrDefault(found[index].No);
            trials += streams.Add(found[index].Stream) && new StreamCut(connection, tenant, found[index].Stream).IsOfSeveralSources() ? 1 : 0;
            if (index > 0 && (events > EventsMax || trials > TrialsMax))
                return index;
        }

        return found.Count;
    }


    /// <summary>
    /// Those without which the stream's other sessions read the same. Where one source tells of a stream no session rests on an older one. Where several do they may be linked
    /// by a logon anywhere in it (ADR 0004): there it is tried, and if anything would change all stay.
    /// </summary>
    private List<Gone> Separable(EventStream stream, List<Gone> old)
    {
        var numbers = old.ConvertAll(session => session.No);
        var oldestKeptUs = connection.Number(
            """
            SELECT MIN(epoch_us) FROM session_rows
            WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND no NOT IN (SELECT value FROM json_each($numbers))
            """,
            ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$numbers", numbers)) ?? long.MaxValue;
        old.RemoveAll(session => session.EpochUs >= oldestKeptUs);
        return new StreamCut(connection, tenant, stream).IsClean(old.ConvertAll(session => session.No)) ? old : [];
    }

    /// <summary>The ids they had find nothing from now on, and by what they were found is forgotten, under the numbers they had too.</summary>
    private void ForgetIds(List<long> numbers)
    {
        var former = connection.Rows(
            row => row.GetInt64(0),
            "SELECT gone_no FROM session_aliases WHERE tenant = $tenant AND gone_no IS NOT NULL AND session_no IN (SELECT value FROM json_each($numbers))",
            ("$tenant", tenant), ("$numbers", numbers));
        Delete("session_anchors", "session_no", [.. numbers, .. former]);
        Delete("session_aliases", "session_no", numbers);
    }

    private int Delete(string table, string column, List<long> numbers) => connection.Execute(
        $"DELETE FROM {table} WHERE tenant = $tenant AND {column} IN (SELECT value FROM json_each($numbers))", ("$tenant", tenant), ("$numbers", numbers));

    /// <summary>To who follows the sessions, and to what this process remembers of their streams.</summary>
    private void Tell(List<Gone> gone)
    {
        var memory = connection.MemoryOf(tenant);
        var changes = new SessionChangeLog(connection, tenant, now, memory);
        foreach (var session in gone)
        {
            changes.Removed(session.No, session.Id);
            memory.Tails.Drop(session.Stream);
        }

        changes.Prune();
    }

    /// <summary>A session that is over.</summary>
    internal sealed record Gone(long No, string Id, EventStream Stream, long EpochUs, long Key);
}
