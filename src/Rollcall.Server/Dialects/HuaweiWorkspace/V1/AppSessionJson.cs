using System.Globalization;
using System.Text.Json.Serialization;
using Rollcall.Core.Sessions;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>AppSession of a session that is open: SessionInfo with fewer members, and times as plain text (contract 5.3).</summary>
internal sealed record AppSessionJson
{
    /// <summary>What the vendor prints for the end of a session that has none (D0066).</summary>
    private const string NotEnded = "0001-01-01 00:00:00";

    private const string SuccessCode = "WKS.00000000", SuccessReason = "success"; // contract 5.3

    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("session_stamp")] public required string SessionStamp { get; init; }
    [JsonPropertyName("os_session_id")] public required string OsSessionId { get; init; }
    [JsonPropertyName("protocol_type")] public string? ProtocolType { get; init; }
    [JsonPropertyName("login_user")] public required string LoginUser { get; init; }
    [JsonPropertyName("session_type")] public required string SessionType { get; init; }
    [JsonPropertyName("app_server_group_id")] public string? GroupId { get; init; }
    [JsonPropertyName("pre_conn_time")] public string? PreConnTime { get; init; }
    [JsonPropertyName("start_time")] public required string StartTime { get; init; }
    [JsonPropertyName("end_time")] public required string EndTime { get; init; }
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

    /// <param name="session">One that is open: it has no end and no failure.</param>
    public static AppSessionJson From(Session session, DateTimeOffset now) => new()
    {
        Id = session.Id,
        SessionStamp = SessionInfoJson.StampOf(session),
        OsSessionId = session.OsSessionId,
        ProtocolType = session.Protocol,
        LoginUser = session.User,
        SessionType = SessionInfoJson.TypeOf(session.Kind),
        GroupId = session.Host.GroupId,
        PreConnTime = WorkspaceTime.Plain(session.RequestedAt),
        StartTime = WorkspaceTime.Plain(session.StartedAt)!,
        EndTime = NotEnded,
        StatusContinueTime = SessionInfoJson.SecondsInState(session, now).ToString(CultureInfo.InvariantCulture),
        MachineSid = session.Host.Sid,
        MachineName = session.Host.Name,
        State = SessionInfoJson.WordOf(session.State),
        AppName = session.AppName,
        ClientMac = session.Client?.Mac,
        ClientName = session.Client?.Name,
        ClientIp = session.Client?.Ip,
        PublicIp = session.Client?.PublicIp,
        ClientVersion = session.Client?.Version,
        ClientType = session.Client?.Type,
        AgentVersion = session.AgentVersion,
        VmIp = session.Host.Ip,
        FailedReason = SuccessReason,
        FailedCode = SuccessCode,
        LastUpdateStatusTime = WorkspaceTime.Plain(session.ChangedAt)!,
        TenantId = session.Tenant.Value,
    };
}
