using System.Buffers.Binary;
using System.Text;

namespace Rollcall.Core.Tabular;

/// <summary>Writes a ZIP archive forward only: what is added waits in memory until <see cref="DrainAsync"/>.</summary>
/// <remarks>
/// Section numbers are those of PKWARE's APPNOTE.TXT 6.3.10. An entry stays below 4 GiB: spreadsheet programs offer to repair a file whose
/// local headers speak zip64. Only the directory at the end does, when the archive passes 4 GiB or 65 534 entries.
/// </remarks>
internal sealed class ZipWriter(Stream destination, DateTimeOffset stamp) : IDisposable
{
    private const ushort VersionPlain = 20, VersionZip64 = 45; // 4.4.3.2
    private const ushort SizesFollow = 1 << 3; // 4.4.4, bit 3
    private const ushort Stored = 0, Deflated = 8; // 4.4.5
    private const uint InZip64 = uint.MaxValue; // 4.4.8, 4.4.9, 4.4.16

    /// <summary>Room for a chunk of rows, compressed.</summary>
    private const int WaitingBytes = 1 << 18;

    private readonly List<Entry> _entries = [];
    private readonly uint _stamp = DosStamp(stamp);
    private readonly Utf8Buffer _waiting = new(WaitingBytes);
    private Entry _open;
    private long _drained;

    private long Position => _drained + _waiting.Length;

    /// <summary>Adds a small entry, uncompressed, with its sizes in front: what is first in the archive can be told by its first bytes.</summary>
    public void AddStored(string name, ReadOnlySpan<byte> bytes)
    {
        var size = (uint)bytes.Length;
        var entry = new Entry(name, Position, 0, Stored, Crc32.Append(0, bytes), size, size);
        AddLocalHeader(entry);
        _waiting.Add(bytes);
        _entries.Add(entry);
    }

    /// <summary>Opens a deflated entry; its compressed bytes follow through <see cref="Add"/> until <see cref="End"/>.</summary>
    public void Begin(string name)
    {
        _open = new Entry(name, Position, SizesFollow, Deflated, 0, 0, 0);
        AddLocalHeader(_open);
    }

    public void Add(ReadOnlySpan<byte> packed) => _waiting.Add(packed);

    /// <param name="crc">Of the bytes before compression.</param>
    /// <param name="sizeBytes">Before compression.</param>
    public void End(uint crc, long sizeBytes)
    {
        var dataAt = _open.At + LocalHeaderBytes(_open);
        _open = _open with { Crc = crc, PackedBytes = checked((uint)(Position - dataAt)), SizeBytes = checked((uint)sizeBytes) };
        _entries.Add(_open);

        var record = new Record(stackalloc byte[16]); // 4.3.9
        record.Add(0x08074b50u);
        record.Add(_open.Crc);
        record.Add(_open.PackedBytes);
        record.Add(_open.SizeBytes);
        _waiting.Add(record.Bytes);
    }

    /// <summary>Adds the directory, which makes the archive whole.</summary>
    public void Finish()
    {
        var directoryAt = Position;
        foreach (var entry in _entries)
            AddDirectoryHeader(entry);

        AddEnd(directoryAt, Position - directoryAt);
    }

    /// <summary>Hands everything that waits to the destination.</summary>
    public async ValueTask DrainAsync(CancellationToken cancel)
    {
        await destination.WriteChunkAsync(_waiting.Waiting, cancel);
        _drained += _waiting.Length;
        _waiting.Clear();
    }

    public void Dispose() => _waiting.Dispose();

    private static int LocalHeaderBytes(Entry entry) => 30 + entry.Name.Length;

    private void AddLocalHeader(Entry entry)
    {
        var record = new Record(stackalloc byte[30]); // 4.3.7
        record.Add(0x04034b50u);
        AddCommonFields(ref record, entry, VersionPlain, extraBytes: 0);
        _waiting.Add(record.Bytes);
        _waiting.Add(Encoding.ASCII.GetBytes(entry.Name));
    }

    // The fields that local and directory headers share, in the same order.
    private void AddCommonFields(ref Record record, Entry entry, ushort version, ushort extraBytes)
    {
        record.Add(version);
        record.Add(entry.Flags);
        record.Add(entry.Method);
        record.Add(_stamp);
        record.Add(entry.Crc);
        record.Add(entry.PackedBytes);
        record.Add(entry.SizeBytes);
        record.Add((ushort)entry.Name.Length);
        record.Add(extraBytes);
    }

