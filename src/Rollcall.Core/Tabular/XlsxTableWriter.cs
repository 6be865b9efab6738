using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Rollcall.Core.Tabular.Deflate;

namespace Rollcall.Core.Tabular;

/// <summary>
/// Writes a table as an Office Open XML workbook with inline strings. The same rows and options give the same bytes.
/// </summary>
/// <remarks>
/// <para>Memory does not depend on the number of rows: one chunk of about 1 MB is filled while another is compressed on a second core, and a chunk
/// holds the longest row. A full sheet is followed by another with the same header. Each has a bold frozen header, a filter and column widths.</para>
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
    private readonly ChunkPacker _packer;
    private readonly List<XlsxSheet> _sheets = [];
    private RowChunk _chunk;

    // Header included; 0 before the first sheet.
    private int _rowsInSheet;

    // Of the open sheet, in the chunks before this one.
    private long _bytesHandedOver;

    public XlsxTableWriter(Stream destination, IReadOnlyList<TableColumn> columns, XlsxTableOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RowsPerSheet, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.RowsPerSheet, XlsxTableOptions.RowsPerSheetMax, nameof(options));
        _options = options;
        _progress = new TableProgress(columns, ColumnsMax);
        _destination = destination;
        _zip = new ZipWriter(destination, options.CreatedAt ?? DateTimeOffset.UnixEpoch);
        _packer = new ChunkPacker(_zip, DeflateOf(options.Compression), ChunkBytes, columns.Count);
        _chunk = new RowChunk(ChunkBytes, columns.Count);
    }

    public long RowCount => _progress.RowCount;

    /// <summary>Without the one that says what the workbook is.</summary>
    public int SheetCount { get; private set; }

    /// <summary>Cells cut at <see cref="XlsxCells.TextLengthMax"/>.</summary>
    public long CellsCut => _progress.CellsCut;

    public async ValueTask BeginAsync(CancellationToken cancel)
    {
        _progress.Enter();
        if (_sheets.Count == 0)
            BeginSheet();

        await _zip.DrainAsync(cancel);
        await _destination.FlushAsync(cancel);
        _progress.Leave();
    }

    public ValueTask WriteRowAsync(ReadOnlyMemory<TableCell> row, CancellationToken cancel)
    {
        _progress.Check(row.Span);
        _progress.Enter();
        if (_chunk.Text.IsFull || IsSheetFull)
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

        await EndSheetAsync();
        if (_options.About is { } about)
            await AddAboutAsync(about(this));

        AddStored("xl/workbook.xml", XlsxParts.Workbook(_sheets));
        AddStored("xl/_rels/workbook.xml.rels", XlsxParts.WorkbookRelations(_sheets.Count));
        _zip.Finish();
        await _zip.DrainAsync(cancel);
        await _destination.FlushAsync(cancel);
        _progress.Finish();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_progress.Dispose())
            return;

        await _packer.StopAsync();
        _packer.Dispose();
        _chunk.Dispose();
        _zip.Dispose();
    }

    private static IDeflate DeflateOf(XlsxCompression compression) => compression switch
    {
        XlsxCompression.Rows => new RowDeflate(),
        XlsxCompression.Stream => new StreamDeflate(),
        _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, "no such compression"),
    };

    private bool IsSheetFull =>
        _rowsInSheet == 0 || _rowsInSheet == _options.RowsPerSheet || _bytesHandedOver + _chunk.Text.Length >= _options.SheetBytes;

    private async ValueTask WriteRowAfterAsync(ReadOnlyMemory<TableCell> row, CancellationToken cancel)
    {
        if (IsSheetFull)
        {
            await EndSheetAsync();
            BeginSheet();
        }
        else
        {
            await HandOverAsync();
        }

        await _zip.DrainAsync(cancel);
        AddRow(row.Span);
        _progress.Leave();
    }

    private void AddRow(ReadOnlySpan<TableCell> row)
    {
        AddCells(row);
        _progress.RowCount++;
    }

    // Compiled at its best at once: a short export is over before the runtime would come back to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddCells(ReadOnlySpan<TableCell> row)
    {
        _chunk.Text.Add("<row>"u8);
        foreach (ref readonly var cell in row)
            _progress.CellsCut += XlsxCells.Add(_chunk, in cell);

        _chunk.Text.Add("</row>"u8);
        _rowsInSheet++;
    }

    private void BeginSheet()
    {
        if (_sheets.Count == 0)
            AddLeadingParts();

        BeginSheet(XlsxSheet.NameOf(_options.SheetName, _sheets.Count + 1), _progress.Columns);
        SheetCount = _sheets.Count;
    }

    private void BeginSheet(string name, ReadOnlySpan<TableColumn> columns)
    {
        var number = _sheets.Count + 1;
        _sheets.Add(new XlsxSheet(name, columns.Length, Rows: 1));
        _zip.Begin(XlsxParts.SheetPath(number));
        _bytesHandedOver = 0;
        _chunk.Text.Add(Encoding.UTF8.GetBytes(XlsxParts.SheetHead(columns, number)));
        _chunk.Text.Add("<row>"u8);
        foreach (var column in columns)
            XlsxCells.AddHeader(_chunk, column.Header);

        _chunk.Text.Add("</row>"u8);
        _rowsInSheet = 1;
    }

    private async ValueTask AddAboutAsync(XlsxAbout about)
    {
        const int nameChars = 28, valueChars = 60;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(about.Lines.Count, XlsxAbout.LinesMax, nameof(about));
        BeginSheet(FreeNameOf(about.SheetName), [new(about.NameHeader, TableKind.Text, nameChars), new(about.ValueHeader, TableKind.Text, valueChars)]);
        foreach (var (name, value) in about.Lines)
            AddCells([TableCell.Of(name), value]);

        await EndSheetAsync();
    }

    private string FreeNameOf(string wanted)
    {
        var number = 1;
        while (_sheets.Exists(sheet => sheet.Name.Equals(XlsxSheet.NameOf(wanted, number), StringComparison.OrdinalIgnoreCase)))
            number++;

        return XlsxSheet.NameOf(wanted, number);
    }

    private async ValueTask EndSheetAsync()
    {
        if (_sheets.Count == 0)
            return;

        _sheets[^1] = _sheets[^1] with { Rows = _rowsInSheet };
        var range = XlsxParts.Range(_sheets[^1].Columns, _rowsInSheet);
        _chunk.Text.Add(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"</sheetData><autoFilter ref=\"{range}\"/></worksheet>")));
        await HandOverAsync();
        await _packer.EndAsync();
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

    private async ValueTask HandOverAsync()
    {
        _bytesHandedOver += _chunk.Text.Length;
        _chunk = await _packer.ExchangeAsync(_chunk);
    }
}
