using System.Text.Json;
using Rollcall.Core.Connections;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Server.Exports;
using static Rollcall.Server.Dialects.HuaweiWorkspace.V1.ConnectionColumns;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>The file of ExportUserConnection: the members of the list as columns, in its order.</summary>
internal sealed class UserConnectionExport(IConnectionLog log) : IExportContent
{
    private static readonly IReadOnlyList<ExportColumn<Connection>> Columns =
    [
        Text("ID", 34, connection => connection.Id),
        Text("Connection type", 16, connection => SessionInfoJson.TypeOf(connection.Kind)),
        Text("Username", 28, connection => connection.User),
        Text("Desktop group name", 24, connection => connection.Host.GroupName),
        Instant("Pre-connection time (UTC)", connection => connection.RequestedAt),
        Instant("Start time (UTC)", connection => UserConnectionJson.StartOf(connection)),
        Instant("End time (UTC)", connection => connection.EndedAt),
        Text("Server SID", 44, connection => connection.Host.Sid),
        Text("Server name", 20, connection => connection.Host.Name),
        Text("Failure cause", 30, connection => connection.Failure?.Reason),
        Text("Failure code", 16, connection => connection.Failure?.Code),
        Text("Client MAC address", 20, connection => connection.Client?.Mac),
        Text("Client name", 24, connection => connection.Client?.Name),
        Text("Client IP address", 18, connection => connection.Client?.Ip),
        Text("Client version", 16, connection => connection.Client?.Version),
        Text("Client type", 14, connection => connection.Client?.Type),
        Text("Agent version", 16, connection => connection.AgentVersion),
        Text("Server IP address", 18, connection => connection.Host.Ip),
        Text("Connection flag", 15, _ => UserConnectionJson.OnlyFlag),
        Instant("Update time (UTC)", connection => connection.ChangedAt),
        Text("Tenant ID", 34, connection => connection.Tenant.Value),
        Text("Egress IP address", 18, connection => connection.Client?.PublicIp),
    ];

    public string Kind => "workspace.user-connections";

    public Permission Needed => Permission.ExportConnections;

    public async Task<OpenedExport> OpenAsync(ExportTask task, DateTimeOffset snapshotAt, CancellationToken cancel)
    {
        var order = JsonSerializer.Deserialize(task.Filter, ConnectionOrderJson.Default.ConnectionOrderUserConnectionBody)!;
        return ExportSheets.Open("User connections", Columns, await log.OpenAsync(order.ToQuery(task.Tenant), cancel));
    }

    public ExportOrder OrderOf(ExportTask task) => ExportSheets.OrderOf(task, Columns, WorkspaceLanguages.English);
}