    private void AddDirectoryHeader(Entry entry)
    {
        const ushort extraBytes = 12;
        var far = entry.At >= InZip64;
        var version = far ? VersionZip64 : VersionPlain;
        var record = new Record(stackalloc byte[46]); // 4.3.12
        record.Add(0x02014b50u);
        record.Add(version); // made by: upper byte 0, so attributes mean what they mean in MS-DOS (4.4.2)
        AddCommonFields(ref record, entry, version, far ? extraBytes : (ushort)0);
        record.Add((ushort)0); // comment length
        record.Add((ushort)0); // disk
        record.Add((ushort)0); // internal attributes
        record.Add(0u); // external attributes
        record.Add(far ? InZip64 : (uint)entry.At);
        _waiting.Add(record.Bytes);
        _waiting.Add(Encoding.ASCII.GetBytes(entry.Name));
        if (!far)
            return;

        var extra = new Record(stackalloc byte[extraBytes]); // 4.5.3
        extra.Add((ushort)0x0001);
        extra.Add((ushort)8);
        extra.Add((ulong)entry.At);
        _waiting.Add(extra.Bytes);
    }

    private void AddEnd(long directoryAt, long directoryBytes)
    {
        var far = directoryAt >= InZip64 || _entries.Count >= ushort.MaxValue;
        if (far)
            AddZip64End(directoryAt, directoryBytes);

        var count = far ? ushort.MaxValue : (ushort)_entries.Count;
        var record = new Record(stackalloc byte[22]); // 4.3.16
        record.Add(0x06054b50u);
        record.Add(0u); // this disk and the directory's
        record.Add(count);
        record.Add(count);
        record.Add(far ? InZip64 : (uint)directoryBytes);
        record.Add(far ? InZip64 : (uint)directoryAt);
        record.Add((ushort)0); // comment length
        _waiting.Add(record.Bytes);
    }

    private void AddZip64End(long directoryAt, long directoryBytes)
    {
        const int sizeBytes = 56, leadBytes = 12;
        var record = new Record(stackalloc byte[sizeBytes + 20]); // 4.3.14
        record.Add(0x06064b50u);
        record.Add((ulong)(sizeBytes - leadBytes));
        record.Add(VersionZip64);
        record.Add(VersionZip64);
        record.Add(0ul); // this disk and the directory's
        record.Add((ulong)_entries.Count);
        record.Add((ulong)_entries.Count);
        record.Add((ulong)directoryBytes);
        record.Add((ulong)directoryAt);

        record.Add(0x07064b50u); // the locator, 4.3.15
        record.Add(0u);
        record.Add((ulong)(directoryAt + directoryBytes));
        record.Add(1u);
        _waiting.Add(record.Bytes);
    }

    // MS-DOS time below, date above (4.4.6): two-second steps from 1980 to 2107.
    private static uint DosStamp(DateTimeOffset stamp)
    {
        var t = stamp.UtcDateTime;
        if (t.Year < 1980)
            t = new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        else if (t.Year > 2107)
            t = new DateTime(2107, 12, 31, 23, 59, 58, DateTimeKind.Utc);

        var date = ((t.Year - 1980) << 9) | (t.Month << 5) | t.Day;
        var time = (t.Hour << 11) | (t.Minute << 5) | (t.Second / 2);
        return ((uint)date << 16) | (uint)time;
    }

    // Names are ASCII, so that no flag has to say which encoding they are in (appendix D).
    private readonly record struct Entry(string Name, long At, ushort Flags, ushort Method, uint Crc, uint PackedBytes, uint SizeBytes);

    /// <summary>Little-endian fields, one after another (4.4.1.1).</summary>
    private ref struct Record(Span<byte> space)
    {
        private readonly Span<byte> _space = space;
        private int _length;

        public readonly ReadOnlySpan<byte> Bytes => _space[.._length];

        public void Add(ushort field)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_space[_length..], field);
            _length += sizeof(ushort);
        }

        public void Add(uint field)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_space[_length..], field);
            _length += sizeof(uint);
        }

        public void Add(ulong field)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_space[_length..], field);
            _length += sizeof(ulong);
        }
    }
}
