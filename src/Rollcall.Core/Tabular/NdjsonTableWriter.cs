using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Rollcall.Core.Tabular;

/// <summary>Writes a table as one JSON object a line, UTF-8 without a byte order mark: the columns' headers are the members' names.</summary>
/// <remarks>
/// An empty cell is null: every line has every member. Instants and local times are RFC 3339 text, numbers and flags themselves. A lone surrogate
/// becomes U+FFFD. NDJSON has no end mark: take the file for whole only after <see cref="CompleteAsync"/>.
/// </remarks>
public sealed class NdjsonTableWriter : ITableWriter
{
    private const int ChunkBytes = 1 << 16, ColumnsMax = 16_384;

    // What the encoder escapes although it allows all of Unicode: https://learn.microsoft.com/dotnet/standard/serialization/system-text-json/character-encoding, "Block list".
    private static readonly PlainText _plain = new("\"\\&'+<>`");

    private readonly Stream _destination;
    private readonly TableProgress _progress;
    // What stands before each value: the brace or comma, and the member's name.
    private readonly byte[][] _names;
    private readonly Utf8Buffer _utf8 = new(ChunkBytes);
    private readonly Utf8JsonWriter _json;

    public NdjsonTableWriter(Stream destination, IReadOnlyList<TableColumn> columns)
    {
        _destination = destination;
        _progress = new TableProgress(columns, ColumnsMax);
        var encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        _names = [.. columns.Select((column, i) => Encoding.UTF8.GetBytes($"{(i == 0 ? '{' : ',')}\"{JsonEncodedText.Encode(column.Header, encoder)}\":"))];
        _json = new Utf8JsonWriter(new BufferWriter(_utf8), new JsonWriterOptions { Encoder = encoder });
    }

    public long RowCount => _progress.RowCount;

    public int SheetCount => 1;

    /// <summary>Always 0: JSON has no limit to the length of a text.</summary>
    public long CellsCut => 0;

    /// <summary>Nothing stands before the first row but the file itself.</summary>
    public async ValueTask BeginAsync(CancellationToken cancel) => await _destination.FlushAsync(cancel);

    public ValueTask WriteRowAsync(ReadOnlyMemory<TableCell> row, CancellationToken cancel)
    {
        _progress.Check(row.Span);
        _progress.Enter();
        AddRow(row.Span);
        _progress.RowCount++;
        if (_utf8.IsFull)
            return DrainAsync(cancel);

        _progress.Leave();
        return default;
    }

    public async ValueTask CompleteAsync(CancellationToken cancel)
    {
        _progress.Enter();
        await _destination.WriteChunkAsync(_utf8.Waiting, cancel);
        await _destination.FlushAsync(cancel);
        _progress.Finish();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_progress.Dispose())
            return;

        await _json.DisposeAsync();
        _utf8.Dispose();
    }

    private async ValueTask DrainAsync(CancellationToken cancel)
    {
        await _destination.WriteChunkAsync(_utf8.Waiting, cancel);
        _utf8.Clear();
        _progress.Leave();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow(ReadOnlySpan<TableCell> row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            _utf8.Add(_names[i]);
            AddValue(in row[i]);
        }

        _utf8.Add("}\n"u8);
    }

    private void AddValue(in TableCell cell)
    {
        switch (cell.Kind)
        {
            case TableKind.Text:
                AddText(in cell);
                break;
            case TableKind.Instant:
                AddTime(IsoTime.WriteUtc(cell.Instant.UtcDateTime, withMilliseconds: true, OpenTime()));
                break;
            case TableKind.LocalTime:
                AddTime(IsoTime.WriteLocal(cell.LocalTime, withMilliseconds: true, OpenTime()));
                break;
            case TableKind.Number:
                _utf8.AddNumber(cell.Number);
                break;
            case TableKind.Flag:
                _utf8.Add(cell.Flag ? "true"u8 : "false"u8);
                break;
            case TableKind.Empty:
                _utf8.Add("null"u8);
                break;
        }
    }

    /// <summary>A plain text is itself between quotation marks; the JSON writer escapes any other.</summary>
    private void AddText(in TableCell cell)
    {
        var utf8 = cell.Utf8;
        var text = cell.StringOrNull;
        var length = text is null ? utf8.Length : text.Length;
        var space = _utf8.Reserve(length + PlainText.SlackBytes + 2);
        if (text is null ? _plain.TryCopy(utf8, space[1..]) : _plain.TryCopy(text, ref space[1]))
        {
            space[0] = space[length + 1] = (byte)'"';
            _utf8.Advance(length + 2);
            return;
        }

        _json.Reset();
        _json.WriteStringValue(cell.Text);
        _json.Flush();
    }

    /// <summary>RFC 3339, to the millisecond, between quotation marks. Not by the JSON writer: a time has nothing to escape, but its encoder would escape the plus sign.</summary>
    private Span<byte> OpenTime() => _utf8.Reserve(IsoTime.LengthMax + 2)[1..];

    private void AddTime(int length)
    {
        var space = _utf8.Reserve(length + 2);
        space[0] = space[length + 1] = (byte)'"';
        _utf8.Advance(length + 2);
    }

    /// <summary>The buffer as the JSON writer wants it.</summary>
    private sealed class BufferWriter(Utf8Buffer inner) : System.Buffers.IBufferWriter<byte>
    {
        public void Advance(int count) => inner.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => inner.ReserveMemory(Math.Max(sizeHint, 256));

        public Span<byte> GetSpan(int sizeHint = 0) => inner.Reserve(Math.Max(sizeHint, 256));
    }
}
