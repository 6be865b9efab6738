using System.Text.Json.Serialization;
using Rollcall.Core.Connections;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>AppConnectionInfo: every member text; absent ones are left out but the two of a failure (contract 5.2; D0083).</summary>
internal sealed record AppConnectionJson
{
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("sid")] public string? Sid { get; init; }
    [JsonPropertyName("machine_name")] public required string MachineName { get; init; }
    [JsonPropertyName("user_name")] public required string UserName { get; init; }
    [JsonPropertyName("app_group_name")] public string? AppGroupName { get; init; }
    [JsonPropertyName("app_group_id")] public string? AppGroupId { get; init; }
    [JsonPropertyName("app_name")] public string? AppName { get; init; }
    [JsonPropertyName("brokering_time")] public required string BrokeringTime { get; init; }
    [JsonPropertyName("failed_code")] public required string FailedCode { get; init; }
    [JsonPropertyName("connection_failure_reason")] public required string ConnectionFailureReason { get; init; }
    [JsonPropertyName("client_mac")] public string? ClientMac { get; init; }
    [JsonPropertyName("client_name")] public string? ClientName { get; init; }
    [JsonPropertyName("client_ip")] public string? ClientIp { get; init; }
    [JsonPropertyName("client_version")] public string? ClientVersion { get; init; }
    [JsonPropertyName("client_type")] public string? ClientType { get; init; }
    [JsonPropertyName("agent_version")] public string? AgentVersion { get; init; }
    [JsonPropertyName("vm_ip")] public string? VmIp { get; init; }
    [JsonPropertyName("tenant_id")] public required string TenantId { get; init; }
    [JsonPropertyName("public_ip")] public string? PublicIp { get; init; }
    [JsonPropertyName("transaction_id")] public string? TransactionId { get; init; }
    [JsonPropertyName("end_time")] public string? EndTime { get; init; }
    [JsonPropertyName("primary_server_group_id")] public string? PrimaryGroupId { get; init; }
    [JsonPropertyName("secondary_server_group_id")] public string? SecondaryGroupId { get; init; }

    public static AppConnectionJson From(Connection connection) => new()
    {
        Id = connection.Id,
        Sid = connection.Host.Sid,
        MachineName = connection.Host.Name,
        UserName = connection.User,
        AppGroupName = connection.Host.GroupName,
        AppGroupId = connection.Host.GroupId,
        AppName = connection.AppName,
        BrokeringTime = WorkspaceTime.Seconds(connection.RequestedAt)!,
        FailedCode = connection.Failure?.Code ?? string.Empty,
        ConnectionFailureReason = connection.Failure?.Reason ?? string.Empty,
        ClientMac = connection.Client?.Mac,
        ClientName = connection.Client?.Name,
        ClientIp = connection.Client?.Ip,
        ClientVersion = connection.Client?.Version,
        ClientType = connection.Client?.Type,
        AgentVersion = connection.AgentVersion,
        VmIp = connection.Host.Ip,
        TenantId = connection.Tenant.Value,
        PublicIp = connection.Client?.PublicIp,
        TransactionId = connection.TransactionId,
        EndTime = WorkspaceTime.Seconds(connection.EndedAt),
        PrimaryGroupId = connection.Host.PrimaryGroupId,
        SecondaryGroupId = connection.Host.SecondaryGroupId,
    };
}

/// <summary>One page of application connections.</summary>
internal sealed record AppConnectionListJson(
    [property: JsonPropertyName("count")] long Count, [property: JsonPropertyName("items")] IReadOnlyList<AppConnectionJson> Items);
