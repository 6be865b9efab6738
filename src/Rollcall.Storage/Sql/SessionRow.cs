using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Sessions as rows: read through the view that has all their facts, written with the numbers of what many share.</summary>
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

    private const string StoredColumns =
        """
        id, anchor_seq, epoch_us, epoch_boot_no, host_no, stream, user_no, place_no, device_no, nature_no, boot_no, kind, state, requested_ms, started_ms,
        ended_ms, end_source, end_earliest_ms, end_latest_ms, changed_ms, connected_ms, disconnected_ms, session_stamp, revision
        """;

    private static readonly ClientFacts NoFacts = new();

    private static readonly string InsertOrReplace = $"{Insert} ON CONFLICT (tenant, no) DO UPDATE SET {SqlUpsert.Replacing(StoredColumns)}";

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
    /// <param name="facts">Gives its facts their numbers.</param>
    /// <param name="known">As it is stored; null when it is not.</param>
    public static void Write(StoreConnection connection, FactNumbers facts, Session session, SessionPlace place, KnownSession? known)
    {
        if (known is null)
            connection.Add(Insert, Parameters(facts, session, place));
        else if (IsOfSameLogon(session, place, known))
            Update(connection, facts, session, place);
        else
            connection.Queue(InsertOrReplace, Parameters(facts, session, place));
    }

    /// <summary>Whether nothing changed by which the session is found, so that most indexes need not be touched.</summary>
    private static bool IsOfSameLogon(Session session, SessionPlace place, KnownSession known) =>
        known.Place with { AnchorSequence = place.AnchorSequence } == place
        && (session.Id, session.User, session.StartedAt, session.OsSessionId, session.Kind) == (known.Session.Id, known.Session.User, known.Session.StartedAt, known.Session.OsSessionId, known.Session.Kind)
        && session.Host == known.Session.Host;

    private static void Update(StoreConnection connection, FactNumbers facts, Session session, SessionPlace place) => connection.Queue(
        """
        UPDATE session_rows SET anchor_seq = $anchor, state = $state, device_no = $device, nature_no = $nature, requested_ms = $requested, ended_ms = $ended,
            end_source = $endSource, end_earliest_ms = $endEarliest, end_latest_ms = $endLatest, changed_ms = $changed, connected_ms = $connected,
            disconnected_ms = $disconnected, session_stamp = $stamp, revision = $revision
        WHERE tenant = $tenant AND no = $no
        """,
        [("$tenant", session.Tenant), ("$no", place.No), ("$anchor", place.AnchorSequence), .. ChangingParameters(facts, session)]);

    private const string Insert =
        $"""
        INSERT INTO session_rows (tenant, no, {StoredColumns})
        VALUES (
            $tenant, $no, $id, $anchor, $epoch, $epochBoot, $hostNo, $stream, $user, $place, $device, $nature, $boot, $kind, $state, $requested, $started,
            $ended, $endSource, $endEarliest, $endLatest, $changed, $connected, $disconnected, $stamp, $revision)
        """;

    private static (string, object?)[] Parameters(FactNumbers facts, Session session, SessionPlace place) =>
        [
            ("$tenant", session.Tenant), ("$no", place.No), ("$anchor", place.AnchorSequence), ("$id", session.Id), ("$epoch", place.EpochUs),
            ("$epochBoot", facts.Boot(place.EpochBoot)), ("$hostNo", place.Stream.HostNo), ("$stream", place.Stream.Key), ("$user", facts.User(session.User)),
            ("$place", facts.Place(session.Host)), ("$boot", facts.Boot(session.Host.BootId)), ("$kind", (int)session.Kind),
            ("$started", session.StartedAt.ToUnixTimeMilliseconds()), .. ChangingParameters(facts, session),
        ];

    private static (string, object?)[] ChangingParameters(FactNumbers facts, Session session)
    {
        var nature = NatureTexts.Of(session);
        return
        [
            ("$state", (int)session.State), ("$device", facts.Device(session.Client)), ("$nature", facts.Nature(nature)),
            ("$requested", session.RequestedAt?.ToUnixTimeMilliseconds()), ("$ended", session.End?.At.ToUnixTimeMilliseconds()),
            ("$endSource", (int?)session.End?.Source), ("$endEarliest", session.End?.Earliest.ToUnixTimeMilliseconds()),
            ("$endLatest", session.End?.Latest.ToUnixTimeMilliseconds()), ("$changed", session.ChangedAt.ToUnixTimeMilliseconds()),
            ("$connected", session.ConnectedMs), ("$disconnected", session.DisconnectedMs),
            ("$stamp", nature.StampPattern is null ? session.SessionStamp : null), ("$revision", session.Revision),
        ];
    }

    private static SessionEnd? ReadEnd(StoreRows row) => row.IsDBNull(24) ? null : new SessionEnd(
        row.Instant(24), (EndTimeSource)row.GetInt32(25), row.Instant(26), row.Instant(27), row.Text(28));
}

/// <summary>Where a session stands in the store.</summary>
/// <param name="No">Its number in the tenant.</param>
/// <param name="AnchorSequence">The event by which it is found again.</param>
/// <param name="EpochUs">When its epoch begins, microseconds since 1970.</param>
/// <param name="EpochBoot">The boot its epoch belongs to; null when no event names one.</param>
internal sealed record SessionPlace(long No, long AnchorSequence, long EpochUs, string? EpochBoot, EventStream Stream);
