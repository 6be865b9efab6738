using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Sessions as rows of the table.</summary>
internal static class SessionRow
{
    /// <summary>In the order <see cref="Read"/> expects; <c>no</c> comes last for cursors.</summary>
    public const string Columns =
        """
        id, user_name, kind, state, host_name, host_sid, host_ip, group_id, group_name, primary_group_id, secondary_group_id, boot_id,
        os_session_id, protocol, app_name, client_name, client_ip, client_public_ip, client_mac, client_source_ip, client_type,
        client_version, requested_ms, started_ms, ended_ms, end_source, end_earliest_ms, end_latest_ms, end_reason, failure_code,
        failure_reason, changed_ms, connected_ms, disconnected_ms, agent_version, session_stamp, revision, no
        """;

    public const int NumberColumn = 37;

    private const string PlaceColumns = "anchor_seq, epoch_us, epoch_boot, host_no, stream, user_key, user_plain_key, host_name_key";

    private static readonly ClientFacts NoFacts = new();

    private static readonly string Replacing = SqlUpsert.Replacing($"{PlaceColumns}, {Columns}", "no");

    public static Session Read(StoreRows row, TenantId tenant) => new()
    {
        Tenant = tenant,
        Id = row.GetString(0),
        User = row.GetString(1),
        Kind = (SessionKind)row.GetInt32(2),
        State = (SessionState)row.GetInt32(3),
        Host = ReadHost(row, 4),
        OsSessionId = row.GetString(12),
        Protocol = row.Text(13),
        AppName = row.Text(14),
        Client = ReadClient(row, 15),
        RequestedAt = row.InstantOrNull(22),
        StartedAt = row.Instant(23),
        End = ReadEnd(row),
        Failure = (SessionState)row.GetInt32(3) is SessionState.Failed ? new Failure(row.Text(29), row.Text(30)) : null,
        ChangedAt = row.Instant(31),
        ConnectedMs = row.GetInt64(32),
        DisconnectedMs = row.GetInt64(33),
        AgentVersion = row.Text(34),
        SessionStamp = row.Text(35),
        Revision = row.GetInt32(36),
    };

    /// <summary>Client facts from seven columns beginning at <paramref name="first"/>; null when all are.</summary>
    public static ClientFacts? ReadClient(StoreRows row, int first)
    {
        var client = new ClientFacts
        {
            Name = row.Text(first),
            Ip = row.Text(first + 1),
            PublicIp = row.Text(first + 2),
            Mac = row.Text(first + 3),
            SourceIp = row.Text(first + 4),
            Type = row.Text(first + 5),
            Version = row.Text(first + 6),
        };
        return client == NoFacts ? null : client;
    }

    /// <summary>Host facts from eight columns beginning at <paramref name="first"/>.</summary>
    public static HostFacts ReadHost(StoreRows row, int first) => new()
    {
        Name = row.GetString(first),
        Sid = row.Text(first + 1),
        Ip = row.Text(first + 2),
        GroupId = row.Text(first + 3),
        GroupName = row.Text(first + 4),
        PrimaryGroupId = row.Text(first + 5),
        SecondaryGroupId = row.Text(first + 6),
        BootId = row.Text(first + 7),
    };

    /// <summary>Inserts the session, or writes over what changed of it.</summary>
    /// <param name="known">As it is stored; null when it is not.</param>
    public static void Write(StoreConnection connection, Session session, SessionPlace place, KnownSession? known)
    {
        if (known is not null && IsOfSameLogon(session, place, known))
            Update(connection, session, place);
        else
            Replace(connection, session, place);
    }

    /// <summary>Whether nothing changed by which the session is found, so that most indexes need not be touched.</summary>
    private static bool IsOfSameLogon(Session session, SessionPlace place, KnownSession known) =>
        known.Place with { AnchorSequence = place.AnchorSequence } == place
        && (session.Id, session.User, session.StartedAt, session.OsSessionId, session.Kind) == (known.Session.Id, known.Session.User, known.Session.StartedAt, known.Session.OsSessionId, known.Session.Kind)
        && session.Host == known.Session.Host;

    private static void Update(StoreConnection connection, Session session, SessionPlace place) => connection.Execute(
        """
        UPDATE sessions SET anchor_seq = $anchor, state = $state, protocol = $protocol, app_name = $app, client_name = $clientName, client_ip = $clientIp,
            client_public_ip = $clientPublicIp, client_mac = $clientMac, client_source_ip = $clientSourceIp, client_type = $clientType,
            client_version = $clientVersion, requested_ms = $requested, ended_ms = $ended, end_source = $endSource, end_earliest_ms = $endEarliest,
            end_latest_ms = $endLatest, end_reason = $endReason, failure_code = $failureCode, failure_reason = $failureReason,
            changed_ms = $changed, connected_ms = $connected, disconnected_ms = $disconnected, agent_version = $agent, session_stamp = $stamp,
            revision = $revision
        WHERE tenant = $tenant AND no = $no
        """,
        [.. PlaceParameters(session, place), .. FactParameters(session), .. TimeParameters(session)]);

