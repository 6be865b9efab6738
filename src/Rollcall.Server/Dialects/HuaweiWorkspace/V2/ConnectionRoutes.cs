using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Identity;
using Rollcall.Core.Tabular;
using Rollcall.Core.Users;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>Connection records as a file, streamed while they are read: <c>GET /v2/{project_id}/connections/desktops/export</c>.</summary>
internal static class ConnectionRoutes
{
    private const string CsvType = "text/csv";

    public static void MapConnections(this RouteGroupBuilder project) =>
        project.MapGet("connections/desktops/export", ExportAsync).WithName("ExportUserLoginInfoNew")
            .WithSummary("Export connection records; the answer is the file itself: xlsx, or csv with Accept: text/csv")
            .Produces<Stream>(StatusCodes.Status200OK, TabularFormats.XlsxType, CsvType);

    private static async Task ExportAsync(
        WorkspaceCaller caller, HttpContext context, [AsParameters] ConnectionExportParameters wire, IConnectionLog log, IUserDirectory directory,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ExportConnections);
        var language = WorkspaceLanguages.Parse(wire.Language);
        var query = wire.ToQuery(tenant);
        var sheet = ConnectionExport.Open(log.ScanAsync(query, cancel), language, await Subprojects.LoadAsync(directory, tenant, cancel));
        var isCsv = PrefersCsv(context.Request);
        var name = string.Create(CultureInfo.InvariantCulture, $"connections-{clock.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        context.Response.ContentType = isCsv ? CsvType + "; charset=utf-8" : TabularFormats.XlsxType;
        context.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = name + (isCsv ? ".csv" : ".xlsx") }.ToString();
        await using ITableWriter table = isCsv
            ? new CsvTableWriter(context.Response.Body, sheet.Columns, new CsvTableOptions())
            : new XlsxTableWriter(context.Response.Body, sheet.Columns, new XlsxTableOptions { SheetName = sheet.Name });
        await foreach (var row in sheet.Rows.WithCancellation(cancel))
            await table.WriteRowAsync(row, cancel);
        await table.CompleteAsync(cancel);
    }

    private static bool PrefersCsv(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);
}

/// <summary>The filters, as text.</summary>
internal sealed record ConnectionExportParameters(
    [FromQuery(Name = "start_time")] string? StartTime,
    [FromQuery(Name = "end_time")] string? EndTime,
    [FromQuery(Name = "user_name")] string? UserName,
    [FromQuery(Name = "computer_name")] string? ComputerName,
    [FromQuery(Name = "terminal_type")] string? TerminalType,
    [FromQuery(Name = "language")] string? Language)
{
    private const int TextLengthMax = 255; // contract 2.2

    /// <summary>Both bounds or neither, compared with the connection's start (design 3, point 6).</summary>
    public ConnectionQuery ToQuery(TenantId tenant)
    {
        var start = Time("start_time", StartTime);
        var end = Time("end_time", EndTime);
        if (start is null != end is null)
            throw FaultException.Malformed(start is null ? "start_time" : "end_time", "present when the other bound is");
        if (start?.At > end?.At)
            throw FaultException.Malformed("start_time", "no later than end_time");

        return new ConnectionQuery(tenant)
        {
            Requested = new TimeRange(start?.At, end?.AfterUnit),
            User = WorkspaceText.Optional("user_name", UserName, TextLengthMax),
            HostName = WorkspaceText.Optional("computer_name", ComputerName, TextLengthMax),
            ClientType = WorkspaceText.Optional("terminal_type", TerminalType, TextLengthMax),
        };
    }

    private static WorkspaceTime? Time(string field, string? text) =>
        string.IsNullOrEmpty(text) ? null : WorkspaceTime.Parse(field, text);
}
