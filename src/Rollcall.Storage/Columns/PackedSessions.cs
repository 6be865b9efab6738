using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Columns;

/// <summary>Sessions by their numbers, put together in the process from packed rows and the facts that they share.</summary>
internal sealed class PackedSessions
{
    private const string RowSql =
        """
        SELECT id, stream, kind, state, requested_ms, started_ms, ended_ms, end_source, end_earliest_ms, end_latest_ms, changed_ms, connected_ms, disconnected_ms,
            session_stamp, revision, user_no, place_no, device_no, nature_no, boot_no
        FROM session_rows WHERE tenant = $tenant AND no = $no
        """;

    private readonly KnownFacts<string> users = new("SELECT name FROM session_users WHERE tenant = $tenant AND no = $no", row => row.GetString(0));

    private readonly KnownFacts<HostFacts> places = new(
        """
        SELECT host_name, host_sid, host_ip, group_id, group_name, primary_group_id, secondary_group_id, NULL FROM session_places
        WHERE tenant = $tenant AND no = $no
        """,
        row => SessionRow.ReadHost(row, 0));

    private readonly KnownFacts<ClientFacts?> devices = new(
        "SELECT name, ip, public_ip, mac, source_ip, type, version FROM session_devices WHERE tenant = $tenant AND no = $no", row => SessionRow.ReadClient(row, 0));

    private readonly KnownFacts<NatureTexts> natures = new(
        """
        SELECT protocol, app_name, agent_version, end_reason, failure_code, failure_reason, stamp_pattern FROM session_natures
        WHERE tenant = $tenant AND no = $no
        """,
        row => new NatureTexts(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6)));

    private readonly KnownFacts<string> boots = new("SELECT boot_id FROM session_boots WHERE tenant = $tenant AND no = $no", row => row.GetString(0));

    /// <summary>The sessions of these numbers, which all are there, in their order.</summary>
    public IReadOnlyList<Session> Rows(StoreConnection snapshot, TenantId tenant, IEnumerable<long> numbers) => [.. numbers.Select(number => Row(snapshot, tenant, number))];

    private Session Row(StoreConnection snapshot, TenantId tenant, long number)
    {
        // A stream, so that facts may be read while it is open.
        using var rows = snapshot.OpenStream(RowSql, ("$tenant", tenant), ("$no", number));
        return rows.Read() ? Read(snapshot, tenant, rows) : throw new InvalidDataException($"the ledger lacks session {number} that its columns have");
    }

    private Session Read(StoreConnection snapshot, TenantId tenant, StoreRows row)
    {
        var user = users.Of(snapshot, tenant, row.GetInt64(15));
        var place = places.Of(snapshot, tenant, row.GetInt64(16));
        var nature = natures.Of(snapshot, tenant, row.GetInt64(18));
        var (state, osSessionId) = ((SessionState)row.GetInt32(3), row.GetString(1)[EventStream.SessionPrefix.Length..]);
        return new Session
        {
            Tenant = tenant,
            Id = row.GetString(0),
            User = user,
            Kind = (SessionKind)row.GetInt32(2),
            State = state,
            Host = row.Long(19) is { } boot ? place with { BootId = boots.Of(snapshot, tenant, boot) } : place,
            OsSessionId = osSessionId,
            Protocol = nature.Protocol,
            AppName = nature.AppName,
            Client = devices.Of(snapshot, tenant, row.GetInt64(17)),
            RequestedAt = row.InstantOrNull(4),
            StartedAt = row.Instant(5),
            End = row.IsDBNull(6) ? null : new SessionEnd(row.Instant(6), (EndTimeSource)row.GetInt32(7), row.Instant(8), row.Instant(9), nature.EndReason),
            Failure = state is SessionState.Failed ? new Failure(nature.FailureCode, nature.FailureReason) : null,
            ChangedAt = row.Instant(10),
            ConnectedMs = row.GetInt64(11),
            DisconnectedMs = row.GetInt64(12),
            AgentVersion = nature.AgentVersion,
            SessionStamp = row.Text(13) ?? (nature.StampPattern is { } pattern ? StampPattern.Stamp(pattern, user, place.Sid, osSessionId) : null),
            Revision = row.GetInt32(14),
        };
    }
}