    private static void Replace(StoreConnection connection, Session session, SessionPlace place) => connection.Execute(
        $"""
        INSERT INTO sessions (tenant, {PlaceColumns}, {Columns})
        VALUES (
            $tenant, $anchor, $epoch, $epochBoot, $hostNo, $stream, $userKey, $userPlainKey, $hostKey,
            $id, $user, $kind, $state, $host, $hostSid, $hostIp, $group, $groupName, $primaryGroup, $secondaryGroup, $boot,
            $osSession, $protocol, $app, $clientName, $clientIp, $clientPublicIp, $clientMac, $clientSourceIp, $clientType,
            $clientVersion, $requested, $started, $ended, $endSource, $endEarliest, $endLatest, $endReason, $failureCode,
            $failureReason, $changed, $connected, $disconnected, $agent, $stamp, $revision, $no)
        ON CONFLICT (tenant, no) DO UPDATE SET {Replacing}
        """,
        [.. PlaceParameters(session, place), .. FactParameters(session), .. TimeParameters(session)]);

    private static (string, object?)[] PlaceParameters(Session session, SessionPlace place) =>
    [
        ("$tenant", session.Tenant.Value), ("$no", place.No), ("$anchor", place.AnchorSequence), ("$epoch", place.EpochUs),
        ("$epochBoot", place.EpochBoot),
        ("$hostNo", place.Stream.HostNo), ("$stream", place.Stream.Key), ("$userKey", NameKey.Of(session.User)),
        ("$userPlainKey", NameKey.OfPlain(session.User)), ("$hostKey", NameKey.Of(session.Host.Name)), ("$id", session.Id),
        ("$revision", session.Revision),
    ];

    private static (string, object?)[] FactParameters(Session session) =>
    [
        ("$user", session.User), ("$kind", (int)session.Kind), ("$state", (int)session.State), ("$host", session.Host.Name),
        ("$hostSid", session.Host.Sid), ("$hostIp", session.Host.Ip), ("$group", session.Host.GroupId),
        ("$groupName", session.Host.GroupName), ("$primaryGroup", session.Host.PrimaryGroupId),
        ("$secondaryGroup", session.Host.SecondaryGroupId), ("$boot", session.Host.BootId), ("$osSession", session.OsSessionId),
        ("$protocol", session.Protocol), ("$app", session.AppName), ("$clientName", session.Client?.Name),
        ("$clientIp", session.Client?.Ip), ("$clientPublicIp", session.Client?.PublicIp), ("$clientMac", session.Client?.Mac),
        ("$clientSourceIp", session.Client?.SourceIp), ("$clientType", session.Client?.Type),
        ("$clientVersion", session.Client?.Version), ("$agent", session.AgentVersion), ("$stamp", session.SessionStamp),
        ("$failureCode", session.Failure?.Code), ("$failureReason", session.Failure?.Reason),
    ];

    private static (string, object?)[] TimeParameters(Session session) =>
    [
        ("$requested", session.RequestedAt?.ToUnixTimeMilliseconds()), ("$started", session.StartedAt.ToUnixTimeMilliseconds()),
        ("$ended", session.End?.At.ToUnixTimeMilliseconds()), ("$endSource", (int?)session.End?.Source),
        ("$endEarliest", session.End?.Earliest.ToUnixTimeMilliseconds()), ("$endLatest", session.End?.Latest.ToUnixTimeMilliseconds()),
        ("$endReason", session.End?.Reason), ("$changed", session.ChangedAt.ToUnixTimeMilliseconds()),
        ("$connected", session.ConnectedMs), ("$disconnected", session.DisconnectedMs),
    ];

    private static SessionEnd? ReadEnd(StoreRows row) => row.IsDBNull(24) ? null : new SessionEnd(
        row.Instant(24), (EndTimeSource)row.GetInt32(25), row.Instant(26), row.Instant(27), row.Text(28));
}

/// <summary>Where a session stands in the store.</summary>
/// <param name="No">Its number in the tenant.</param>
/// <param name="AnchorSequence">The event by which it is found again.</param>
/// <param name="EpochUs">When its epoch begins, microseconds since 1970.</param>
/// <param name="EpochBoot">The boot its epoch belongs to; null when no event names one.</param>
internal sealed record SessionPlace(long No, long AnchorSequence, long EpochUs, string? EpochBoot, EventStream Stream);
