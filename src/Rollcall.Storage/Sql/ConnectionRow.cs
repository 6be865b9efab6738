using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Connections as rows: read through the view that has all their facts, written with the numbers of what many share.</summary>
internal static class ConnectionRow
{
    /// <summary>The directory's, by the name as the source spelled it, else by the plain name in it; null when it gives none.</summary>
    /// <param name="userKey">Column of the connection's user.</param>
    /// <param name="plainKey">Column of the session's.</param>
    public static string SubprojectOf(string userKey, string plainKey) =>
        $"""
        COALESCE(
            (SELECT u.subproject FROM users u WHERE u.tenant = c.tenant AND u.name_key = {userKey}),
            (SELECT u.subproject FROM users u WHERE u.tenant = c.tenant AND u.name_key = {plainKey}))
        """;

    /// <summary>What <see cref="Columns"/> needs of the session of a connection <c>c</c>. Table by table: PostgreSQL plans a view of many tables on its own, and would read it whole.</summary>
    public const string OfSession =
        """
        CROSS JOIN session_rows s ON s.tenant = $tenant AND s.no = c.session_no
        LEFT JOIN session_users su ON su.tenant = $tenant AND su.no = s.user_no
        LEFT JOIN session_places sp ON sp.tenant = $tenant AND sp.no = s.place_no
        LEFT JOIN session_natures sn ON sn.tenant = $tenant AND sn.no = s.nature_no
        LEFT JOIN session_boots sb ON sb.tenant = $tenant AND sb.no = s.boot_no
        """;

    /// <summary>In the order <see cref="Read"/> expects, of a connection <c>c</c> and what <see cref="OfSession"/> gives.</summary>
    public static readonly string Columns =
        $"""
        c.id, s.id, s.kind, c.user_name, {SubprojectOf("c.user_key", "su.plain_key")}, sn.app_name, c.host_name, sp.host_sid, c.host_ip, sp.group_id, sp.group_name,
        sp.primary_group_id, sp.secondary_group_id, sb.boot_id, c.client_name, c.client_ip, c.client_public_ip, c.client_mac,
        c.client_source_ip, c.client_type, c.client_version, c.transaction_id, c.agent_version, c.requested_ms, c.established_ms,
        c.ended_ms, c.is_reconnect, c.is_failed, c.failure_code, c.failure_reason, c.network_rtt_ms, c.e2e_rtt_ms, c.session_no, c.ordinal
        """;

    /// <summary>Of the connection's place in the store, after those that <see cref="Read"/> takes.</summary>
    public const int SessionNumberColumn = 32, OrdinalColumn = 33;

    public static Connection Read(StoreRows row, TenantId tenant) => new()
    {
        Tenant = tenant,
        Id = row.GetString(0),
        SessionId = row.GetString(1),
        Kind = (SessionKind)row.GetInt32(2),
        User = row.GetString(3),
        Subproject = row.Text(4),
        AppName = row.Text(5),
        Host = SessionRow.ReadHost(row, 6),
        Client = SessionRow.ReadClient(row, 14),
        TransactionId = row.Text(21),
        AgentVersion = row.Text(22),
        RequestedAt = row.Instant(23),
        EstablishedAt = row.InstantOrNull(24),
        EndedAt = row.InstantOrNull(25),
        IsReconnect = row.GetBoolean(26),
        Failure = row.GetBoolean(27) ? new Failure(row.Text(28), row.Text(29)) : null,
        NetworkRttMs = row.Int(30),
        EndToEndRttMs = row.Int(31),
    };

    /// <summary>Makes a session's connections those.</summary>
    /// <param name="hostNo">Of the session's host.</param>
    /// <param name="stored">Those that are stored; null when they were not read.</param>
    public static void Write(
        StoreConnection connection, FactNumbers facts, TenantId tenant, long sessionNo, long hostNo, IReadOnlyList<Connection> rows, IReadOnlyList<Connection>? stored)
    {
        // Where fewer or unknown ones stood, rows may be in the way until they are deleted.
        var isWrittenAnew = stored is null || rows.Count < stored.Count;
        if (isWrittenAnew)
        {
            connection.Queue("DELETE FROM connection_rows WHERE tenant = $tenant AND session_no = $no", ("$tenant", tenant), ("$no", sessionNo));
            stored = [];
        }

        for (var ordinal = 0; ordinal < rows.Count; ordinal++)
        {
            if (ordinal >= stored!.Count && !isWrittenAnew)
                connection.Add(Insert, Parameters(facts, rows[ordinal], sessionNo, hostNo, ordinal));
            else
                Write(connection, facts, sessionNo, hostNo, ordinal, rows[ordinal], ordinal < stored.Count ? stored[ordinal] : null);
        }
    }

    private static void Write(StoreConnection connection, FactNumbers facts, long sessionNo, long hostNo, int ordinal, Connection row, Connection? stored)
    {
        if (row == stored)
            return;

        (string, object?)[] place = [("$tenant", row.Tenant), ("$no", sessionNo), ("$ordinal", ordinal)];
        if (stored is not null && stored with { EndedAt = row.EndedAt } == row)
        {
            connection.Queue(
                "UPDATE connection_rows SET ended_ms = $ended WHERE tenant = $tenant AND session_no = $no AND ordinal = $ordinal",
                [.. place, ("$ended", row.EndedAt?.ToUnixTimeMilliseconds())]);
            return;
        }

        if (stored is not null)
            connection.Queue("DELETE FROM connection_rows WHERE tenant = $tenant AND session_no = $no AND ordinal = $ordinal", place);
        connection.Queue(Insert, Parameters(facts, row, sessionNo, hostNo, ordinal));
    }

    private const string Insert =
        """
        INSERT INTO connection_rows (
            tenant, session_no, ordinal, id, host_no, user_no, place_no, device_no, nature_no, transaction_id, requested_ms, established_ms, ended_ms,
            is_reconnect, is_failed, network_rtt_ms, e2e_rtt_ms)
        VALUES (
            $tenant, $sessionNo, $ordinal, $id, $host, $user, $place, $device, $nature, $transaction, $requested, $established, $ended,
            $reconnect, $failed, $networkRtt, $e2eRtt)
        """;

    private static (string, object?)[] Parameters(FactNumbers facts, Connection row, long sessionNo, long hostNo, int ordinal) =>
    [
        ("$tenant", row.Tenant), ("$sessionNo", sessionNo), ("$ordinal", ordinal), ("$id", row.Id), ("$host", hostNo), ("$user", facts.User(row.User)),
        ("$place", facts.Place(row.Host)), ("$device", facts.Device(row.Client)), ("$nature", facts.Nature(NatureTexts.Of(row))),
        ("$transaction", row.TransactionId), ("$requested", row.RequestedAt.ToUnixTimeMilliseconds()),
        ("$established", row.EstablishedAt?.ToUnixTimeMilliseconds()), ("$ended", row.EndedAt?.ToUnixTimeMilliseconds()),
        ("$reconnect", row.IsReconnect), ("$failed", row.Failure is not null), ("$networkRtt", row.NetworkRttMs), ("$e2eRtt", row.EndToEndRttMs),
    ];
}
