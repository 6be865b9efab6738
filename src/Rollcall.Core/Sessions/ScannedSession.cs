using Rollcall.Core.Tabular;

namespace Rollcall.Core.Sessions;

/// <summary>What a scan reads of each session, in the order of a store's columns.</summary>
public enum SessionFact
{
    Id,
    User,
    Kind,
    State,
    HostName,
    HostSid,
    HostIp,
    GroupId,
    GroupName,
    PrimaryGroupId,
    SecondaryGroupId,
    OsSessionId,
    Protocol,
    AppName,
    ClientName,
    ClientIp,
    ClientPublicIp,
    ClientMac,
    ClientSourceIp,
    ClientType,
    ClientVersion,
    RequestedAt,
    StartedAt,
    EndedAt,
    EndSource,
    EndEarliest,
    EndLatest,
    EndReason,
    FailureCode,
    FailureReason,
    ChangedAt,
    ConnectedMs,
    DisconnectedMs,
    AgentVersion,
    SessionStamp,
    Revision,
}

/// <summary>
/// The session on which a scan of many stands. It says what <see cref="Session"/> says, but reads each fact when it is asked for, and makes no
/// object of a text. One object serves the whole scan: what it said of a session is good until the scan goes on.
/// </summary>
/// <param name="row">Its columns are <see cref="SessionFact"/>'s members.</param>
public sealed class ScannedSession(TenantId tenant, IStoredRow row) : ISessionTimes
{
    public TenantId Tenant => tenant;

    public SessionKind Kind => (SessionKind)row.GetInt64((int)SessionFact.Kind);

    public SessionState State => (SessionState)row.GetInt64((int)SessionFact.State);

    public DateTimeOffset StartedAt => InstantOf(SessionFact.StartedAt);

    public DateTimeOffset? EndedAt => row.Long((int)SessionFact.EndedAt) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>Null while open; so are the other facts of the end.</summary>
    public EndTimeSource? EndSource => row.IsDBNull((int)SessionFact.EndedAt) ? null : (EndTimeSource)row.GetInt64((int)SessionFact.EndSource);

    public DateTimeOffset ChangedAt => InstantOf(SessionFact.ChangedAt);

    public long ConnectedMs => row.GetInt64((int)SessionFact.ConnectedMs);

    public long DisconnectedMs => row.GetInt64((int)SessionFact.DisconnectedMs);

    public long Revision => row.GetInt64((int)SessionFact.Revision);

    /// <summary>A fact that is a text, as a cell; an empty one when it is not known.</summary>
    public TableCell Text(SessionFact fact) => IsHidden(fact) ? default : row.Cell((int)fact);

    /// <summary>A fact that is an instant, as a cell; an empty one when it is not known.</summary>
    public TableCell Instant(SessionFact fact) => TableCell.OfUnixMilliseconds(row.Long((int)fact));

    /// <summary>A fact that is a text, as a string of its own; null when it is not known.</summary>
    public string? StringOf(SessionFact fact)
    {
        if (IsHidden(fact) || row.IsDBNull((int)fact))
            return null;

        var cell = row.Cell((int)fact);
        return cell.Kind is TableKind.Empty ? string.Empty : cell.Text;
    }

    /// <summary>Only a session that failed has a failure, as in <see cref="Session.Failure"/>.</summary>
    private bool IsHidden(SessionFact fact) => fact is SessionFact.FailureCode or SessionFact.FailureReason && State is not SessionState.Failed;

    private DateTimeOffset InstantOf(SessionFact fact) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64((int)fact));
}
