using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Connections;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>The filters that the list and the file share, checked (contract 2.1 and 2.2).</summary>
internal static class ConnectionFilter
{
    public const int TextLengthMax = 255;

    /// <summary>Both bounds or neither, compared with the connection's start (design 3, point 6).</summary>
    public static TimeRange Times(string? startTime, string? endTime)
    {
        var start = WorkspaceBound.Of("start_time", startTime).Time;
        var end = WorkspaceBound.Of("end_time", endTime).Time;
        if (start is null != end is null)
            throw FaultException.Malformed(start is null ? "start_time" : "end_time", "present when the other bound is");

        return start?.At > end?.At
            ? throw FaultException.Malformed("start_time", "no later than end_time")
            : new TimeRange(start?.At, end?.AfterUnit);
    }

    /// <summary>Both bounds inclusive, in milliseconds; null when absent or empty.</summary>
    public static (int? Min, int? Max) DelaysMs(string minField, string? min, string maxField, string? max)
    {
        var bounds = (Min: WorkspaceText.WholeNumber(minField, min, 0, int.MaxValue), Max: WorkspaceText.WholeNumber(maxField, max, 0, int.MaxValue));
        return bounds.Min > bounds.Max ? throw FaultException.Malformed(minField, $"no more than {maxField}") : bounds;
    }

    public static string? Text(string field, string? text) => WorkspaceText.Optional(field, text, TextLengthMax);
}

/// <summary>The parameters of ListLoginRecordsNew, as text.</summary>
internal sealed record ConnectionListParameters(
    [FromQuery(Name = "start_time")] string? StartTime,
    [FromQuery(Name = "end_time")] string? EndTime,
    [FromQuery(Name = "user_name")] string? UserName,
    [FromQuery(Name = "computer_name")] string? ComputerName,
    [FromQuery(Name = "terminal_type")] string? TerminalType,
    [FromQuery(Name = "enterprise_project_id")] string? EnterpriseProjectId,
    [FromQuery(Name = "public_ip")] string? PublicIp,
    [FromQuery(Name = "min_network_rtt")] string? MinNetworkRtt,
    [FromQuery(Name = "max_network_rtt")] string? MaxNetworkRtt,
    [FromQuery(Name = "offset")] string? Offset,
    [FromQuery(Name = "limit")] string? Limit)
{
    private const int LimitDefault = 20, LimitMax = 1000; // contract 2.1; D0072

    public PageWindow ToWindow() => new(
        Skip: WorkspaceText.WholeNumber("offset", Offset, fallback: 0, min: 0, max: int.MaxValue),
        Take: WorkspaceText.WholeNumber("limit", Limit, fallback: LimitDefault, min: 1, max: LimitMax));

    public ConnectionQuery ToQuery(TenantId tenant)
    {
        var (min, max) = ConnectionFilter.DelaysMs("min_network_rtt", MinNetworkRtt, "max_network_rtt", MaxNetworkRtt);
        return new ConnectionQuery(tenant)
        {
            Requested = ConnectionFilter.Times(StartTime, EndTime),
            User = ConnectionFilter.Text("user_name", UserName),
            HostName = ConnectionFilter.Text("computer_name", ComputerName),
            ClientType = ConnectionFilter.Text("terminal_type", TerminalType),
            Subproject = ConnectionFilter.Text("enterprise_project_id", EnterpriseProjectId),
            PublicIp = ConnectionFilter.Text("public_ip", PublicIp),
            NetworkRttMsMin = min,
            NetworkRttMsMax = max,
        };
    }
}

/// <summary>The parameters of ExportUserLoginInfoNew, as text.</summary>
internal sealed record ConnectionExportParameters(
    [FromQuery(Name = "start_time")] string? StartTime,
    [FromQuery(Name = "end_time")] string? EndTime,
    [FromQuery(Name = "user_name")] string? UserName,
    [FromQuery(Name = "computer_name")] string? ComputerName,
    [FromQuery(Name = "terminal_type")] string? TerminalType,
    [FromQuery(Name = "language")] string? Language)
{
    public ConnectionQuery ToQuery(TenantId tenant) => new(tenant)
    {
        Requested = ConnectionFilter.Times(StartTime, EndTime),
        User = ConnectionFilter.Text("user_name", UserName),
        HostName = ConnectionFilter.Text("computer_name", ComputerName),
        ClientType = ConnectionFilter.Text("terminal_type", TerminalType),
    };
}
