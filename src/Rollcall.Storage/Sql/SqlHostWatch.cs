using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>Judges hosts silent, in the transaction that writes down what follows for their sessions.</summary>
public sealed class SqlHostWatch(StoreDatabase database) : IHostWatch
{
    /// <summary>The last instant there is: a clock that is off by millennia must not stop the watch over the others.</summary>
    private static readonly long LatestUs = Instants.ToUnixMicroseconds(DateTimeOffset.MaxValue);

    public async Task<int> JudgeSilenceAsync(DateTimeOffset now, DateTimeOffset listeningSince, int take, CancellationToken cancel)
    {
        // Asked of a reader first: most turns find nothing, and the writer has better to do.
        var judged = 0;
        foreach (var hosts in database.Read(connection => Due(connection, now, listeningSince, take)).GroupBy(host => host.Tenant))
        {
            judged += await database.WriteAsync(
                hosts.Key, connection => Judge(connection, hosts.Key, now, Due(connection, now, listeningSince, hosts.Count(), hosts.Key)), cancel).ConfigureAwait(false);
        }

        return judged;
    }

    private static int Judge(StoreConnection connection, TenantId tenant, DateTimeOffset now, List<DueHost> hosts)
    {
        var judgements = hosts.Where(host => host.HasOpenSessions).Select(JudgementOf).ToList();
        if (judgements.Count > 0)
            new EventAppender(connection, tenant, now, HealthLimits.Default).Append(judgements, judgements.ConvertAll(EventParts.Of), []);
        foreach (var host in hosts)
        {
            connection.Execute(
                "UPDATE hosts SET silent_ms = watch_ms, watch_ms = NULL, is_settled = 0 WHERE tenant = $tenant AND no = $host",
                ("$tenant", tenant), ("$host", host.No));
        }

        return hosts.Count;
    }

    /// <param name="tenant">Null: of every tenant, as a worker looks for it; what is found carries its tenant from here on.</param>
    private static List<DueHost> Due(StoreConnection connection, DateTimeOffset now, DateTimeOffset listeningSince, int take, TenantId? tenant = null) => connection.Rows(
        row => new DueHost(
            row.Tenant(0), row.GetInt64(1), row.GetString(2), row.GetInt64(3), row.GetInt32(4), row.Long(5), row.GetInt32(6) == 1),
        $"""
        SELECT h.tenant, h.no, h.name, h.beat_us, h.lease_s, h.event_us,
            EXISTS (SELECT 1 FROM session_rows s INDEXED BY sessions_open WHERE s.tenant = h.tenant AND s.host_no = h.no AND s.ended_ms IS NULL)
        FROM hosts h INDEXED BY hosts_watch
        WHERE {(tenant is null ? string.Empty : "h.tenant = $tenant AND ")}h.watch_ms IS NOT NULL AND h.watch_ms <= $now AND h.lease_s * 1000 <= $heardMs
        ORDER BY h.watch_ms LIMIT $take
        """,
        ("$now", now.ToUnixTimeMilliseconds()), ("$heardMs", (long)(now - listeningSince).TotalMilliseconds), ("$take", take), ("$tenant", tenant));

    /// <summary>Its id follows from what it goes by, so that servers that judge side by side write it once.</summary>
    private static LedgerEvent JudgementOf(DueHost host)
    {
        var atUs = Math.Min(Math.Max(host.BeatUs, host.EventUs ?? host.BeatUs) + (host.LeaseSeconds * 1_000_000L), LatestUs);
        return new LedgerEvent
        {
            Source = ServerSource.Name,
            Id = $"silent/{NameKey.Of(host.Name)}/{host.BeatUs}/{atUs}",
            Kind = EventKind.HostSilent,
            At = Instants.FromUnixMicroseconds(atUs),
            Host = new HostFacts { Name = host.Name },
            LeaseSeconds = host.LeaseSeconds,
            BeatAt = Instants.FromUnixMicroseconds(host.BeatUs),
        };
    }

    private sealed record DueHost(TenantId Tenant, long No, string Name, long BeatUs, int LeaseSeconds, long? EventUs, bool HasOpenSessions);
}
