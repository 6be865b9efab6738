namespace Rollcall.Core.Tabular;

/// <summary>Writes one table, forward only, to a stream that need not seek.</summary>
/// <remarks>
/// The file is whole only once <see cref="CompleteAsync"/> has returned. Disposing before that writes nothing more, so what
/// has been written stays torn. A call that fails or is cancelled leaves the file torn for good: the writer then refuses every call but
/// dispose. One call at a time. The stream stays the caller's, open.
/// </remarks>
public interface ITableWriter : IAsyncDisposable
{
    /// <summary>Rows written so far; headers are not counted.</summary>
    long RowCount { get; }

    /// <summary>Sheets begun so far; 1 where the format has none.</summary>
    int SheetCount { get; }

    /// <summary>Cells whose text was longer than the format allows and so was cut, visibly, with an ellipsis.</summary>
    long CellsCut { get; }

    /// <summary>Hands over at once what stands before the first row, so that whoever fetches the file while its rows are still looked for sees it begin. Not needed; only before the first row.</summary>
    ValueTask BeginAsync(CancellationToken cancel);

    /// <summary>Adds a row: one cell per column, each empty or of its column's kind. The memory may be reused afterwards.</summary>
    /// <exception cref="ArgumentException">The row does not fit the columns. Nothing was written; the writer goes on.</exception>
    ValueTask WriteRowAsync(ReadOnlyMemory<TableCell> row, CancellationToken cancel);

    /// <summary>Makes the file whole and flushes the stream. A table without rows is a valid file with headers only.</summary>
    ValueTask CompleteAsync(CancellationToken cancel);
}
