using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Dialects.HuaweiWorkspace.V2;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V3;

/// <summary>The file of ExportUserConnectionNew: the columns of its predecessor in v2 (contract 2.3).</summary>
internal sealed class ConnectionExport(IConnectionLog log) : IExportContent
{
    public string Kind => "workspace.connections";

    /// <summary>The page asks for no permission of its own: who may take the predecessor's file may take this one (D0077).</summary>
    public Permission Needed => Permission.ExportConnections;

    public async Task<OpenedExport> OpenAsync(ExportTask task, DateTimeOffset snapshotAt, CancellationToken cancel)
    {
        var filter = FilterOf(task);
        return ConnectionSheet.Open(await log.OpenAsync(filter.ToQuery(task.Tenant), cancel), WorkspaceLanguages.Parse(filter.Language));
    }

    public ExportOrder OrderOf(ExportTask task)
    {
        var language = WorkspaceLanguages.Parse(FilterOf(task).Language);
        return ExportSheets.OrderOf(task, ConnectionSheet.ColumnsIn(language), language.Tag());
    }

    private static ConnectionExportFilter FilterOf(ExportTask task) =>
        JsonSerializer.Deserialize(task.Filter, ConnectionExportJson.Default.ConnectionExportFilter)!;
}

/// <summary>The parameters of ExportUserConnectionNew, as text.</summary>
internal sealed record ConnectionExportParameters(
    [FromQuery(Name = "start_time")] string? StartTime,
    [FromQuery(Name = "end_time")] string? EndTime,
    [FromQuery(Name = "user_name")] string? UserName,
    [FromQuery(Name = "computer_name")] string? ComputerName,
    [FromQuery(Name = "terminal_type")] string? TerminalType,
    [FromQuery(Name = "language")] string? Language,
    [FromQuery(Name = "min_e2e_rtt")] string? MinE2eRtt,
    [FromQuery(Name = "max_e2e_rtt")] string? MaxE2eRtt,
    [FromQuery(Name = "enterprise_project_id")] string? EnterpriseProjectId,
    [FromQuery(Name = "public_ip")] string? PublicIp,
    [FromQuery(Name = "domain")] string? Domain)
{
    public ConnectionExportFilter ToFilter(ConnectionOptions options, DateTimeOffset now)
    {
        _ = WorkspaceLanguages.Parse(Language);
        var (min, max) = ConnectionFilter.DelaysMs("min_e2e_rtt", MinE2eRtt, "max_e2e_rtt", MaxE2eRtt);
        return new ConnectionExportFilter
        {
            Window = WorkspaceWindow.Either(WorkspaceBound.Of("start_time", StartTime), WorkspaceBound.Of("end_time", EndTime), options.LatestDaysOnly, now),
            UserName = ConnectionFilter.Text("user_name", UserName),
            ComputerName = ConnectionFilter.Text("computer_name", ComputerName),
            TerminalType = ConnectionFilter.Text("terminal_type", TerminalType),
            Language = Language,
            MinE2eRtt = min,
            MaxE2eRtt = max,
            EnterpriseProjectId = ConnectionFilter.Text("enterprise_project_id", EnterpriseProjectId),
            PublicIp = ConnectionFilter.Text("public_ip", PublicIp),
            Domain = ConnectionFilter.Text("domain", Domain),
        };
    }
}

/// <summary>What was asked for, checked and with the window filled in: stored with the task.</summary>
internal sealed record ConnectionExportFilter
{
    [JsonPropertyName("window")] public required WorkspaceWindow Window { get; init; }
    [JsonPropertyName("user_name")] public string? UserName { get; init; }
    [JsonPropertyName("computer_name")] public string? ComputerName { get; init; }
    [JsonPropertyName("terminal_type")] public string? TerminalType { get; init; }
    [JsonPropertyName("language")] public string? Language { get; init; }
    [JsonPropertyName("min_e2e_rtt")] public int? MinE2eRtt { get; init; }
    [JsonPropertyName("max_e2e_rtt")] public int? MaxE2eRtt { get; init; }
    [JsonPropertyName("enterprise_project_id")] public string? EnterpriseProjectId { get; init; }
    [JsonPropertyName("public_ip")] public string? PublicIp { get; init; }
    [JsonPropertyName("domain")] public string? Domain { get; init; }

    public ConnectionQuery ToQuery(TenantId tenant) => new(tenant)
    {
        Requested = Window.ToRange(),
        User = UserName,
        HostName = ComputerName,
        ClientTypeContains = TerminalType,
        EndToEndRttMsMin = MinE2eRtt,
        EndToEndRttMsMax = MaxE2eRtt,
        Subproject = EnterpriseProjectId,
        PublicIp = PublicIp,
        UserDomain = Domain,
    };
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConnectionExportFilter))]
internal sealed partial class ConnectionExportJson : JsonSerializerContext;
