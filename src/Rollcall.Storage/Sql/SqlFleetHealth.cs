using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Reads how the ledger is fed from what is counted as it comes in: no event is read.</summary>
public sealed class SqlFleetHealth(StoreDatabase database) : IFleetHealth
{
    public Task<FleetHealth> ReadAsync(HealthQuery query, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
    {
        var states = States(connection, query);
        return new FleetHealth
        {
            Hosts = states.Hosts,
            Beating = states.Hosts - states.Silent - states.NoBeats,
            NoBeats = states.NoBeats,
            Silent = new Worry<FleetHost>(states.Silent, First(connection, query, filter => filter.And(true, FleetHostRow.IsSilent))),
            Skewed = new Worry<FleetHost>(
                states.Skewed, First(connection, query, filter => filter.And(FleetHostRow.IsSkewed("$skew"), "$skew", SkewMs(query)))),
            OpenLong = OpenLong(connection, query),
            Events = Totals(connection, query.Tenant),
            Sources = Sources(connection, query),
            Newest = Newest(connection, query.Tenant),
        };
    }));

    private static long SkewMs(HealthQuery query) => (long)query.SkewLimit.TotalMilliseconds;

    private static StateCounts States(StoreConnection connection, HealthQuery query) => connection.FirstRow(
        row => new StateCounts(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
        $"""
        SELECT COUNT(*), COUNT(*) FILTER (WHERE {FleetHostRow.IsSilent}), COUNT(*) FILTER (WHERE h.lease_s IS NULL),
            COUNT(*) FILTER (WHERE {FleetHostRow.IsSkewed("$skew")})
        FROM hosts h WHERE h.tenant = $tenant AND {FleetHostRow.IsMachine}
        """,
        ("$tenant", query.Tenant), ("$skew", SkewMs(query)))!;

    private static List<FleetHost> First(StoreConnection connection, HealthQuery query, Func<SqlFilter, SqlFilter> narrow)
    {
        var filter = narrow(new SqlFilter(query.Tenant, "h.").And(true, FleetHostRow.IsMachine)).With("$take", query.Take);
        return FleetHostRow.Find(connection, query.Tenant, filter).ConvertAll(row => row.Host);
    }

    /// <summary>By state and start, as the index has them; an open session has one of the three states.</summary>
    private static Worry<OpenSession> OpenLong(StoreConnection connection, HealthQuery query)
    {
        var filter = new SqlFilter(query.Tenant)
            .And(true, "state IN (1, 2, 3)")
            .And("started_ms < $since", "$since", SqlFilter.MsUp(query.OpenSince));
        var count = connection.Number($"SELECT COUNT(*) FROM session_rows INDEXED BY sessions_unfinished {filter.Where}", filter.Parameters)!.Value;
        var first = connection.Rows(
            row => new OpenSession(row.GetString(0), row.GetString(1), row.GetString(2), (SessionState)row.GetInt32(3), row.Instant(4)),
            $"""
            SELECT s.id, s.user_name, s.host_name, s.state, s.started_ms
            FROM (SELECT no FROM session_rows INDEXED BY sessions_unfinished {filter.Where} ORDER BY started_ms, no LIMIT $take) longest
            CROSS JOIN sessions s ON s.tenant = $tenant AND s.no = longest.no
            ORDER BY s.started_ms, s.no
            """,
            filter.With("$take", query.Take).Parameters);
        return new Worry<OpenSession>(count, first);
    }

    private static EventCounts Totals(StoreConnection connection, TenantId tenant) => connection.FirstRow(
        row => FleetHostRow.Counts(row, 0),
        """
        SELECT COALESCE(SUM(accepted), 0), COALESCE(SUM(duplicate), 0), COALESCE(SUM(late), 0), COALESCE(SUM(backfilled), 0), COALESCE(SUM(rejected), 0)
        FROM host_sources WHERE tenant = $tenant
        """,
        ("$tenant", tenant))!;

    private static Worry<SourceCounts> Sources(StoreConnection connection, HealthQuery query)
    {
        var count = connection.Number(
            "SELECT COUNT(DISTINCT source_no) FROM host_sources WHERE tenant = $tenant AND late + duplicate + rejected > 0", ("$tenant", query.Tenant))!.Value;
        var first = connection.Rows(
            row => new SourceCounts(row.Text(0), FleetHostRow.Counts(row, 1), row.InstantOrNull(6), row.InstantOrNull(7), row.InstantOrNull(8)),
            """
            WITH counted AS (
                SELECT source_no, SUM(accepted) AS accepted, SUM(duplicate) AS duplicate, SUM(late) AS late, SUM(backfilled) AS backfilled,
                    SUM(rejected) AS rejected, MAX(late_ms) AS late_ms, MAX(duplicate_ms) AS duplicate_ms, MAX(rejected_ms) AS rejected_ms
                FROM host_sources WHERE tenant = $tenant GROUP BY source_no)
            SELECT o.name, c.accepted, c.duplicate, c.late, c.backfilled, c.rejected, c.late_ms, c.duplicate_ms, c.rejected_ms
            FROM counted c LEFT JOIN sources o ON o.tenant = $tenant AND o.no = c.source_no
            WHERE c.late + c.duplicate + c.rejected > 0
            ORDER BY MAX(COALESCE(c.late_ms, 0), COALESCE(c.rejected_ms, 0)) DESC, c.duplicate_ms DESC NULLS LAST, c.source_no
            LIMIT $take
            """,
            ("$tenant", query.Tenant), ("$take", query.Take));
        return new Worry<SourceCounts>(count, first);
    }

    private static NewestArrival? Newest(StoreConnection connection, TenantId tenant) => connection.FirstRow(
        row => new NewestArrival(row.GetString(0), row.GetString(1), Instants.FromUnixMicroseconds(row.GetInt64(2)), row.Instant(3)),
        """
        SELECT o.name, h.name, c.last_at_us, c.last_received_ms
        FROM host_sources c
        CROSS JOIN sources o ON o.tenant = c.tenant AND o.no = c.source_no
        CROSS JOIN hosts h ON h.tenant = c.tenant AND h.no = c.host_no
        WHERE c.tenant = $tenant AND c.last_received_ms IS NOT NULL
        ORDER BY c.last_received_ms DESC, c.last_at_us DESC LIMIT 1
        """,
        ("$tenant", tenant));

    private sealed record StateCounts(long Hosts, long Silent, long NoBeats, long Skewed);
}
