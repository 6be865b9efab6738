using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Finds the sessions that a host's boots, shutdowns, silence and rosters may end or bring back: they are read anew too.</summary>
internal sealed class HostReach(StoreConnection connection, TenantId tenant)
{
    /// <summary>The changes, and with each changed host those of its sessions that were not over by then or that a roster names.</summary>
    public Dictionary<EventStream, StreamChange> Widen(Dictionary<EventStream, StreamChange> changes, Dictionary<long, HostChange> beats)
    {
        var widened = new Dictionary<EventStream, StreamChange>(changes);
        foreach (var (host, change) in changes.Where(change => change.Key.Key == EventStream.HostKey))
            Add(widened, SessionsNotOver(host.HostNo, change.SinceUs));
        foreach (var (hostNo, change) in beats)
        {
            Add(widened, SessionsNotOver(hostNo, change.SinceUs));
            Add(widened, change.NamedSessions.SelectMany(named => SessionsNamed(hostNo, named.Key, named.Value.FirstUs, named.Value.LastUs)));
        }

        return widened;
    }

    private static void Add(Dictionary<EventStream, StreamChange> widened, IEnumerable<(EventStream Stream, long EpochUs)> reached)
    {
        foreach (var (session, epochUs) in reached)
        {
            if (!widened.TryGetValue(session, out var change))
                widened.Add(session, change = new StreamChange(epochUs));
            change.Widen(epochUs, boot: null);
        }
    }

    /// <summary>
    /// Sessions that are open, that were ended by an inference no older than the change, or by silence, which any other evidence outweighs.
    /// Written as the three indexes have their conditions: without them the planner walks every session the host ever had.
    /// </summary>
    private List<(EventStream Stream, long EpochUs)> SessionsNotOver(long hostNo, long sinceUs) => connection.Rows(
        reader => (new EventStream(hostNo, reader.GetString(0)), reader.GetInt64(1)),
        """
        SELECT stream, epoch_us FROM session_rows INDEXED BY sessions_open WHERE tenant = $tenant AND host_no = $host AND ended_ms IS NULL
        UNION ALL
        SELECT stream, epoch_us FROM session_rows INDEXED BY sessions_inferred
        WHERE tenant = $tenant AND host_no = $host AND end_source <> 1 AND end_latest_ms >= $since
        UNION ALL
        SELECT stream, epoch_us FROM session_rows INDEXED BY sessions_silent WHERE tenant = $tenant AND host_no = $host AND end_source = 2
        """,
        ("$tenant", tenant), ("$host", hostNo), ("$since", sinceUs / 1000));

    /// <summary>Sessions ended by inference that a roster shows alive: the newest at or before the first such roster, and those after it.</summary>
    private List<(EventStream Stream, long EpochUs)> SessionsNamed(long hostNo, string osSessionId, long firstUs, long lastUs)
    {
        var stream = new EventStream(hostNo, EventStream.SessionKeyOf(osSessionId));
        return connection.Rows(
            reader => (stream, reader.GetInt64(0)),
            """
            SELECT epoch_us FROM session_rows INDEXED BY sessions_stream
            WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND epoch_us <= $last AND end_source <> $reported
              AND epoch_us >= COALESCE((
                  SELECT MAX(epoch_us) FROM session_rows INDEXED BY sessions_stream
                  WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND epoch_us <= $first
                    AND (ended_ms IS NULL OR end_source <> $reported)), 0)
            """,
            ("$tenant", tenant), ("$host", hostNo), ("$stream", stream.Key), ("$first", firstUs), ("$last", lastUs),
            ("$reported", (int)EndTimeSource.Reported));
    }
}
