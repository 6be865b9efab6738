using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Sessions;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>The filters of ListAppConnection and ExportAppConnection, checked (contract 5.2).</summary>
internal sealed record AppConnectionBody : IConnectionBody
{
    private const int IdLengthMax = 64, SidLengthMax = 128, NameLengthMax = 1024, TextLengthMax = 255, VersionLengthMax = 50; // contract 5.2

    [JsonPropertyName("id")] public string? Id { get; init; }
    [JsonPropertyName("sid")] public string? Sid { get; init; }
    [JsonPropertyName("machine_name")] public string? MachineName { get; init; }
    [JsonPropertyName("user_name")] public string? UserName { get; init; }
    [JsonPropertyName("app_group_name")] public string? AppGroupName { get; init; }
    [JsonPropertyName("app_group_id")] public string? AppGroupId { get; init; }
    [JsonPropertyName("app_name")] public string? AppName { get; init; }
    [JsonPropertyName("failed_code")] public string? FailedCode { get; init; }
    [JsonPropertyName("connection_failure_reason")] public string? ConnectionFailureReason { get; init; }
    [JsonPropertyName("client_name")] public string? ClientName { get; init; }
    [JsonPropertyName("client_version")] public string? ClientVersion { get; init; }
    [JsonPropertyName("client_type")] public string? ClientType { get; init; }
    [JsonPropertyName("agent_version")] public string? AgentVersion { get; init; }
    [JsonPropertyName("vm_ip")] public string? VmIp { get; init; }
    [JsonPropertyName("public_ip")] public string? PublicIp { get; init; }
    [JsonPropertyName("tenant_id")] public string? TenantId { get; init; }
    [JsonPropertyName("brokering_start_time")] public string? BrokeringStartTime { get; init; }
    [JsonPropertyName("brokering_end_time")] public string? BrokeringEndTime { get; init; }

    /// <summary>Checks every member; the result can be stored and asked with.</summary>
    public static ConnectionOrder<AppConnectionBody> Read(JsonElement body, TenantId tenant, ConnectionOptions options, DateTimeOffset now)
    {
        var members = new ConnectionMembers(body);
        members.CheckTenant(tenant);
        members.RefuseUnrecorded();
        var read = new AppConnectionBody
        {
            Id = members.Text("id", IdLengthMax),
            Sid = members.Text("sid", SidLengthMax),
            MachineName = members.Text("machine_name", NameLengthMax),
            UserName = members.Text("user_name", NameLengthMax),
            AppGroupName = members.Text("app_group_name", NameLengthMax),
            AppGroupId = members.Text("app_group_id", IdLengthMax),
            AppName = members.Text("app_name", NameLengthMax),
            FailedCode = members.Text("failed_code", TextLengthMax),
            ConnectionFailureReason = members.Text("connection_failure_reason", NameLengthMax),
            ClientName = members.Text("client_name", NameLengthMax),
            ClientVersion = members.Text("client_version", VersionLengthMax),
            ClientType = members.Text("client_type", TextLengthMax),
            AgentVersion = members.Text("agent_version", VersionLengthMax),
            VmIp = members.Address("vm_ip"),
            PublicIp = members.Address("public_ip"),
        };
        return new(read, members.Window("brokering_start_time", "brokering_end_time", options, now));
    }

    /// <summary>User and application match in part, the page says so; all else is whole.</summary>
    public ConnectionQuery ToQuery(TenantId tenant) => new(tenant)
    {
        Kind = SessionKind.Application,
        Id = Id,
        HostSid = Sid,
        HostName = MachineName,
        UserContains = UserName,
        HostGroupName = AppGroupName,
        HostGroupId = AppGroupId,
        AppNameContains = AppName,
        FailureCode = FailedCode,
        FailureReason = ConnectionFailureReason,
        ClientName = ClientName,
        ClientVersion = ClientVersion,
        ClientType = ClientType,
        AgentVersion = AgentVersion,
        HostIp = VmIp,
        PublicIp = PublicIp,
    };
}
