using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rollcall.Core.Tabular;

/// <summary>How a CSV file is written.</summary>
public sealed record CsvTableOptions
{
    /// <summary>Comma, semicolon, tab or vertical bar.</summary>
    public char Delimiter { get; init; } = ',';

    /// <summary>Whether the file begins with U+FEFF. Excel takes a file without it for the system's own code page; scripts do better without.</summary>
    public bool ByteOrderMark { get; init; } = true;
}

/// <summary>Writes a table as CSV: RFC 4180, UTF-8, CRLF after every row, headers first.</summary>
/// <remarks>
/// <para>An empty cell is an empty field. Instants are <c>yyyy-MM-ddTHH:mm:ssZ</c>, with <c>.fff</c> when there are milliseconds; local times end in their offset; flags are
/// <c>true</c> and <c>false</c>. A field is quoted when it holds the delimiter, a quotation mark or a control character, or begins or ends with
/// white space. A lone surrogate becomes U+FFFD; every other character survives, NUL included. Text is never cut.</para>
/// <para>A text, header or cell, that a spreadsheet could run as a formula gets an apostrophe in front: one whose first visible character is
/// <c>=</c>, <c>+</c>, <c>-</c> or <c>@</c>, in ASCII or in full width, or that has a tab, CR or LF before its first visible character. White space, control
/// and format characters are not visible. Instants, numbers and flags never get one. (OWASP, "CSV Injection".)</para>
/// <para>CSV has no end mark: a torn file of more than one chunk looks whole. Take it for whole only after <see cref="CompleteAsync"/>.</para>
/// </remarks>
public sealed class CsvTableWriter : ITableWriter
{
    private const int ChunkBytes = 1 << 16, ColumnsMax = 16_384;

    /// <summary>Room to begin a run of cells with; one that does not fit makes its own.</summary>
    private const int CellBytesMin = 256;

    private static readonly SearchValues<char> _formulaStarts = SearchValues.Create("=+-@＝＋－＠");

    private readonly Stream _destination;
    private readonly TableProgress _progress;
    private readonly SearchValues<char> _quoted;
    private readonly PlainText _plain;
    private readonly byte _delimiter;
    private readonly Utf8Buffer _buffer = new(ChunkBytes);

