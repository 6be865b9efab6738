using System.Text.Json.Serialization;
using Rollcall.Core.Connections;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>A connection record, in the order of design 3a; absent members are left out (contract 2.1).</summary>
internal sealed record ConnectionRecordJson
{
    [JsonPropertyName("sid")] public required string Sid { get; init; }
    [JsonPropertyName("transaction_id")] public string? TransactionId { get; init; }
    [JsonPropertyName("computer_name")] public required string ComputerName { get; init; }
    [JsonPropertyName("user_name")] public required string UserName { get; init; }
    [JsonPropertyName("terminal_mac")] public string? TerminalMac { get; init; }
    [JsonPropertyName("terminal_name")] public string? TerminalName { get; init; }
    [JsonPropertyName("terminal_ip")] public string? TerminalIp { get; init; }
    [JsonPropertyName("client_version")] public string? ClientVersion { get; init; }
    [JsonPropertyName("terminal_type")] public string? TerminalType { get; init; }
    [JsonPropertyName("agent_version")] public string? AgentVersion { get; init; }
    [JsonPropertyName("desktop_ip")] public string? DesktopIp { get; init; }
    [JsonPropertyName("connection_start_time")] public required string ConnectionStartTime { get; init; }
    [JsonPropertyName("connection_setup_time")] public string? ConnectionSetupTime { get; init; }
    [JsonPropertyName("connection_end_time")] public string? ConnectionEndTime { get; init; }
    [JsonPropertyName("is_reconnect")] public required bool IsReconnect { get; init; }
    [JsonPropertyName("connection_failure_reason")] public string? ConnectionFailureReason { get; init; }
    [JsonPropertyName("network_rtt")] public int? NetworkRtt { get; init; }
    [JsonPropertyName("e2e_rtt")] public int? E2eRtt { get; init; }
    [JsonPropertyName("source_ip")] public string? SourceIp { get; init; }
    [JsonPropertyName("public_ip")] public string? PublicIp { get; init; }
    [JsonPropertyName("enterprise_project_id")] public string? EnterpriseProjectId { get; init; }

    public static ConnectionRecordJson From(Connection connection) => new()
    {
        Sid = connection.Id,
        TransactionId = connection.TransactionId,
        ComputerName = connection.Host.Name,
        UserName = connection.User,
        TerminalMac = connection.Client?.Mac,
        TerminalName = connection.Client?.Name,
        TerminalIp = connection.Client?.Ip,
        ClientVersion = connection.Client?.Version,
        TerminalType = connection.Client?.Type,
        AgentVersion = connection.AgentVersion,
        DesktopIp = connection.Host.Ip,
        ConnectionStartTime = WorkspaceTime.Seconds(connection.RequestedAt)!,
        ConnectionSetupTime = WorkspaceTime.Seconds(connection.EstablishedAt),
        ConnectionEndTime = WorkspaceTime.Seconds(connection.EndedAt),
        IsReconnect = connection.IsReconnect,
        ConnectionFailureReason = CauseOf(connection),
        NetworkRtt = connection.NetworkRttMs,
        E2eRtt = connection.EndToEndRttMs,
        SourceIp = connection.Client?.SourceIp,
        PublicIp = connection.Client?.PublicIp,
        EnterpriseProjectId = connection.Subproject,
    };

    /// <summary>Records have no member for a code: it stands for a reason that nobody gave.</summary>
    public static string? CauseOf(Connection connection) => connection.Failure is { } failure ? failure.Reason ?? failure.Code : null;
}

/// <summary>One page of records.</summary>
internal sealed record ConnectionRecordListJson(
    [property: JsonPropertyName("total_count")] long TotalCount, [property: JsonPropertyName("records")] IReadOnlyList<ConnectionRecordJson> Records);
