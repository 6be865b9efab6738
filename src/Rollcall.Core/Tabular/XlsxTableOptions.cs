namespace Rollcall.Core.Tabular;

/// <summary>Which deflate compresses the sheets. Every program reads both, and finds the same content.</summary>
public enum XlsxCompression
{
    /// <summary>Our own, which knows where the cells are: less work and smaller files.</summary>
    Rows,

    /// <summary>The base library's DeflateStream at its fastest.</summary>
    Stream,
}

/// <summary>A sheet of names and values behind the rows, such as when and from what they were made.</summary>
/// <param name="SheetName">Made fit as <see cref="XlsxTableOptions.SheetName"/> is, and numbered if a sheet has that name already.</param>
/// <param name="NameHeader">Over the names.</param>
/// <param name="ValueHeader">Over the values.</param>
/// <param name="Lines">In order; at most <see cref="LinesMax"/>. A value is a cell of any kind.</param>
public sealed record XlsxAbout(string SheetName, string NameHeader, string ValueHeader, IReadOnlyList<(string Name, TableCell Value)> Lines)
{
    /// <summary>Our choice: it is a page to read.</summary>
    public const int LinesMax = 1000;
}

/// <summary>How a workbook is written.</summary>
public sealed record XlsxTableOptions
{
    /// <summary>Rows a sheet can hold, header included.</summary>
    /// <remarks>Source: Excel specifications and limits, "Total number of rows and columns on a worksheet".</remarks>
    public const int RowsPerSheetMax = 1_048_576;

    /// <summary>
    /// Name of the first sheet; the second is this and " 2", and so on. What Excel does not allow in a name is replaced or cut off.
    /// </summary>
    public required string SheetName { get; init; }

    /// <summary>Rows of a sheet before the next is begun, header included: 2 to <see cref="RowsPerSheetMax"/>.</summary>
    public int RowsPerSheet { get; init; } = RowsPerSheetMax;

    public XlsxCompression Compression { get; init; }

    /// <summary>
    /// What a last sheet says about the workbook, asked once all rows are written and counted; null: there is no such sheet.
    /// </summary>
    public Func<ITableWriter, XlsxAbout>? About { get; init; }

    /// <summary>Title in the document's properties; null leaves it out.</summary>
    public string? Title { get; init; }

    /// <summary>
    /// When the content was made: goes into the document's properties and onto every part. Null leaves it out, and the parts are from 1980.
    /// </summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Uncompressed bytes after which a sheet ends, whatever its rows. With the longest row it must stay below 4 GiB, see <see cref="ZipWriter"/>.</summary>
    internal long SheetBytes { get; init; } = 3L << 30;
}
