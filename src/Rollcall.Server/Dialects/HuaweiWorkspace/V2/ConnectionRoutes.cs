using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Identity;
using Rollcall.Core.Tabular;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>Connection records, listed, and as a file that is streamed while they are read: <c>/v2/{project_id}/connections/desktops</c>.</summary>
internal static class ConnectionRoutes
{
    private const string CsvType = "text/csv";

    public static void MapConnections(this RouteGroupBuilder project)
    {
        project.MapGet("connections/desktops", ListAsync).WithName("ListLoginRecordsNew").WithSummary("Query connection records");
        project.MapGet("connections/desktops/export", ExportAsync).WithName("ExportUserLoginInfoNew")
            .WithSummary("Export connection records; the answer is the file itself: xlsx, or csv with Accept: text/csv")
            .Produces<Stream>(StatusCodes.Status200OK, TabularFormats.XlsxType, CsvType);
    }

    private static async Task<JsonHttpResult<ConnectionRecordListJson>> ListAsync(
        WorkspaceCaller caller, [AsParameters] ConnectionListParameters wire, IConnectionLog log, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadConnections);
        var page = await log.FindAsync(wire.ToQuery(tenant), wire.ToWindow(), cancel);
        return TypedResults.Json(
            new ConnectionRecordListJson(page.Total ?? 0, [.. page.Items.Select(ConnectionRecordJson.From)]),
            WorkspaceJson.Wire.ConnectionRecordListJson);
    }

    private static async Task ExportAsync(
        WorkspaceCaller caller, HttpContext context, [AsParameters] ConnectionExportParameters wire, IConnectionLog log, StreamedExports streamed, ServerOptions options,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ExportConnections);
        var language = WorkspaceLanguages.Parse(wire.Language);
        var query = wire.ToQuery(tenant);
        using var place = streamed.Take(tenant);
        var sheet = ConnectionSheet.Of(log.ScanAsync(query, cancel), language);
        var isCsv = PrefersCsv(context.Request);
        var name = string.Create(CultureInfo.InvariantCulture, $"connections-{clock.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        context.Response.ContentType = isCsv ? CsvType + "; charset=utf-8" : TabularFormats.XlsxType;
        context.Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = name + (isCsv ? ".csv" : ".xlsx") }.ToString();
        await using ITableWriter table = isCsv
            ? new CsvTableWriter(context.Response.Body, sheet.Columns, new CsvTableOptions())
            : new XlsxTableWriter(context.Response.Body, sheet.Columns, new XlsxTableOptions { SheetName = sheet.Name, Compression = options.Exports.XlsxCompression() });
        await ExportSheets.StreamAsync(sheet, table, cancel);
    }

    private static bool PrefersCsv(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);
}
