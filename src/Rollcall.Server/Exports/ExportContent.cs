using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Core.Tabular;

namespace Rollcall.Server.Exports;

/// <summary>What an export writes: the columns, and the rows as they come from one snapshot of the store.</summary>
internal sealed record ExportSheet(string Name, IReadOnlyList<TableColumn> Columns, IAsyncEnumerable<ReadOnlyMemory<TableCell>> Rows);

/// <summary>One kind of export; a dialect brings it, the worker runs it.</summary>
internal interface IExportContent
{
    /// <summary>Stored with each task, so never renamed.</summary>
    string Kind { get; }

    /// <summary>Needed to start such an export and, again, to fetch its file.</summary>
    Permission Needed { get; }

    /// <summary>Opens the rows that the task's filter asks for; the snapshot is taken when the first row is read.</summary>
    ExportSheet Open(ExportTask task, CancellationToken cancel);
}

/// <summary>Every kind of export the server knows.</summary>
internal sealed class ExportContents(IEnumerable<IExportContent> all)
{
    private readonly Dictionary<string, IExportContent> byKind = all.ToDictionary(content => content.Kind, StringComparer.Ordinal);

    /// <exception cref="KeyNotFoundException">The task was stored by a newer program.</exception>
    public IExportContent Of(ExportTask task) => byKind[task.Kind];
}

/// <summary>One column and how it reads its cell from a row.</summary>
/// <param name="WidthChars">As wide as the widest usual value, in characters.</param>
internal sealed record ExportColumn<T>(string Header, TableKind Kind, int WidthChars, Func<T, TableCell> Cell);

/// <summary>Turns rows of things into rows of cells.</summary>
internal static class ExportSheets
{
    public static ExportSheet Of<T>(string name, IReadOnlyList<ExportColumn<T>> columns, IAsyncEnumerable<T> rows) => new(
        name, [.. columns.Select(column => new TableColumn(column.Header, column.Kind, column.WidthChars))], CellsOf(columns, rows));

    /// <summary>The same array serves every row: a writer is done with it when its call returns.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<TableCell>> CellsOf<T>(IReadOnlyList<ExportColumn<T>> columns, IAsyncEnumerable<T> rows)
    {
        var cells = new TableCell[columns.Count];
        await foreach (var row in rows)
        {
            for (var column = 0; column < cells.Length; column++)
                cells[column] = columns[column].Cell(row);
            yield return cells;
        }
    }
}
