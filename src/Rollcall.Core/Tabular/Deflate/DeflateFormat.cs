using System.Numerics;
using System.Runtime.CompilerServices;

namespace Rollcall.Core.Tabular.Deflate;

/// <summary>The numbers of the format. Sections cited in this folder as "RFC" are those of RFC 1951.</summary>
internal static class DeflateFormat
{
    /// <summary>RFC 2, "Compressed representation overview".</summary>
    public const int LengthMin = 3, LengthMax = 258, DistanceMax = 32_768;

    /// <summary>RFC 3.2.3: types of block, two bits each.</summary>
    public const int Stored = 0, Dynamic = 2;

    /// <summary>RFC 3.2.4: bytes in a stored block, whose length has 16 bits.</summary>
    public const int StoredBytesMax = ushort.MaxValue;

    /// <summary>RFC 3.2.5: literals 0 to 255, the end of the block, then lengths. 286 and 287 never occur.</summary>
    public const int EndOfBlock = 256, FirstLength = 257, LiteralSymbols = 286, DistanceSymbols = 30;

    /// <summary>RFC 3.2.7: bits of a code, and of a code for code lengths (whose own lengths are three bits wide).</summary>
    public const int CodeBitsMax = 15, LengthCodeBitsMax = 7, LengthCodeSymbols = 19;

    // RFC 3.2.5, the two tables: where each symbol's range begins and how many bits say where in it.
    private static readonly (ushort Base, byte Bits)[] _lengths =
    [
        (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2), (23, 2), (27, 2), (31, 2),
        (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
    ];

    private static readonly (ushort Base, byte Bits)[] _distances =
    [
        (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5), (97, 5), (129, 6), (193, 6),
        (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9), (2049, 10), (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12289, 12), (16385, 13), (24577, 13),
    ];

    private static readonly byte[] _symbolOfLength = MakeSymbolOfLength();

    /// <summary>A final block with the fixed codes and nothing but its end: 1, 01, 0000000 and padding (RFC 3.2.6).</summary>
    public static ReadOnlySpan<byte> EmptyFinalBlock => [0x03, 0x00];

    /// <summary>RFC 3.2.7: the order in which the lengths of the code length codes stand.</summary>
    public static ReadOnlySpan<byte> LengthCodeOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    public static ReadOnlySpan<(ushort Base, byte Bits)> Lengths => _lengths;

    public static ReadOnlySpan<(ushort Base, byte Bits)> Distances => _distances;

    /// <summary>The place in <see cref="Lengths"/> of each length from 0 to <see cref="LengthMax"/>; those below <see cref="LengthMin"/> have none.</summary>
    public static ReadOnlySpan<byte> SymbolOfLength => _symbolOfLength;

    /// <summary>The place in <see cref="Distances"/>: two symbols for every power of two, told apart by the bit below the highest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SymbolOfDistance(int distance)
    {
        var d = (uint)distance - 1;
        if (d < 4)
            return (int)d;

        var log = BitOperations.Log2(d);
        return (2 * log) + (int)((d >> (log - 1)) & 1);
    }

    private static byte[] MakeSymbolOfLength()
    {
        var symbols = new byte[LengthMax + 1];
        for (var symbol = 0; symbol < _lengths.Length; symbol++)
            symbols.AsSpan(_lengths[symbol].Base).Fill((byte)symbol);

        return symbols;
    }
}
