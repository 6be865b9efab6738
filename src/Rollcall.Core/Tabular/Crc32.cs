using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Rollcall.Core.Tabular;

/// <summary>The CRC-32 that ZIP demands. The base library keeps its own to itself.</summary>
/// <remarks>Source: PKWARE APPNOTE 6.3.10, 4.4.7 (polynomial 0xDEBB20E3 as stated there; bit-reversed generator 0xEDB88320).</remarks>
internal static class Crc32
{
    private const uint Generator = 0xEDB88320;
    private const int Lane = 16, Lanes = 4;

    // Eight tables let the plain path take eight bytes a step: table k advances a byte by k further bytes.
    private static readonly uint[][] _tables = MakeTables();

    // Folding a 128-bit lane over n bits multiplies its halves by x^(n+32) and x^(n-32) modulo the generator
    // (Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009).
    private static readonly Vector128<ulong> _overAllLanes = FoldBy(Lanes * Lane * 8);
    private static readonly Vector128<ulong> _overOneLane = FoldBy(Lane * 8);

    /// <summary>The checksum of what came before, followed by these bytes. The checksum of nothing is 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (!Pclmulqdq.IsSupported || bytes.Length < Lanes * Lane)
            return AppendByTable(crc, bytes);

        var whole = bytes.Length - (bytes.Length % Lane);
        return AppendByTable(AppendByFolding(crc, bytes[..whole]), bytes[whole..]);
    }

    /// <summary>The same without vector instructions.</summary>
    internal static uint AppendByTable(uint crc, ReadOnlySpan<byte> bytes)
    {
        var t = _tables;
        crc = ~crc;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t[7][(byte)low] ^ t[6][(byte)(low >> 8)] ^ t[5][(byte)(low >> 16)] ^ t[4][low >> 24]
                ^ t[3][(byte)high] ^ t[2][(byte)(high >> 8)] ^ t[1][(byte)(high >> 16)] ^ t[0][high >> 24];
        }

        foreach (var b in bytes)
            crc = t[0][(byte)(crc ^ b)] ^ (crc >> 8);

        return ~crc;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint AppendByFolding(uint crc, ReadOnlySpan<byte> bytes)
    {
        var lanes = MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes);
        var (a, b, c, d) = (lanes[0] ^ Vector128.CreateScalar((ulong)~crc), lanes[1], lanes[2], lanes[3]);
        for (lanes = lanes[Lanes..]; lanes.Length >= Lanes; lanes = lanes[Lanes..])
        {
            a = Fold(a, _overAllLanes) ^ lanes[0];
            b = Fold(b, _overAllLanes) ^ lanes[1];
            c = Fold(c, _overAllLanes) ^ lanes[2];
            d = Fold(d, _overAllLanes) ^ lanes[3];
        }

        var rest = Fold(Fold(Fold(a, _overOneLane) ^ b, _overOneLane) ^ c, _overOneLane) ^ d;
        foreach (var lane in lanes)
            rest = Fold(rest, _overOneLane) ^ lane;

        // The last lane stands for everything before it, the start value included, so its own sum starts from zero.
        return AppendByTable(~0u, MemoryMarshal.AsBytes(new ReadOnlySpan<Vector128<ulong>>(in rest)));
    }

    private static Vector128<ulong> Fold(Vector128<ulong> lane, Vector128<ulong> by) =>
        Pclmulqdq.CarrylessMultiply(lane, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, by, 0x11);

    private static Vector128<ulong> FoldBy(int bits) => Vector128.Create(PowerOfX(bits + 32), PowerOfX(bits - 32));

    // One bit further left than a residue: the product of two reversed 64-bit halves has 127 bits.
    private static ulong PowerOfX(int exponent)
    {
        var residue = 0x8000_0000u;
        for (var i = 0; i < exponent; i++)
            residue = TimesX(residue);

        return (ulong)residue << 1;
    }

    private static uint TimesX(uint residue) => (residue >> 1) ^ ((residue & 1) * Generator);

    private static uint[][] MakeTables()
    {
        var tables = new uint[8][];
        for (var k = 0; k < tables.Length; k++)
        {
            tables[k] = new uint[256];
            for (var b = 0u; b < 256; b++)
            {
                var residue = k == 0 ? b : tables[k - 1][b];
                for (var bit = 0; bit < 8; bit++)
                    residue = TimesX(residue);

                tables[k][b] = residue;
            }
        }

        return tables;
    }
}