    public CsvTableWriter(Stream destination, IReadOnlyList<TableColumn> columns, CsvTableOptions options)
    {
        if (options.Delimiter is not (',' or ';' or '\t' or '|'))
            throw new ArgumentException("the delimiter must be a comma, semicolon, tab or vertical bar", nameof(options));

        _destination = destination;
        _progress = new TableProgress(columns, ColumnsMax);
        _delimiter = (byte)options.Delimiter;
        _quoted = SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '\x7F', '"', options.Delimiter]);
        _plain = new PlainText($"\"{options.Delimiter}");
        if (options.ByteOrderMark)
            _buffer.Add("\uFEFF"u8);

        AddRow([.. columns.Select(column => TableCell.Of(column.Header))]);
    }

    public long RowCount => _progress.RowCount;

    public int SheetCount => 1;

    /// <summary>Always 0: CSV has no limit to the length of a field.</summary>
    public long CellsCut => 0;

    public async ValueTask BeginAsync(CancellationToken cancel)
    {
        _progress.Enter();
        await DrainAsync(cancel);
        await _destination.FlushAsync(cancel);
    }

    public ValueTask WriteRowAsync(ReadOnlyMemory<TableCell> row, CancellationToken cancel)
    {
        _progress.Check(row.Span);
        _progress.Enter();
        AddRow(row.Span);
        _progress.RowCount++;
        if (_buffer.IsFull)
            return DrainAsync(cancel);

        _progress.Leave();
        return default;
    }

    public async ValueTask CompleteAsync(CancellationToken cancel)
    {
        _progress.Enter();
        await _destination.WriteChunkAsync(_buffer.Waiting, cancel);
        await _destination.FlushAsync(cancel);
        _progress.Finish();
    }

    public ValueTask DisposeAsync()
    {
        if (_progress.Dispose())
            _buffer.Dispose();

        return default;
    }

    private async ValueTask DrainAsync(CancellationToken cancel)
    {
        await _destination.WriteChunkAsync(_buffer.Waiting, cancel);
        _buffer.Clear();
        _progress.Leave();
    }

    // Most cells are plain texts and empty ones: those go straight into the space that is left, anything else by way of AddField, and both add the same.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow(ReadOnlySpan<TableCell> row)
    {
        var (plain, delimiter) = (_plain, _delimiter);
        var space = _buffer.Reserve(CellBytesMin);
        var at = 0;
        foreach (ref readonly var cell in row)
        {
            var text = cell.StringOrNull;
            var utf8 = cell.Utf8;
            var length = text is null ? utf8.Length : text.Length;
            if (space.Length - at > length + PlainText.SlackBytes
                && (text is null
                    ? length == 0 ? cell.Kind == TableKind.Empty : !BeginsFormula((char)utf8[0]) && plain.TryCopy(utf8, space[at..])
                    : !BeginsFormula(text[0]) && plain.TryCopy(text, ref Unsafe.Add(ref MemoryMarshal.GetReference(space), at))))
            {
                space[at + length] = delimiter;
                at += length + 1;
                continue;
            }

            _buffer.Advance(at);
            AddField(in cell);
            _buffer.Add(delimiter);
            space = _buffer.Reserve(CellBytesMin);
            at = 0;
        }

        _buffer.Advance(at - 1); // the last delimiter gives way to the end of the row

        // An empty line is no row to most readers, so the only field of a row says that it is there.
        if (row.Length == 1 && row[0].Kind == TableKind.Empty)
            _buffer.Add("\"\""u8);

        _buffer.Add("\r\n"u8);
    }

    /// <summary>Of plain text, by its first character: one of the four, which lie within 33 characters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool BeginsFormula(char first)
    {
        const ulong starts = (1UL << ('+' - ' ')) | (1UL << ('-' - ' ')) | (1UL << ('=' - ' ')) | (1UL << ('@' - ' '));
        var place = (uint)(first - ' ');
        return place <= '@' - ' ' && ((starts >> (int)place) & 1) != 0;
    }

    private void AddField(in TableCell cell)
    {
        switch (cell.Kind)
        {
            case TableKind.Text:
                AddText(cell.Text);
                break;
            case TableKind.Instant:
                _buffer.AddIso(cell.Instant);
                break;
            case TableKind.LocalTime:
                _buffer.AddIsoLocal(cell.LocalTime);
                break;
            case TableKind.Number:
                _buffer.AddNumber(cell.Number);
                break;
            case TableKind.Flag:
                _buffer.Add(cell.Flag ? "true"u8 : "false"u8);
                break;
            case TableKind.Empty:
                break;
        }
    }

    private void AddText(ReadOnlySpan<char> text)
    {
        var apostrophe = LooksLikeFormula(text);
        if (!text.ContainsAny(_quoted) && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]))
        {
            if (apostrophe)
                _buffer.Add("'"u8);

            _buffer.AddReplacing(text);
            return;
        }

        _buffer.Add(apostrophe ? "\"'"u8 : "\""u8);
        for (var mark = text.IndexOf('"'); mark >= 0; mark = text.IndexOf('"'))
        {
            _buffer.AddReplacing(text[..mark]);
            _buffer.Add("\"\""u8);
            text = text[(mark + 1)..];
        }

        _buffer.AddReplacing(text);
        _buffer.Add("\""u8);
    }

    private static bool LooksLikeFormula(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c is '\t' or '\r' or '\n')
                return true;

            if (!IsInvisible(c))
                return _formulaStarts.Contains(c);
        }

        return false;
    }

    private static bool IsInvisible(char c) =>
        !char.IsAsciiLetterOrDigit(c)
        && (char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format);
}
