using System.Text.Json.Serialization;
using Rollcall.Core.Connections;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>UserConnectionInfo: every member text; absent ones are left out but the two of a failure (contract 5.1; D0083).</summary>
internal sealed record UserConnectionJson
{
    /// <summary>The flag has one value at present (contract 5.1).</summary>
    public const string OnlyFlag = "0";

    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("connect_type")] public required string ConnectType { get; init; }
    [JsonPropertyName("user_name")] public required string UserName { get; init; }
    [JsonPropertyName("desktop_group_name")] public string? DesktopGroupName { get; init; }
    [JsonPropertyName("pre_conn_time")] public required string PreConnTime { get; init; }
    [JsonPropertyName("start_time")] public required string StartTime { get; init; }
    [JsonPropertyName("end_time")] public string? EndTime { get; init; }
    [JsonPropertyName("machine_sid")] public string? MachineSid { get; init; }
    [JsonPropertyName("machine_name")] public required string MachineName { get; init; }
    [JsonPropertyName("failed_reason")] public required string FailedReason { get; init; }
    [JsonPropertyName("failed_code")] public required string FailedCode { get; init; }
    [JsonPropertyName("client_mac")] public string? ClientMac { get; init; }
    [JsonPropertyName("client_name")] public string? ClientName { get; init; }
    [JsonPropertyName("client_ip")] public string? ClientIp { get; init; }
    [JsonPropertyName("client_version")] public string? ClientVersion { get; init; }
    [JsonPropertyName("client_type")] public string? ClientType { get; init; }
    [JsonPropertyName("agent_version")] public string? AgentVersion { get; init; }
    [JsonPropertyName("vm_ip")] public string? VmIp { get; init; }
    [JsonPropertyName("connect_flag")] public string ConnectFlag { get; init; } = OnlyFlag;
    [JsonPropertyName("update_time")] public required string UpdateTime { get; init; }
    [JsonPropertyName("tenant_id")] public required string TenantId { get; init; }
    [JsonPropertyName("public_ip")] public string? PublicIp { get; init; }

    public static UserConnectionJson From(Connection connection) => new()
    {
        Id = connection.Id,
        ConnectType = SessionInfoJson.TypeOf(connection.Kind),
        UserName = connection.User,
        DesktopGroupName = connection.Host.GroupName,
        PreConnTime = WorkspaceTime.Seconds(connection.RequestedAt)!,
        StartTime = WorkspaceTime.Seconds(StartOf(connection))!,
        EndTime = WorkspaceTime.Seconds(connection.EndedAt),
        MachineSid = connection.Host.Sid,
        MachineName = connection.Host.Name,
        FailedReason = connection.Failure?.Reason ?? string.Empty,
        FailedCode = connection.Failure?.Code ?? string.Empty,
        ClientMac = connection.Client?.Mac,
        ClientName = connection.Client?.Name,
        ClientIp = connection.Client?.Ip,
        ClientVersion = connection.Client?.Version,
        ClientType = connection.Client?.Type,
        AgentVersion = connection.AgentVersion,
        VmIp = connection.Host.Ip,
        UpdateTime = WorkspaceTime.Seconds(connection.ChangedAt)!,
        TenantId = connection.Tenant.Value,
        PublicIp = connection.Client?.PublicIp,
    };

    /// <summary>As with sessions (D0007): what never came through began with the attempt.</summary>
    public static DateTimeOffset StartOf(Connection connection) => connection.EstablishedAt ?? connection.RequestedAt;
}

/// <summary>One page of user connections.</summary>
internal sealed record UserConnectionListJson(
    [property: JsonPropertyName("count")] long Count, [property: JsonPropertyName("items")] IReadOnlyList<UserConnectionJson> Items);
