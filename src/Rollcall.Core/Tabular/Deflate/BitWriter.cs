using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Rollcall.Core.Tabular.Deflate;

/// <summary>Packs bits from the lowest of each byte on (RFC 3.1.1).</summary>
internal ref struct BitWriter(Span<byte> space, ulong bits, int bitCount)
{
    /// <summary>Whole words are written, so the space ends so many bytes after what is meant.</summary>
    public const int SlackBytes = 2 * sizeof(ulong);

    private readonly Span<byte> _space = space;
    private ulong _bits = bits;
    private int _bitCount = bitCount;

    /// <summary>Bytes written; bits that do not fill another are in <see cref="Rest"/>.</summary>
    public int Length { get; private set; }

    public readonly (ulong Bits, int Count) Rest => (_bits, _bitCount);

    /// <summary>Adds up to 56 bits: seven may be waiting.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong bits, int count)
    {
        _bits |= bits << _bitCount;
        _bitCount += count;
        BinaryPrimitives.WriteUInt64LittleEndian(_space[Length..], _bits);
        Length += _bitCount >> 3;
        _bits >>= _bitCount & ~7;
        _bitCount &= 7;
    }

    /// <summary>Fills the last byte with zeros.</summary>
    public void Align() => Add(0, -_bitCount & 7);
}
