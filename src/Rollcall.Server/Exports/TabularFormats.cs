using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;

namespace Rollcall.Server.Exports;

/// <summary>The formats that exports write: their media types, extensions and writers.</summary>
internal static class TabularFormats
{
    /// <summary>IANA's media type for Office Open XML workbooks.</summary>
    public const string XlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>RFC 4180.</summary>
    public const string CsvType = "text/csv";

    /// <summary>As the native API takes events.</summary>
    public const string NdjsonType = "application/x-ndjson";

    public static string TypeOf(ExportFormat format) => format switch
    {
        ExportFormat.Xlsx => XlsxType,
        ExportFormat.Csv => CsvType + "; charset=utf-8",
        ExportFormat.Ndjson => NdjsonType,
    };

    public static string ExtensionOf(ExportFormat format) => format switch
    {
        ExportFormat.Xlsx => "xlsx",
        ExportFormat.Csv => "csv",
        ExportFormat.Ndjson => "ndjson",
    };

    /// <summary>Null when there is no such format.</summary>
    public static ExportFormat? Parse(string text) => text switch
    {
        "xlsx" => ExportFormat.Xlsx,
        "csv" => ExportFormat.Csv,
        "ndjson" => ExportFormat.Ndjson,
        _ => null,
    };

    public static ITableWriter WriterOf(ExportTask task, OpenedExport opened, Stream file) => task.Format switch
    {
        ExportFormat.Xlsx => new XlsxTableWriter(
            file, opened.Sheet.Columns, new XlsxTableOptions { SheetName = opened.Sheet.Name, Title = task.FileName, CreatedAt = task.CreatedAt }),
        ExportFormat.Csv => new CsvTableWriter(file, opened.Sheet.Columns, opened.Csv),
        ExportFormat.Ndjson => new NdjsonTableWriter(file, opened.Sheet.Columns),
    };
}
