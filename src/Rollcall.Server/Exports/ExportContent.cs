using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Core.Tabular;

namespace Rollcall.Server.Exports;

/// <summary>What an export writes: the columns, and the rows as they are read.</summary>
internal sealed record ExportSheet(string Name, IReadOnlyList<TableColumn> Columns, IAsyncEnumerable<ReadOnlyMemory<TableCell>> Rows);

/// <summary>A sheet over one snapshot of the store, with the number of its rows; disposing lets the snapshot go.</summary>
internal sealed class OpenedExport(ExportSheet sheet, long rowsExpected, IAsyncDisposable snapshot) : IAsyncDisposable
{
    public ExportSheet Sheet => sheet;

    public long RowsExpected => rowsExpected;

    /// <summary>What a workbook's last sheet says of it; null: it has none.</summary>
    public Func<ITableWriter, XlsxAbout>? About { get; init; }

    /// <summary>How the file is written when it is CSV.</summary>
    public CsvTableOptions Csv { get; init; } = new();

    public ValueTask DisposeAsync() => snapshot.DisposeAsync();
}

/// <summary>What somebody ordered, in words for the manifest.</summary>
/// <param name="Filter">JSON of what was asked for.</param>
/// <param name="TimeZone">An IANA name; times that are not in it say so in their header.</param>
internal sealed record ExportOrder(string Filter, IReadOnlyList<string> Columns, string Language, string TimeZone);

/// <summary>One kind of export; a dialect brings it, the worker runs it.</summary>
internal interface IExportContent
{
    /// <summary>Stored with each task, so never renamed. What stands behind the last dot names the rows: sessions, users.</summary>
    string Kind { get; }

    /// <summary>Needed to start such an export and, again, to fetch its file.</summary>
    Permission Needed { get; }

    /// <summary>Takes the snapshot and counts the rows that the task's filter asks for. The caller disposes it.</summary>
    Task<OpenedExport> OpenAsync(ExportTask task, DateTimeOffset snapshotAt, CancellationToken cancel);

    /// <summary>What the task asks for, read back from its filter.</summary>
    ExportOrder OrderOf(ExportTask task);
}

/// <summary>Every kind of export the server knows.</summary>
internal sealed class ExportContents(IEnumerable<IExportContent> all)
{
    private readonly Dictionary<string, IExportContent> byKind = all.ToDictionary(content => content.Kind, StringComparer.Ordinal);

    /// <exception cref="KeyNotFoundException">The task was stored by a newer program.</exception>
    public IExportContent Of(ExportTask task) => Of(task.Kind);

    /// <exception cref="KeyNotFoundException">It was stored by a newer program.</exception>
    public IExportContent Of(string kind) => byKind[kind];

    /// <summary>Null when the task was stored by a newer program.</summary>
    public IExportContent? TryOf(ExportTask task) => TryOf(task.Kind);

    /// <summary>Null when it was stored by a newer program.</summary>
    public IExportContent? TryOf(string kind) => byKind.GetValueOrDefault(kind);

    /// <exception cref="FaultException"><see cref="FaultCode.Unavailable"/>: the task was stored by a newer program, so nobody here knows who may see it.</exception>
    public IExportContent Known(ExportTask task) =>
        TryOf(task) ?? throw FaultException.Unavailable("This server does not know what the export holds: a newer one ordered it", retryAfterSeconds: 60);

    /// <summary>What the rows of a kind are: sessions, users.</summary>
    public static string RowsOf(string kind) => kind[(kind.LastIndexOf('.') + 1)..];
}

/// <summary>One column and how it reads its cell from a row.</summary>
/// <param name="WidthChars">As wide as the widest usual value, in characters.</param>
internal sealed record ExportColumn<T>(string Header, TableKind Kind, int WidthChars, Func<T, TableCell> Cell);

/// <summary>Turns rows of things into rows of cells.</summary>
internal static class ExportSheets
{
    public static ExportSheet Of<T>(string name, IReadOnlyList<ExportColumn<T>> columns, IAsyncEnumerable<T> rows) => new(
        name, [.. columns.Select(column => new TableColumn(column.Header, column.Kind, column.WidthChars))], CellsOf(columns, rows));

    public static OpenedExport Open<T>(string name, IReadOnlyList<ExportColumn<T>> columns, RowStream<T> rows) =>
        new(Of(name, columns, rows.Rows), rows.Total, rows);

    /// <summary>The order of a dialect whose stored filter is what was asked for, and whose times are all UTC.</summary>
    public static ExportOrder OrderOf<T>(ExportTask task, IReadOnlyList<ExportColumn<T>> columns, string language) =>
        new(task.Filter, [.. columns.Select(column => column.Header)], language, TimeZone: "UTC");

    /// <summary>Writes the sheet while its rows are looked for: the file begins before the first is found, and whoever waits for it sees that.</summary>
    public static async Task StreamAsync(ExportSheet sheet, ITableWriter table, CancellationToken cancel)
    {
        await table.BeginAsync(cancel);
        await foreach (var row in sheet.Rows.WithCancellation(cancel))
            await table.WriteRowAsync(row, cancel);
        await table.CompleteAsync(cancel);
    }

    /// <summary>The same array serves every row: a writer is done with it when its call returns.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<TableCell>> CellsOf<T>(IReadOnlyList<ExportColumn<T>> columns, IAsyncEnumerable<T> rows)
    {
        Func<T, TableCell>[] makers = [.. columns.Select(column => column.Cell)];
        var cells = new TableCell[makers.Length];
        await foreach (var row in rows)
        {
            for (var column = 0; column < makers.Length; column++)
                cells[column] = makers[column](row);
            yield return cells;
        }
    }
}
