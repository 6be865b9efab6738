using System.Buffers.Binary;

namespace Rollcall.Core.Tabular.Deflate;

/// <summary>Writes blocks: with Huffman codes of their own (RFC 3.2.7), or stored (RFC 3.2.4) when that is shorter. None is final.</summary>
internal sealed class DeflateBlock
{
    /// <summary>A block's header: three bits (RFC 3.2.3).</summary>
    private const int HeaderBits = 3;

    private readonly HuffmanCode _literals = new(DeflateFormat.LiteralSymbols, DeflateFormat.CodeBitsMax);
    private readonly HuffmanCode _distances = new(DeflateFormat.DistanceSymbols, DeflateFormat.CodeBitsMax);
    private readonly CodeLengths _lengths = new();
    private readonly SequenceEncoder _encoder = new();

    // Bits that do not fill a byte yet: fewer than eight between two blocks.
    private ulong _bits;
    private int _bitCount;

    public void Begin() => (_bits, _bitCount) = (0, 0);

    /// <summary>Adds a block that stands for these bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes, RowMatches matches, Utf8Buffer to)
    {
        _literals.Make(matches.LiteralCounts);
        _distances.Make(matches.DistanceCounts);
        _lengths.Make(_literals.Bits, _distances.Bits);
        var codedBits = HeaderBits + _lengths.SizeBits + ContentBits(matches);
        if (codedBits >= StoredBits(bytes.Length))
        {
            AddStored(bytes, to);
            return;
        }

        var writer = new BitWriter(to.Reserve((int)(codedBits / 8) + BitWriter.SlackBytes), _bits, _bitCount);
        writer.Add(DeflateFormat.Dynamic << 1, HeaderBits);
        _lengths.Write(ref writer);
        _encoder.Use(_literals, _distances);
        _encoder.Write(bytes, matches.Sequences, ref writer);
        _encoder.WriteEnd(ref writer);
        (_bits, _bitCount) = writer.Rest;
        to.Advance(writer.Length);
    }

    /// <summary>Ends on a byte with an empty stored block, which zlib calls a sync flush.</summary>
    public void Flush(Utf8Buffer to) => AddStoredPiece([], to);

    private long ContentBits(RowMatches matches)
    {
        var bits = 0L;
        for (var symbol = 0; symbol < matches.LiteralCounts.Length; symbol++)
            bits += (long)matches.LiteralCounts[symbol] * _literals.Bits[symbol];

        for (var i = 0; i < DeflateFormat.Lengths.Length; i++)
            bits += (long)matches.LiteralCounts[DeflateFormat.FirstLength + i] * DeflateFormat.Lengths[i].Bits;

        for (var symbol = 0; symbol < matches.DistanceCounts.Length; symbol++)
            bits += (long)matches.DistanceCounts[symbol] * (_distances.Bits[symbol] + DeflateFormat.Distances[symbol].Bits);

        return bits;
    }

    // Each piece: its header, up to seven bits of padding, and two lengths of 16 bits.
    private static long StoredBits(int length)
    {
        var pieces = (length + DeflateFormat.StoredBytesMax - 1) / DeflateFormat.StoredBytesMax;
        return (pieces * (HeaderBits + 7 + 32L)) + (length * 8L);
    }

    private void AddStored(ReadOnlySpan<byte> bytes, Utf8Buffer to)
    {
        for (; bytes.Length > DeflateFormat.StoredBytesMax; bytes = bytes[DeflateFormat.StoredBytesMax..])
            AddStoredPiece(bytes[..DeflateFormat.StoredBytesMax], to);

        AddStoredPiece(bytes, to);
    }

    private void AddStoredPiece(ReadOnlySpan<byte> piece, Utf8Buffer to)
    {
        var writer = new BitWriter(to.Reserve(BitWriter.SlackBytes), _bits, _bitCount);
        writer.Add(DeflateFormat.Stored << 1, HeaderBits);
        writer.Align();
        to.Advance(writer.Length);
        Begin();

        Span<byte> lengths = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(lengths, (ushort)piece.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(lengths[2..], (ushort)~piece.Length);
        to.Add(lengths);
        to.Add(piece);
    }
}
