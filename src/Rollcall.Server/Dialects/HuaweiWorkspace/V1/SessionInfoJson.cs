using System.Globalization;
using System.Text.Json.Serialization;
using Rollcall.Core.Sessions;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>SessionInfo: every member text, absent ones left out but the two of a failure (seed ListSessions; design 3a).</summary>
internal sealed record SessionInfoJson
{
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("session_stamp")] public required string SessionStamp { get; init; }
    [JsonPropertyName("os_session_id")] public required string OsSessionId { get; init; }
    [JsonPropertyName("protocol_type")] public string? ProtocolType { get; init; }
    [JsonPropertyName("login_user")] public required string LoginUser { get; init; }
    [JsonPropertyName("session_type")] public required string SessionType { get; init; }
    [JsonPropertyName("app_server_group_id")] public string? GroupId { get; init; }
    [JsonPropertyName("app_server_group_name")] public string? GroupName { get; init; }
    [JsonPropertyName("pre_conn_time")] public string? PreConnTime { get; init; }
    [JsonPropertyName("start_time")] public required string StartTime { get; init; }
    [JsonPropertyName("end_time")] public string? EndTime { get; init; }
    [JsonPropertyName("status_continue_time")] public required string StatusContinueTime { get; init; }
    [JsonPropertyName("machine_sid")] public string? MachineSid { get; init; }
    [JsonPropertyName("machine_name")] public required string MachineName { get; init; }
    [JsonPropertyName("session_state")] public required string State { get; init; }
    [JsonPropertyName("app_name")] public string? AppName { get; init; }
    [JsonPropertyName("client_mac")] public string? ClientMac { get; init; }
    [JsonPropertyName("client_name")] public string? ClientName { get; init; }
    [JsonPropertyName("client_ip")] public string? ClientIp { get; init; }
    [JsonPropertyName("public_ip")] public string? PublicIp { get; init; }
    [JsonPropertyName("client_version")] public string? ClientVersion { get; init; }
    [JsonPropertyName("client_type")] public string? ClientType { get; init; }
    [JsonPropertyName("agent_version")] public string? AgentVersion { get; init; }
    [JsonPropertyName("vm_ip")] public string? VmIp { get; init; }
    [JsonPropertyName("failed_reason")] public required string FailedReason { get; init; }
    [JsonPropertyName("failed_code")] public required string FailedCode { get; init; }
    [JsonPropertyName("last_update_status_time")] public required string LastUpdateStatusTime { get; init; }
    [JsonPropertyName("tenant_id")] public required string TenantId { get; init; }
    [JsonPropertyName("primary_server_group_id")] public string? PrimaryGroupId { get; init; }
    [JsonPropertyName("secondary_server_group_id")] public string? SecondaryGroupId { get; init; }

    public static SessionInfoJson From(Session session, DateTimeOffset now) => new()
    {
        Id = session.Id,
        SessionStamp = StampOf(session),
        OsSessionId = session.OsSessionId,
        ProtocolType = session.Protocol,
        LoginUser = session.User,
        SessionType = TypeOf(session.Kind),
        GroupId = session.Host.GroupId,
        GroupName = session.Host.GroupName,
        PreConnTime = WorkspaceTime.Seconds(session.RequestedAt),
        StartTime = WorkspaceTime.Seconds(session.StartedAt)!,
        EndTime = WorkspaceTime.Seconds(session.End?.At),
        StatusContinueTime = SecondsInState(session, now).ToString(CultureInfo.InvariantCulture),
        MachineSid = session.Host.Sid,
        MachineName = session.Host.Name,
        State = WordOf(session.State),
        AppName = session.AppName,
        ClientMac = session.Client?.Mac,
        ClientName = session.Client?.Name,
        ClientIp = session.Client?.Ip,
        PublicIp = session.Client?.PublicIp,
        ClientVersion = session.Client?.Version,
        ClientType = session.Client?.Type,
        AgentVersion = session.AgentVersion,
        VmIp = session.Host.Ip,
        FailedReason = session.Failure?.Reason ?? string.Empty,
        FailedCode = session.Failure?.Code ?? string.Empty,
        LastUpdateStatusTime = WorkspaceTime.Seconds(session.ChangedAt)!,
        TenantId = session.Tenant.Value,
        PrimaryGroupId = session.Host.PrimaryGroupId,
        SecondaryGroupId = session.Host.SecondaryGroupId,
    };

    /// <summary>Whole seconds from the last change of state to the end, or to now.</summary>
    public static long SecondsInState(ISessionTimes session, DateTimeOffset now) => session.SinceChangeMs(now) / 1000;

    /// <summary>As the source sent it, else the parts that are known, joined as the vendor joins them.</summary>
    public static string StampOf(Session session) => StampOf(session.SessionStamp, session.Host.Sid, session.User, session.Protocol, session.OsSessionId);

    /// <summary>The same, of a session's members.</summary>
    public static string StampOf(string? sent, string? hostSid, string? user, string? protocol, string? osSessionId) =>
        sent ?? string.Join('-', new[] { hostSid, user, protocol, osSessionId }.Where(part => part is not null));

    public static string TypeOf(SessionKind kind) => kind is SessionKind.Application ? "2" : "1";

    public static string WordOf(SessionState state) => state switch
    {
        SessionState.Initializing => "AppcInit",
        SessionState.Active => "Active",
        SessionState.Disconnected => "Disconnected",
        SessionState.Ended => "SignedOut",
        SessionState.Failed => "InitFail",
    };

    /// <summary>Null for a word the vendor does not have; the words' case counts.</summary>
    public static SessionState? TryState(string word) => word switch
    {
        "AppcInit" => SessionState.Initializing,
        "Active" => SessionState.Active,
        "Disconnected" => SessionState.Disconnected,
        "SignedOut" => SessionState.Ended,
        "InitFail" => SessionState.Failed,
        _ => null,
    };
}

/// <summary>One page of sessions.</summary>
internal sealed record SessionListJson(
    [property: JsonPropertyName("count")] long Count, [property: JsonPropertyName("items")] IReadOnlyList<SessionInfoJson> Items);
