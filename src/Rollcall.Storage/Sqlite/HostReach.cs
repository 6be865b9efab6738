using Microsoft.Data.Sqlite;
using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sqlite;

/// <summary>Finds the sessions that a boot or a shutdown may end: they are read anew too.</summary>
internal sealed class HostReach(SqliteConnection connection, TenantId tenant)
{
    /// <summary>The changes, and with each changed host those of its sessions that were not over by then.</summary>
    public Dictionary<EventStream, StreamChange> Widen(Dictionary<EventStream, StreamChange> changes)
    {
        var widened = new Dictionary<EventStream, StreamChange>(changes);
        foreach (var (host, hostChange) in changes.Where(change => change.Key.Key == EventStream.HostKey))
        {
            foreach (var (session, epochUs) in SessionsReached(host.HostNo, hostChange.SinceUs))
            {
                if (!widened.TryGetValue(session, out var change))
                    widened.Add(session, change = new StreamChange(epochUs));
                change.Widen(epochUs, boot: null);
            }
        }

        return widened;
    }

    private List<(EventStream Stream, long EpochUs)> SessionsReached(long hostNo, long sinceUs) => connection.Rows(
        reader => (new EventStream(hostNo, reader.GetString(0)), reader.GetInt64(1)),
        """
        SELECT stream, MIN(epoch_us) FROM sessions
        WHERE tenant = $tenant AND host_no = $host
          AND (ended_ms IS NULL OR (end_source <> $reported AND end_latest_ms >= $since))
        GROUP BY stream
        """,
        ("$tenant", tenant.Value), ("$host", hostNo), ("$reported", (int)EndTimeSource.Reported),
        ("$since", sinceUs / 1000));
}
