using Rollcall.Core;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>Hosts as they are read for lists: conditions and columns over <c>hosts h</c>.</summary>
internal static class FleetHostRow
{
    /// <summary>A host with neither a beat nor an event of its own is one that somebody signed in from.</summary>
    public const string IsMachine = "(h.beat_us IS NOT NULL OR h.event_us IS NOT NULL)";

    /// <summary>As the index hosts_silent has it.</summary>
    public const string IsSilent = "h.watch_ms IS NULL AND h.lease_s IS NOT NULL";

    /// <summary>How many sessions are open on the host.</summary>
    public const string OpenSessions =
        "(SELECT COUNT(*) FROM session_rows s INDEXED BY sessions_open WHERE s.tenant = h.tenant AND s.host_no = h.no AND s.ended_ms IS NULL)";

    private const string Columns =
        $"""
        h.no, h.name, h.sid, h.ip, h.group_id, g.name, h.first_seen_ms, h.last_seen_ms, h.beat_us, h.beat_received_ms, h.lease_s, h.watch_ms,
        COALESCE(h.silent_ms, h.beat_received_ms + h.lease_s * 1000), h.skew_ms, h.skew_from, h.skew_at_ms, h.beats,
        {OpenSessions} AS open_sessions
        """;

    /// <summary>With what became of their events.</summary>
    /// <param name="filter">Over <c>h</c>; its parameters include <c>$take</c>.</param>
    public static List<(long No, FleetHost Host)> Find(StoreConnection connection, TenantId tenant, SqlFilter filter, HostOrder order = HostOrder.ByName)
    {
        var rows = connection.Rows(
            row => (No: row.GetInt64(0), Host: Read(row, tenant)),
            $"""
            SELECT {Columns} FROM hosts h LEFT JOIN host_groups g ON g.tenant = h.tenant AND g.id = h.group_id
            {filter.Where} ORDER BY {(order is HostOrder.MostOpenSessions ? "open_sessions DESC, " : "")}h.name_key LIMIT $take
            """,
            filter.Parameters);
        var counts = CountsOf(connection, tenant, [.. rows.Select(row => row.No)]);
        return rows.ConvertAll(row => (row.No, row.Host with { Events = counts.GetValueOrDefault(row.No, EventCounts.None) }));
    }

    /// <summary>Further off than the limit, either way; null is neither.</summary>
    public static string IsSkewed(string parameter) => $"(h.skew_ms > {parameter} OR h.skew_ms < -{parameter})";

    /// <summary>Five columns from this one on.</summary>
    public static EventCounts Counts(StoreRows row, int column) => new(
        row.GetInt64(column), row.GetInt64(column + 1), row.GetInt64(column + 2), row.GetInt64(column + 3), row.GetInt64(column + 4));

    private static Dictionary<long, EventCounts> CountsOf(StoreConnection connection, TenantId tenant, IReadOnlyList<long> hosts) => connection.Rows(
        row => (No: row.GetInt64(0), Counts: Counts(row, 1)),
        """
        SELECT c.host_no, SUM(c.accepted), SUM(c.duplicate), SUM(c.late), SUM(c.backfilled), SUM(c.rejected)
        FROM json_each($hosts) wanted CROSS JOIN host_sources c ON c.tenant = $tenant AND c.host_no = wanted.value
        GROUP BY c.host_no
        """,
        ("$tenant", tenant), ("$hosts", hosts)).ToDictionary(one => one.No, one => one.Counts);

    private static FleetHost Read(StoreRows row, TenantId tenant)
    {
        var leaseSeconds = row.Int(10);
        var state = leaseSeconds is null ? HostState.NoBeats : row.Long(11) is null ? HostState.Silent : HostState.Beating;
        return new FleetHost
        {
            Tenant = tenant,
            Name = row.GetString(1),
            Sid = row.Text(2),
            Ip = row.Text(3),
            GroupId = row.Text(4),
            GroupName = row.Text(5),
            FirstSeenAt = row.Instant(6),
            LastSeenAt = row.Instant(7),
            LastBeatAt = row.Long(8) is { } beatUs ? Instants.FromUnixMicroseconds(beatUs) : null,
            LastBeatReceivedAt = row.InstantOrNull(9),
            LeaseSeconds = leaseSeconds,
            State = state,
            SilentSince = state is HostState.Silent ? row.InstantOrNull(12) : null,
            Skew = row.Long(13) is { } skewMs ? new ClockSkew(skewMs, (SkewBasis)row.GetInt32(14), row.Instant(15)) : null,
            Beats = row.GetInt64(16),
            OpenSessions = row.GetInt64(17),
        };
    }
}
