using System.Globalization;
using System.Text;

namespace Rollcall.Core.Tabular;

/// <summary>
/// Writes a table as an Office Open XML workbook with inline strings. The same rows and options give the same bytes.
/// </summary>
/// <remarks>
/// <para>Memory does not depend on the number of rows: one chunk of about 1 MB waits, and the longest row. A full sheet is followed by another
/// with the same header. Each has a bold frozen header, a filter and column widths.</para>
/// <para>What each kind becomes, cuts and escapes included, is said at <see cref="XlsxCells"/>.</para>
/// <para>Sections cited in this folder as "§" are those of ECMA-376 Part 1, 5th edition.</para>
/// </remarks>
public sealed class XlsxTableWriter : ITableWriter
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Source: Excel specifications and limits, "Total number of rows and columns on a worksheet".</summary>
    private const int ColumnsMax = 16_384;

    private readonly XlsxTableOptions _options;
    private readonly TableProgress _progress;
    private readonly ZipWriter _zip;
    private readonly Stream _destination;
    private readonly Utf8Buffer _buffer = new(ChunkBytes);
    private readonly List<XlsxSheet> _sheets = [];

    // Header included; 0 before the first sheet.
    private int _rowsInSheet;

    public XlsxTableWriter(Stream destination, IReadOnlyList<TableColumn> columns, XlsxTableOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RowsPerSheet, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.RowsPerSheet, XlsxTableOptions.RowsPerSheetMax, nameof(options));
        _options = options;
        _progress = new TableProgress(columns, ColumnsMax);
        _destination = destination;
        _zip = new ZipWriter(destination, options.CreatedAt ?? DateTimeOffset.UnixEpoch);
    }

    public long RowCount => _progress.RowCount;

    public int SheetCount => _sheets.Count;

    /// <summary>Cells cut at <see cref="XlsxCells.TextLengthMax"/>.</summary>
    public long CellsCut => _progress.CellsCut;

    public ValueTask WriteRowAsync(ReadOnlyMemory<TableCell> row, CancellationToken cancel)
    {
        _progress.Check(row.Span);
        _progress.Enter();
        if (_buffer.IsFull || IsSheetFull)
            return WriteRowAfterAsync(row, cancel);

        AddRow(row.Span);
        _progress.Leave();
        return default;
    }

    public async ValueTask CompleteAsync(CancellationToken cancel)
    {
        _progress.Enter();
        if (_sheets.Count == 0)
            BeginSheet();

        EndSheet();
        AddStored("xl/workbook.xml", XlsxParts.Workbook(_sheets, _progress.Columns.Length));
        AddStored("xl/_rels/workbook.xml.rels", XlsxParts.WorkbookRelations(_sheets.Count));
        _zip.Finish();
        await _zip.DrainAsync(cancel);
        await _destination.FlushAsync(cancel);
        _progress.Finish();
    }

    public ValueTask DisposeAsync()
    {
        if (!_progress.Dispose())
            return default;

        _zip.Dispose();
        _buffer.Dispose();
        return default;
    }

    private bool IsSheetFull =>
        _rowsInSheet == 0 || _rowsInSheet == _options.RowsPerSheet || _zip.OpenSizeBytes + _buffer.Length >= _options.SheetBytes;

    private async ValueTask WriteRowAfterAsync(ReadOnlyMemory<TableCell> row, CancellationToken cancel)
    {
        if (IsSheetFull)
        {
            EndSheet();
            BeginSheet();
        }
        else
        {
            Compress();
        }

        await _zip.DrainAsync(cancel);
        AddRow(row.Span);
        _progress.Leave();
    }

    private void AddRow(ReadOnlySpan<TableCell> row)
    {
        _buffer.Add("<row>"u8);
        foreach (ref readonly var cell in row)
            _progress.CellsCut += XlsxCells.Add(_buffer, in cell);

        _buffer.Add("</row>"u8);
        _rowsInSheet++;
        _progress.RowCount++;
    }

    private void BeginSheet()
    {
        if (_sheets.Count == 0)
            AddLeadingParts();

        var number = _sheets.Count + 1;
        _sheets.Add(new XlsxSheet(XlsxSheet.NameOf(_options.SheetName, number), Rows: 1));
        _zip.Begin(XlsxParts.SheetPath(number));
        _buffer.Add(Encoding.UTF8.GetBytes(XlsxParts.SheetHead(_progress.Columns, number)));
        _buffer.Add("<row>"u8);
        foreach (var column in _progress.Columns)
            XlsxCells.AddHeader(_buffer, column.Header);

        _buffer.Add("</row>"u8);
        _rowsInSheet = 1;
    }

    private void EndSheet()
    {
        if (_sheets.Count == 0)
            return;

        _sheets[^1] = _sheets[^1] with { Rows = _rowsInSheet };
        var range = XlsxParts.Range(_progress.Columns.Length, _rowsInSheet);
        _buffer.Add(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"</sheetData><autoFilter ref=\"{range}\"/></worksheet>")));
        Compress();
        _zip.End();
    }

    // The number of sheets is not known yet, but the types come first; see XlsxParts.ContentTypes.
    private void AddLeadingParts()
    {
        AddStored("[Content_Types].xml", XlsxParts.ContentTypes);
        AddStored("_rels/.rels", XlsxParts.PackageRelations);
        AddStored("xl/styles.xml", XlsxParts.Styles);
        AddStored("docProps/core.xml", XlsxParts.CoreProperties(_options.Title, _options.CreatedAt));
    }

    private void AddStored(string name, string xml) => _zip.AddStored(name, Encoding.UTF8.GetBytes(xml));

    private void Compress()
    {
        _zip.Write(_buffer.Waiting.Span);
        _buffer.Clear();
    }
}
