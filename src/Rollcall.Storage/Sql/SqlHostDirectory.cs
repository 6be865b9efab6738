using System.Globalization;
using Rollcall.Core;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>
/// Reads the hosts of a tenant. Filters other than silence, and the order of open sessions, walk the tenant's hosts in the order of names, some thousands at most:
/// an index on what every beat changes would cost every beat a page.
/// </summary>
public sealed class SqlHostDirectory(StoreDatabase database) : IHostDirectory
{
    /// <summary>Between the count and the name in a cursor; digits come before it, so a name may hold it.</summary>
    private const char Separator = '.';

    public Task<Page<FleetHost>> FindAsync(HostQuery query, string? cursor, int take, bool count, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection =>
        {
            var filter = FilterOf(query);
            var total = count ? connection.Number($"SELECT COUNT(*) FROM hosts h {filter.Where}", filter.Parameters) : null;
            After(filter, query.Order, cursor).With("$take", take + 1);
            var rows = FleetHostRow.Find(connection, query.Tenant, filter, query.Order).ConvertAll(row => row.Host);
            return NameCursor.Cut(rows, take, host => KeyOf(host, query.Order), total);
        }));

    public Task<FleetHostDetail?> TryGetAsync(TenantId tenant, string name, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
    {
        var filter = new SqlFilter(tenant, "h.").And(true, FleetHostRow.IsMachine).And("h.name_key = $key", "$key", NameKey.Of(name)).With("$take", 1);
        return FleetHostRow.Find(connection, tenant, filter) is [var (no, host)]
            ? new FleetHostDetail(host, SourcesOf(connection, tenant, no), CountSources(connection, tenant, no))
            : null;
    }));

    public Task<Page<HostGroup>> FindGroupsAsync(TenantId tenant, string? cursor, int take, bool count, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection =>
        {
            var filter = new SqlFilter(tenant, "g.");
            var total = count ? connection.Number($"SELECT COUNT(*) FROM host_groups g {filter.Where}", filter.Parameters) : null;
            filter.And("g.id > $after", "$after", cursor is null ? null : NameCursor.Parse(cursor)).With("$take", take + 1);
            return NameCursor.Cut(Groups(connection, tenant, filter), take, group => group.Id, total);
        }));

    private static SqlFilter After(SqlFilter filter, HostOrder order, string? cursor)
    {
        if (cursor is null)
            return filter;

        var after = NameCursor.Parse(cursor);
        if (order is HostOrder.ByName)
            return filter.And("h.name_key > $after", "$after", after);

        if (after.Split(Separator, 2) is not [var count, var name] || !long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var open))
            throw FaultException.Malformed("cursor", "the next_cursor of the page before");

        return filter
            .And($"({FleetHostRow.OpenSessions} < $open OR ({FleetHostRow.OpenSessions} = $open AND h.name_key > $after))", "$open", open)
            .With("$after", name);
    }

    private static string KeyOf(FleetHost host, HostOrder order) => order is HostOrder.ByName
        ? NameKey.Of(host.Name)
        : string.Create(CultureInfo.InvariantCulture, $"{host.OpenSessions}{Separator}{NameKey.Of(host.Name)}");

    private static SqlFilter FilterOf(HostQuery query)
    {
        var filter = new SqlFilter(query.Tenant, "h.")
            .And(true, FleetHostRow.IsMachine)
            .And(query.IsSilent is true, FleetHostRow.IsSilent)
            .And(query.IsSilent is false, $"NOT ({FleetHostRow.IsSilent})")
            .And("h.name_key LIKE $contains ESCAPE '!'", "$contains", SqlFilter.Containing(query.NameContains is { } part ? NameKey.Of(part) : null))
            .And("h.group_id = $group", "$group", query.GroupId)
            .And(
                """
                EXISTS (SELECT 1 FROM sources o CROSS JOIN host_sources c ON c.tenant = h.tenant AND c.host_no = h.no AND c.source_no = o.no
                        WHERE o.tenant = h.tenant AND o.name = $source)
                """,
                "$source", query.Source);
        if (query.IsSkewed is { } isSkewed)
            filter.And($"{(isSkewed ? "" : "NOT ")}COALESCE({FleetHostRow.IsSkewed("$skew")}, FALSE)", "$skew", (long)query.SkewLimit.TotalMilliseconds);
        return filter.And(query.Has is not null, TraitOf(query.Has));
    }

    private static string TraitOf(HostTrait? trait) => trait switch
    {
        null => string.Empty,
        HostTrait.OpenSessions =>
            "EXISTS (SELECT 1 FROM session_rows s INDEXED BY sessions_open WHERE s.tenant = h.tenant AND s.host_no = h.no AND s.ended_ms IS NULL)",
        HostTrait.Late => "EXISTS (SELECT 1 FROM host_sources c WHERE c.tenant = h.tenant AND c.host_no = h.no AND c.late > 0)",
        HostTrait.Duplicate => "EXISTS (SELECT 1 FROM host_sources c WHERE c.tenant = h.tenant AND c.host_no = h.no AND c.duplicate > 0)",
        HostTrait.Rejected => "EXISTS (SELECT 1 FROM host_sources c WHERE c.tenant = h.tenant AND c.host_no = h.no AND c.rejected > 0)",
        _ => throw new ArgumentOutOfRangeException(nameof(trait), trait, "not a trait"),
    };

    private static List<HostSource> SourcesOf(StoreConnection connection, TenantId tenant, long hostNo) => connection.Rows(
        row => new HostSource(
            row.Text(0), row.GetInt32(1) == 1, FleetHostRow.Counts(row, 2), row.InstantOrNull(7), row.InstantOrNull(8),
            row.Long(9) is { } newestUs ? Instants.FromUnixMicroseconds(newestUs) : null,
            row.Long(10) is { } skewMs ? new ClockSkew(skewMs, SkewBasis.Events, row.Instant(11)) : null),
        """
        SELECT o.name, h.beat_source_no IS NOT DISTINCT FROM c.source_no, c.accepted, c.duplicate, c.late, c.backfilled, c.rejected,
            c.first_received_ms, c.last_received_ms, c.newest_us, c.skew_ms, c.skew_at_ms
        FROM host_sources c CROSS JOIN hosts h ON h.tenant = c.tenant AND h.no = c.host_no
        LEFT JOIN sources o ON o.tenant = c.tenant AND o.no = c.source_no
        WHERE c.tenant = $tenant AND c.host_no = $host
        ORDER BY c.last_received_ms DESC NULLS LAST, c.source_no LIMIT $take
        """,
        ("$tenant", tenant), ("$host", hostNo), ("$take", FleetHostDetail.SourcesMax));

    private static long CountSources(StoreConnection connection, TenantId tenant, long hostNo) => connection.Number(
        "SELECT COUNT(*) FROM host_sources WHERE tenant = $tenant AND host_no = $host", ("$tenant", tenant), ("$host", hostNo))!.Value;

    /// <summary>Hosts and open sessions are counted in one walk each, for the groups of the page.</summary>
    private static List<HostGroup> Groups(StoreConnection connection, TenantId tenant, SqlFilter filter) => connection.Rows(
        row => new HostGroup(tenant, row.GetString(0), row.Text(1), row.GetInt64(2), row.GetInt64(3)),
        $"""
        WITH page AS MATERIALIZED (SELECT g.id, g.name FROM host_groups g {filter.Where} ORDER BY g.id LIMIT $take),
        members AS MATERIALIZED (
            SELECT h.group_id AS id, COUNT(*) AS hosts, SUM(
                (SELECT COUNT(*) FROM session_rows s INDEXED BY sessions_open WHERE s.tenant = h.tenant AND s.host_no = h.no AND s.ended_ms IS NULL)) AS open_sessions
            FROM hosts h WHERE h.tenant = $tenant AND h.group_id IN (SELECT id FROM page) AND {FleetHostRow.IsMachine}
            GROUP BY h.group_id)
        SELECT page.id, page.name, COALESCE(members.hosts, 0), COALESCE(members.open_sessions, 0)
        FROM page LEFT JOIN members ON members.id = page.id ORDER BY page.id
        """,
        filter.Parameters);
}
