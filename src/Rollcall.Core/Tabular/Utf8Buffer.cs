using System.Buffers;
using System.Buffers.Text;
using System.Text.Unicode;

namespace Rollcall.Core.Tabular;

/// <summary>A pooled byte buffer that grows to the longest row and is emptied chunk by chunk.</summary>
internal sealed class Utf8Buffer(int chunkBytes) : IDisposable
{
    /// <summary>The most that may wait in the buffer, in bytes: a row longer than this is refused.</summary>
    public const int SizeBytesMax = 1 << 30;

    // The slack keeps the row that passes the chunk size from growing the buffer.
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(chunkBytes + (chunkBytes / 4));

    public int Length { get; private set; }

    /// <summary>True once a chunk's worth waits.</summary>
    public bool IsFull => Length >= chunkBytes;

    /// <summary>What waits, until the next change.</summary>
    public ReadOnlyMemory<byte> Waiting => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Room for at least so many bytes; they count once <see cref="Advance"/> is called.</summary>
    public Span<byte> Reserve(int sizeBytes)
    {
        if (_bytes.Length - Length < sizeBytes)
            Grow(sizeBytes);

        return _bytes.AsSpan(Length);
    }

    /// <summary>The same as <see cref="Reserve"/>, for who keeps it across calls.</summary>
    public Memory<byte> ReserveMemory(int sizeBytes)
    {
        if (_bytes.Length - Length < sizeBytes)
            Grow(sizeBytes);

        return _bytes.AsMemory(Length);
    }

    public void Advance(int sizeBytes) => Length += sizeBytes;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    public void Add(byte single)
    {
        Reserve(1)[0] = single;
        Length++;
    }

    public void AddNumber(long number)
    {
        const int digitsMax = 20;
        Utf8Formatter.TryFormat(number, Reserve(digitsMax), out var written);
        Length += written;
    }

    /// <summary>Adds text up to the first lone surrogate and returns how many code units were added.</summary>
    public int AddValid(ReadOnlySpan<char> text)
    {
        Utf8.FromUtf16(text, Reserve(Utf8LengthMax(text)), out var read, out var written, replaceInvalidSequences: false);
        Length += written;
        return read;
    }

    /// <summary>Adds text; each lone surrogate becomes U+FFFD.</summary>
    public void AddReplacing(ReadOnlySpan<char> text)
    {
        Utf8.FromUtf16(text, Reserve(Utf8LengthMax(text)), out _, out var written);
        Length += written;
    }

    /// <summary>Adds an instant as ISO 8601 in UTC, with milliseconds only when there are some; finer parts are dropped.</summary>
    public void AddIso(DateTimeOffset instant)
    {
        Length += IsoTime.WriteUtc(instant.UtcDateTime, HasMilliseconds(instant), Reserve(IsoTime.LengthMax));
    }

    /// <summary>Adds a wall time as ISO 8601 with its offset, with milliseconds only when there are some.</summary>
    public void AddIsoLocal(DateTimeOffset local)
    {
        Length += IsoTime.WriteLocal(local, HasMilliseconds(local), Reserve(IsoTime.LengthMax));
    }

    public static bool HasMilliseconds(DateTimeOffset instant) => instant.Millisecond != 0;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    // A UTF-16 code unit takes at most three bytes of UTF-8; a pair takes four, which is less than twice three.
    private static int Utf8LengthMax(ReadOnlySpan<char> text) => checked(text.Length * 3);

    private void Grow(int sizeBytes)
    {
        var needed = (long)Length + sizeBytes;
        if (needed > SizeBytesMax)
            throw new InvalidOperationException($"a row needs more than {SizeBytesMax} bytes");

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(SizeBytesMax, Math.Max(needed, _bytes.Length * 2L)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
