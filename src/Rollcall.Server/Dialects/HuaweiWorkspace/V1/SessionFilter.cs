using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>The filters that ListSessions and ExportSessions share, checked (contract 1.1 and 1.2).</summary>
internal sealed record SessionFilter
{
    private const int UserNameLengthMax = 64;
    private const int IdLengthMax = 64;
    private const int AddressLengthMax = 64;
    private const int MachineNameLengthMax = 128;
    private const int StatesLengthMax = 256;

    public string? UserName { get; private init; }
    public string? GroupId { get; private init; }
    public string? VmIp { get; private init; }
    public string? PublicIp { get; private init; }
    public string? MachineName { get; private init; }
    public IReadOnlyList<SessionState> States { get; private init; } = [];
    public bool? IsSuccess { get; private init; }

    public static SessionFilter Of(Func<string, string?> value) => new()
    {
        UserName = WorkspaceText.Optional("user_name", value("user_name"), UserNameLengthMax),
        GroupId = WorkspaceText.Optional("app_server_group_id", value("app_server_group_id"), IdLengthMax),
        VmIp = WorkspaceText.Optional("vm_ip", value("vm_ip"), AddressLengthMax),
        PublicIp = WorkspaceText.Optional("public_ip", value("public_ip"), AddressLengthMax),
        MachineName = WorkspaceText.Optional("machine_name", value("machine_name"), MachineNameLengthMax),
        States = StatesOf(WorkspaceText.Optional("session_state", value("session_state"), StatesLengthMax)),
        IsSuccess = WorkspaceText.Flag("is_success", value("is_success")),
    };

    public static SessionFilter Of(JsonElement body) => Of(name => WorkspaceText.Member(body, name));

    public SessionQuery ToQuery(TenantId tenant) => new(tenant)
    {
        User = UserName,
        HostGroupId = GroupId,
        HostIp = VmIp,
        PublicIp = PublicIp,
        HostName = MachineName,
        States = States,
        Created = IsSuccess,
    };

    private static IReadOnlyList<SessionState> StatesOf(string? text) => text is null
        ? []
        : [.. text.Split(',', StringSplitOptions.TrimEntries).Select(word => SessionInfoJson.TryState(word)
            ?? throw FaultException.Malformed("session_state", "a comma-separated list of Active, Disconnected, AppcInit, SignedOut and InitFail"))];
}
