using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Sessions;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>The filters of ListUserConnection and ExportUserConnection, checked (contract 5.1).</summary>
internal sealed record UserConnectionBody : IConnectionBody
{
    private const int IdLengthMax = 64, TypeLengthMax = 32, SidLengthMax = 128, TextLengthMax = 255, VersionLengthMax = 50; // contract 5.1

    [JsonPropertyName("id")] public string? Id { get; init; }
    [JsonPropertyName("connect_type")] public string? ConnectType { get; init; }
    [JsonPropertyName("user_name")] public string? UserName { get; init; }
    [JsonPropertyName("machine_sid")] public string? MachineSid { get; init; }
    [JsonPropertyName("machine_name")] public string? MachineName { get; init; }
    [JsonPropertyName("failed_reason")] public string? FailedReason { get; init; }
    [JsonPropertyName("failed_code")] public string? FailedCode { get; init; }
    [JsonPropertyName("client_name")] public string? ClientName { get; init; }
    [JsonPropertyName("client_version")] public string? ClientVersion { get; init; }
    [JsonPropertyName("client_type")] public string? ClientType { get; init; }
    [JsonPropertyName("agent_version")] public string? AgentVersion { get; init; }
    [JsonPropertyName("vm_ip")] public string? VmIp { get; init; }
    [JsonPropertyName("public_ip")] public string? PublicIp { get; init; }
    [JsonPropertyName("connect_flag")] public string? ConnectFlag { get; init; }
    [JsonPropertyName("update_time")] public string? UpdateTime { get; init; }
    [JsonPropertyName("tenant_id")] public string? TenantId { get; init; }
    [JsonPropertyName("login_start_time")] public string? LoginStartTime { get; init; }
    [JsonPropertyName("login_end_time")] public string? LoginEndTime { get; init; }

    /// <summary>Checks every member; the result can be stored and asked with.</summary>
    public static ConnectionOrder<UserConnectionBody> Read(JsonElement body, TenantId tenant, ConnectionOptions options, DateTimeOffset now)
    {
        var members = new ConnectionMembers(body);
        members.CheckTenant(tenant);
        members.RefuseUnrecorded();
        var read = new UserConnectionBody
        {
            Id = members.Text("id", IdLengthMax),
            ConnectType = members.Text("connect_type", TypeLengthMax),
            UserName = members.Text("user_name", TextLengthMax),
            MachineSid = members.Text("machine_sid", SidLengthMax),
            MachineName = members.Text("machine_name", TextLengthMax),
            FailedReason = members.Text("failed_reason", TextLengthMax),
            FailedCode = members.Text("failed_code", TextLengthMax),
            ClientName = members.Text("client_name", TextLengthMax),
            ClientVersion = members.Text("client_version", TextLengthMax),
            ClientType = members.Text("client_type", TextLengthMax),
            AgentVersion = members.Text("agent_version", VersionLengthMax),
            VmIp = members.Address("vm_ip"),
            PublicIp = members.Address("public_ip"),
            UpdateTime = members.Text("update_time", TextLengthMax),
        };
        if (members.Text("connect_flag", VersionLengthMax) is not (null or UserConnectionJson.OnlyFlag))
            throw FaultException.Malformed("connect_flag", $"{UserConnectionJson.OnlyFlag}, the only value there is");

        _ = read.ToQuery(tenant);
        return new(read, members.Window("login_start_time", "login_end_time", options, now));
    }

    public ConnectionQuery ToQuery(TenantId tenant) => new(tenant)
    {
        Id = Id,
        Kind = KindOf(ConnectType),
        User = UserName,
        HostSid = MachineSid,
        HostName = MachineName,
        FailureReason = FailedReason,
        FailureCode = FailedCode,
        ClientName = ClientName,
        ClientVersion = ClientVersion,
        ClientType = ClientType,
        AgentVersion = AgentVersion,
        HostIp = VmIp,
        PublicIp = PublicIp,
        Changed = WorkspaceBound.Of("update_time", UpdateTime).Time is { } time ? new TimeRange(time.At, time.AfterUnit) : TimeRange.Always,
    };

    private static SessionKind? KindOf(string? type) => type switch
    {
        null => null,
        "1" => SessionKind.Desktop,
        "2" => SessionKind.Application,
        _ => throw FaultException.Malformed("connect_type", "1 or 2"),
    };
}
