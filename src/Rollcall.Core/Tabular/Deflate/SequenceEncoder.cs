using System.Runtime.CompilerServices;

namespace Rollcall.Core.Tabular.Deflate;

/// <summary>Writes sequences with a block's codes.</summary>
internal sealed class SequenceEncoder
{
    // A code below, the number of its bits above: one look-up a symbol. Lengths carry the bits that follow their code as well.
    private const int CountShift = 24;
    private const uint BitsMask = (1u << CountShift) - 1;

    private readonly uint[] _literals = new uint[256];
    private readonly uint[] _lengths = new uint[DeflateFormat.LengthMax + 1];
    private readonly uint[] _distances = new uint[DeflateFormat.DistanceSymbols];
    private readonly (ushort Base, byte Bits)[] _distanceRanges = DeflateFormat.Distances.ToArray();
    private uint _end;

    /// <summary>Takes over the codes of a block.</summary>
    public void Use(HuffmanCode literals, HuffmanCode distances)
    {
        for (var literal = 0; literal < _literals.Length; literal++)
            _literals[literal] = Entry(literals, literal);

        for (var length = DeflateFormat.LengthMin; length <= DeflateFormat.LengthMax; length++)
        {
            var symbol = DeflateFormat.SymbolOfLength[length];
            var (first, bits) = DeflateFormat.Lengths[symbol];
            var code = Entry(literals, DeflateFormat.FirstLength + symbol);
            _lengths[length] = (code | ((uint)(length - first) << (int)(code >> CountShift))) + ((uint)bits << CountShift);
        }

        for (var symbol = 0; symbol < _distances.Length; symbol++)
            _distances[symbol] = Entry(distances, symbol);

        _end = Entry(literals, DeflateFormat.EndOfBlock);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<Sequence> sequences, ref BitWriter to)
    {
        // A copy in locals, which the compiler keeps in registers.
        var writer = to;
        foreach (var sequence in sequences)
        {
            WriteLiterals(bytes[..sequence.Literals], ref writer);
            if (sequence.Length == 0)
                break;

            WriteMatch(sequence, ref writer);
            bytes = bytes[(sequence.Literals + sequence.Length)..];
        }

        to = writer;
    }

    public void WriteEnd(ref BitWriter to) => to.Add(_end & BitsMask, (int)(_end >> CountShift));

    // Three codes of at most 15 bits fit beside the seven that may wait.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteLiterals(ReadOnlySpan<byte> literals, ref BitWriter to)
    {
        var codes = _literals;
        var i = 0;
        for (; i + 3 <= literals.Length; i += 3)
        {
            var (a, b, c) = (codes[literals[i]], codes[literals[i + 1]], codes[literals[i + 2]]);
            var (na, nb) = ((int)(a >> CountShift), (int)(b >> CountShift));
            var bits = (a & BitsMask) | ((ulong)(b & BitsMask) << na) | ((ulong)(c & BitsMask) << (na + nb));
            to.Add(bits, na + nb + (int)(c >> CountShift));
        }

        for (; i < literals.Length; i++)
        {
            var code = codes[literals[i]];
            to.Add(code & BitsMask, (int)(code >> CountShift));
        }
    }

    // At most 15 + 5 bits of length and 15 + 13 of distance.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteMatch(Sequence match, ref BitWriter to)
    {
        var length = _lengths[match.Length];
        var symbol = DeflateFormat.SymbolOfDistance(match.Distance);
        var (first, extra) = _distanceRanges[symbol];
        var code = _distances[symbol];
        var codeBits = (int)(code >> CountShift);
        var distance = (code & BitsMask) | ((ulong)(match.Distance - first) << codeBits);
        var lengthBits = (int)(length >> CountShift);
        to.Add((length & BitsMask) | (distance << lengthBits), lengthBits + codeBits + extra);
    }

    private static uint Entry(HuffmanCode code, int symbol) => code.Codes[symbol] | ((uint)code.Bits[symbol] << CountShift);
}
