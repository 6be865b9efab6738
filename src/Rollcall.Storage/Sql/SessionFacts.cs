using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>The facts of a scanned session as columns of the table.</summary>
internal static class SessionFacts
{
    /// <summary>In the order of <see cref="SessionFact"/>.</summary>
    public static readonly string Columns = string.Join(", ", Enum.GetValues<SessionFact>().Select(ColumnOf));

    private static string ColumnOf(SessionFact fact) => fact switch
    {
        SessionFact.Id => "id",
        SessionFact.User => "user_name",
        SessionFact.Kind => "kind",
        SessionFact.State => "state",
        SessionFact.HostName => "host_name",
        SessionFact.HostSid => "host_sid",
        SessionFact.HostIp => "host_ip",
        SessionFact.GroupId => "group_id",
        SessionFact.GroupName => "group_name",
        SessionFact.PrimaryGroupId => "primary_group_id",
        SessionFact.SecondaryGroupId => "secondary_group_id",
        SessionFact.OsSessionId => "os_session_id",
        SessionFact.Protocol => "protocol",
        SessionFact.AppName => "app_name",
        SessionFact.ClientName => "client_name",
        SessionFact.ClientIp => "client_ip",
        SessionFact.ClientPublicIp => "client_public_ip",
        SessionFact.ClientMac => "client_mac",
        SessionFact.ClientSourceIp => "client_source_ip",
        SessionFact.ClientType => "client_type",
        SessionFact.ClientVersion => "client_version",
        SessionFact.RequestedAt => "requested_ms",
        SessionFact.StartedAt => "started_ms",
        SessionFact.EndedAt => "ended_ms",
        SessionFact.EndSource => "end_source",
        SessionFact.EndEarliest => "end_earliest_ms",
        SessionFact.EndLatest => "end_latest_ms",
        SessionFact.EndReason => "end_reason",
        SessionFact.FailureCode => "failure_code",
        SessionFact.FailureReason => "failure_reason",
        SessionFact.ChangedAt => "changed_ms",
        SessionFact.ConnectedMs => "connected_ms",
        SessionFact.DisconnectedMs => "disconnected_ms",
        SessionFact.AgentVersion => "agent_version",
        SessionFact.SessionStamp => "session_stamp",
        SessionFact.Revision => "revision",
    };
}
