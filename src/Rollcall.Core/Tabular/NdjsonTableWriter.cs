using System.Globalization;
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

    private readonly Stream _destination;
    private readonly TableProgress _progress;
    private readonly JsonEncodedText[] _names;
    private readonly Utf8BufferWriter _buffer = new(new Utf8Buffer(ChunkBytes));
    private readonly Utf8JsonWriter _json;

    public NdjsonTableWriter(Stream destination, IReadOnlyList<TableColumn> columns)
    {
        _destination = destination;
        _progress = new TableProgress(columns, ColumnsMax);
        var encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        _names = [.. columns.Select(column => JsonEncodedText.Encode(column.Header, encoder))];
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = encoder });
    }

    public long RowCount => _progress.RowCount;

    public int SheetCount => 1;

    /// <summary>Always 0: JSON has no limit to the length of a text.</summary>
    public long CellsCut => 0;

    public ValueTask WriteRowAsync(ReadOnlyMemory<TableCell> row, CancellationToken cancel)
    {
        _progress.Check(row.Span);
        _progress.Enter();
        AddRow(row.Span);
        _progress.RowCount++;
        if (_buffer.Inner.IsFull)
            return DrainAsync(cancel);

        _progress.Leave();
        return default;
    }

    public async ValueTask CompleteAsync(CancellationToken cancel)
    {
        _progress.Enter();
        await _destination.WriteAsync(_buffer.Inner.Waiting, cancel);
        await _destination.FlushAsync(cancel);
        _progress.Finish();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_progress.Dispose())
            return;

        await _json.DisposeAsync();
        _buffer.Inner.Dispose();
    }

    private async ValueTask DrainAsync(CancellationToken cancel)
    {
        await _destination.WriteAsync(_buffer.Inner.Waiting, cancel);
        _buffer.Inner.Clear();
        _progress.Leave();
    }

    private void AddRow(ReadOnlySpan<TableCell> row)
    {
        _json.Reset();
        _json.WriteStartObject();
        for (var i = 0; i < row.Length; i++)
        {
            _json.WritePropertyName(_names[i]);
            AddValue(row[i]);
        }

        _json.WriteEndObject();
        _json.Flush();
        _buffer.Inner.Add("\n"u8);
    }

    private void AddValue(in TableCell cell)
    {
        switch (cell.Kind)
        {
            case TableKind.Text:
                _json.WriteStringValue(cell.Text);
                break;
            case TableKind.Instant:
                AddTime(cell.Instant, "yyyy-MM-ddTHH:mm:ss.fff'Z'");
                break;
            case TableKind.LocalTime:
                AddTime(cell.LocalTime, "yyyy-MM-ddTHH:mm:ss.fffzzz");
                break;
            case TableKind.Number:
                _json.WriteNumberValue(cell.Number);
                break;
            case TableKind.Flag:
                _json.WriteBooleanValue(cell.Flag);
                break;
            case TableKind.Empty:
                _json.WriteNullValue();
                break;
        }
    }

    /// <summary>RFC 3339, to the millisecond. Raw: a time has nothing to escape, but the encoder would escape its plus sign.</summary>
    private void AddTime(DateTimeOffset time, string format)
    {
        Span<byte> quoted = stackalloc byte[31];
        quoted[0] = (byte)'"';
        time.TryFormat(quoted[1..], out var written, format, CultureInfo.InvariantCulture);
        quoted[written + 1] = (byte)'"';
        _json.WriteRawValue(quoted[..(written + 2)], skipInputValidation: true);
    }

    /// <summary>The buffer as the JSON writer wants it.</summary>
    private sealed class Utf8BufferWriter(Utf8Buffer inner) : System.Buffers.IBufferWriter<byte>
    {
        public Utf8Buffer Inner => inner;

        public void Advance(int count) => inner.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => inner.ReserveMemory(Math.Max(sizeHint, 256));

        public Span<byte> GetSpan(int sizeHint = 0) => inner.Reserve(Math.Max(sizeHint, 256));
    }
}
