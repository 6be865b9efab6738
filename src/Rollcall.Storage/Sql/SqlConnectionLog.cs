using System.Runtime.CompilerServices;
using Rollcall.Core;
using Rollcall.Core.Connections;

namespace Rollcall.Storage.Sql;

/// <summary>Answers questions about the connections that were derived from the events: one statement with the whole filter.</summary>
public sealed class SqlConnectionLog(StoreDatabase database) : IConnectionLog
{
    private const string NewestFirst = "ORDER BY c.requested_ms DESC, c.session_no DESC, c.ordinal DESC";

    /// <summary>What filters that ask about the session need of it, and of the users of both. CROSS: connections are walked in the order of an index; never the other way.</summary>
    private const string SessionParts =
        """
        CROSS JOIN session_rows s ON s.tenant = $tenant AND s.no = c.session_no
        CROSS JOIN session_users cu ON cu.tenant = $tenant AND cu.no = c.user_no
        CROSS JOIN session_users su ON su.tenant = $tenant AND su.no = s.user_no
        """;

    public Task<Page<Connection>> FindAsync(ConnectionQuery query, PageWindow window, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
    {
        var total = Count(connection, query);
        var filter = FilterOf(query).With("$take", window.Take).With("$skip", window.Skip);
        var items = connection.Rows(
            row => ConnectionRow.Read(row, query.Tenant),
            $"SELECT {ConnectionRow.Columns} {FromSome(query, filter, "LIMIT $take OFFSET $skip")}", filter.Parameters);
        return new Page<Connection>(items, total);
    }));

    public Task<Page<Connection>> FindAsync(ConnectionQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var after = cursor is null ? null : ConnectionCursor.Parse(cursor);
        return Task.FromResult(database.Read(connection =>
        {
            var filter = FilterOf(query).With("$take", take + 1)
                .And("(c.requested_ms, c.session_no, c.ordinal) < ($msAfter, $noAfter, $ordinalAfter)", "$msAfter", after?.RequestedMs)
                .With("$noAfter", after?.SessionNo).With("$ordinalAfter", after?.Ordinal);
            var rows = connection.Rows(
                row => (Connection: ConnectionRow.Read(row, query.Tenant), No: row.GetInt64(ConnectionRow.SessionNumberColumn), Ordinal: row.GetInt64(ConnectionRow.OrdinalColumn)),
                $"SELECT {ConnectionRow.Columns} {FromSome(query, filter, "LIMIT $take")}", filter.Parameters);
            var more = rows.Count > take;
            if (more)
                rows.RemoveAt(take);
            var next = more ? new ConnectionCursor(rows[^1].Connection.RequestedAt.ToUnixTimeMilliseconds(), rows[^1].No, rows[^1].Ordinal).ToString() : null;
            return new Page<Connection>([.. rows.Select(row => row.Connection)], count ? Count(connection, query) : null, next);
        }));
    }

    public async IAsyncEnumerable<Connection> ScanAsync(ConnectionQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = database.BorrowReader();
        await foreach (var row in RowsAsync(reader.Connection, query, cancel).ConfigureAwait(false))
            yield return row;
    }

    public Task<RowStream<Connection>> OpenAsync(ConnectionQuery query, CancellationToken cancel) => Task.FromResult(
        database.OpenRows(connection => Count(connection, query), connection => RowsAsync(connection, query, cancel)));

    private static IAsyncEnumerable<Connection> RowsAsync(StoreConnection connection, ConnectionQuery query, CancellationToken cancel)
    {
        var filter = FilterOf(query);
        return connection.StreamAsync(
            row => ConnectionRow.Read(row, query.Tenant), $"SELECT {ConnectionRow.Columns} {FromSome(query, filter, string.Empty)}", filter.Parameters, cancel);
    }

    public Task<long> CountAsync(ConnectionQuery query, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => Count(connection, query)));

    private static long Count(StoreConnection connection, ConnectionQuery query)
    {
        var filter = FilterOf(query);
        return connection.Number($"SELECT COUNT(*) FROM {SourceOf(query)} {filter.Where}", filter.Parameters) ?? 0;
    }

    /// <summary>Keys first: rows that are passed over are never read whole.</summary>
    private static string FromSome(ConnectionQuery query, SqlFilter filter, string limit) =>
        $"""
        FROM (SELECT c.session_no, c.ordinal FROM {SourceOf(query)} {filter.Where} {NewestFirst} {limit}) page
        CROSS JOIN connections c ON c.tenant = $tenant AND c.session_no = page.session_no AND c.ordinal = page.ordinal
        {ConnectionRow.OfSession}
        {NewestFirst}
        """;

    /// <summary>Counting and skipping need the session only for filters that ask about it; the rows of connections answer all others.</summary>
    private static string SourceOf(ConnectionQuery query)
    {
        var rows = $"connection_rows c {IndexOf(query)}";
        return query is
        {
            Kind: null, UserInAnyForm: null, UserDomain: null, Subproject: null, HostSid: null, HostGroupId: null, HostGroupName: null, AppNameContains: null,
        }
            ? rows
            : $"{rows} {SessionParts}";
    }

    /// <summary>SQLite would walk all connections in their order to find the few of one user or one host.</summary>
    private static string IndexOf(ConnectionQuery query) =>
        query.User is not null ? "INDEXED BY connections_user"
        : query.HostName is not null ? "INDEXED BY connections_host"
        : string.Empty;

    private static SqlFilter FilterOf(ConnectionQuery query) => AndSession(AndClient(new SqlFilter(query.Tenant, "c.")
        .And("c.requested_ms >= $from", "$from", SqlFilter.MsUp(query.Requested.From))
        .And("c.requested_ms < $to", "$to", SqlFilter.MsUp(query.Requested.To))
        .And("COALESCE(c.ended_ms, c.established_ms, c.requested_ms) >= $changedFrom", "$changedFrom", SqlFilter.MsUp(query.Changed.From))
        .And("COALESCE(c.ended_ms, c.established_ms, c.requested_ms) < $changedTo", "$changedTo", SqlFilter.MsUp(query.Changed.To))
        .And("c.id = $id", "$id", query.Id)
        .And(User("d.key = $user"), "$user", KeyOf(query.User))
        .And(User("instr(d.key, $userPart) > 0"), "$userPart", KeyOf(query.UserContains))
        .And(SessionFilter.HostCondition("c.host_no"), "$host", KeyOf(query.HostName))
        .And(SessionFilter.OfFact("c.place_no", "session_places", "d.host_ip = $hostIp"), "$hostIp", query.HostIp)
        .And(Nature("d.agent_version = $agent"), "$agent", query.AgentVersion)
        .And(Nature("d.failure_code = $failureCode"), "$failureCode", query.FailureCode)
        .And(Nature("d.failure_reason = $failureReason"), "$failureReason", query.FailureReason)
        .And("c.network_rtt_ms >= $networkMin", "$networkMin", query.NetworkRttMsMin)
        .And("c.network_rtt_ms <= $networkMax", "$networkMax", query.NetworkRttMsMax)
        .And("c.e2e_rtt_ms >= $e2eMin", "$e2eMin", query.EndToEndRttMsMin)
        .And("c.e2e_rtt_ms <= $e2eMax", "$e2eMax", query.EndToEndRttMsMax), query), query);

    private static SqlFilter AndClient(SqlFilter filter, ConnectionQuery query) => filter
        .And(Device("folded(d.name) = $client"), "$client", FoldedText.Of(query.ClientName))
        .And(Device("d.type_key = $type"), "$type", KeyOf(query.ClientType))
        .And(Device("instr(d.type_key, $typePart) > 0"), "$typePart", KeyOf(query.ClientTypeContains))
        .And(Device("d.version = $clientVersion"), "$clientVersion", query.ClientVersion)
        .And(Device("d.public_ip = $publicIp"), "$publicIp", query.PublicIp)
        .And(Device($"{SqlAddresses.Function}(d.ip, $clientIpIn)"), "$clientIpIn", query.ClientIpIn?.ToString())
        .And(query.IsFailed is true, "c.is_failed = 1")
        .And(query.IsFailed is false, "c.is_failed = 0");

    /// <summary>Every column of <c>s</c> that stands here makes <see cref="SourceOf"/> join it.</summary>
    private static SqlFilter AndSession(SqlFilter filter, ConnectionQuery query) => filter
        .And(query.UserInAnyForm is { } user && NameKey.Of(user) == NameKey.OfPlain(user) ? UserCondition("su.plain_key") : UserCondition("cu.key"), "$userAny", KeyOf(query.UserInAnyForm))
        .And(KindCondition, "$kind", (int?)query.Kind)
        .And(Place("d.host_sid = $hostSid"), "$hostSid", query.HostSid)
        .And(Place("d.group_id = $group"), "$group", query.HostGroupId)
        .And(Place("folded(d.group_name) = $groupName"), "$groupName", FoldedText.Of(query.HostGroupName))
        .And(SessionFilter.OfFact("s.nature_no", "session_natures", "instr(folded(d.app_name), $app) > 0"), "$app", FoldedText.Of(query.AppNameContains))
        .And(
            $"{ConnectionRow.SubprojectOf("cu.key", "su.plain_key")} = $subproject {SessionFilter.OnlyIf("users u WHERE u.tenant = $tenant AND u.subproject = $subproject")}",
            "$subproject", query.Subproject)
        .And(DomainCondition, "$domain", KeyOf(query.UserDomain))
        .With("$domainFolded", FoldedText.Of(query.UserDomain));

    /// <summary>Where no session is of the kind, PostgreSQL finds so in the index of sessions, and looks at no connection.</summary>
    private const string KindCondition =
        "s.kind = $kind /*pg AND (SELECT r.no FROM session_rows r WHERE r.tenant = $tenant AND r.kind = $kind ORDER BY r.started_ms DESC LIMIT 1) IS NOT NULL */";

    /// <summary>As written in the name, in either form of it; a name without a domain has the directory's.</summary>
    private const string DomainCondition =
        """
        (cu.key = $domain || '\' || su.plain_key OR cu.key = su.plain_key || '@' || $domain
         OR (cu.key = su.plain_key
             AND $domainFolded = (SELECT folded(u.domain) FROM users u WHERE u.tenant = c.tenant AND u.name_key = cu.key)))
        /*pg AND (EXISTS (SELECT 1 FROM session_users d WHERE d.tenant = $tenant AND (instr(d.key, $domain || '\') = 1 OR instr(d.key, '@' || $domain) > 0))
             OR EXISTS (SELECT 1 FROM users u WHERE u.tenant = $tenant AND folded(u.domain) = $domainFolded)) */
        """;

    private static string UserCondition(string key) =>
        $"{key} = $userAny {SessionFilter.OnlyIf($"session_users d WHERE d.tenant = $tenant AND d.{key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..]} = $userAny")}";

    private static string User(string condition) => SessionFilter.User(condition, "c.user_no");

    private static string Device(string condition) => SessionFilter.OfFact("c.device_no", "session_devices", condition);

    private static string Nature(string condition) => SessionFilter.OfFact("c.nature_no", "session_natures", condition);

    /// <summary>Of the session: a connection's own place is where its host was then.</summary>
    private static string Place(string condition) => SessionFilter.OfFact("s.place_no", "session_places", condition);

    private static string? KeyOf(string? name) => name is null ? null : NameKey.Of(name);
}
