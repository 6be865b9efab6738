namespace Rollcall.Core.Tabular.Deflate;

/// <summary>A canonical Huffman code of limited length for one block (RFC 3.2.2).</summary>
internal sealed class HuffmanCode(int symbols, int bitsMax)
{
    // A symbol's count above, its number below: sorting the keys sorts by count and settles ties, so that the same counts give the same code.
    private const int SymbolBits = 9;

    private readonly ulong[] _sorted = new ulong[symbols];
    private readonly long[] _weights = new long[2 * symbols];
    private readonly int[] _parents = new int[2 * symbols];
    private readonly int[] _depths = new int[2 * symbols];
    private readonly int[] _countOfBits = new int[DeflateFormat.CodeBitsMax + 1];

    /// <summary>Bits of each symbol's code; 0 when it does not occur.</summary>
    public byte[] Bits { get; } = new byte[symbols];

    /// <summary>Each symbol's code, its first bit lowest: codes are packed from their most significant bit on (RFC 3.1.1).</summary>
    public ushort[] Codes { get; } = new ushort[symbols];

    /// <summary>Makes the code for these counts. At least two symbols get a code, so that every code is complete, as old readers want it.</summary>
    public void Make(ReadOnlySpan<int> counts)
    {
        var used = Sort(counts);
        Array.Clear(_countOfBits);
        Grow(used);
        Limit();
        Assign(used);
    }

    private int Sort(ReadOnlySpan<int> counts)
    {
        var used = 0;
        for (var symbol = 0; symbol < counts.Length; symbol++)
        {
            if (counts[symbol] > 0)
                _sorted[used++] = ((ulong)counts[symbol] << SymbolBits) | (uint)symbol;
        }

        for (var symbol = 0; used < 2; symbol++)
        {
            if (counts[symbol] == 0)
                _sorted[used++] = (1UL << SymbolBits) | (uint)symbol;
        }

        _sorted.AsSpan(0, used).Sort();
        return used;
    }

    // Huffman's tree from two queues: leaves in order of weight, and inner nodes, which come into being in that order.
    private void Grow(int used)
    {
        for (var i = 0; i < used; i++)
            _weights[i] = (long)(_sorted[i] >> SymbolBits);

        var (leaf, inner) = (0, used);
        for (var next = used; next < (2 * used) - 1; next++)
        {
            _weights[next] = 0;
            for (var child = 0; child < 2; child++)
            {
                var least = leaf < used && (inner >= next || _weights[leaf] <= _weights[inner]) ? leaf++ : inner++;
                _weights[next] += _weights[least];
                _parents[least] = next;
            }
        }

        _depths[(2 * used) - 2] = 0;
        for (var node = (2 * used) - 3; node >= 0; node--)
        {
            _depths[node] = _depths[_parents[node]] + 1;
            if (node < used)
                _countOfBits[Math.Min(_depths[node], bitsMax)]++;
        }
    }

    // Leaves that were deeper than allowed now overfill the code. Each step takes one of them away from the deepest level and hangs it beside
    // a leaf further up, which goes down by one: that frees one place. Not optimal, but hardly ever needed.
    private void Limit()
    {
        var places = 0;
        for (var bits = 1; bits <= bitsMax; bits++)
            places += _countOfBits[bits] << (bitsMax - bits);

        for (; places > 1 << bitsMax; places--)
        {
            var bits = bitsMax - 1;
            while (_countOfBits[bits] == 0)
                bits--;

            _countOfBits[bits]--;
            _countOfBits[bits + 1] += 2;
            _countOfBits[bitsMax]--;
        }
    }

    // The rarest symbols get the longest codes; within a length codes follow the order of the symbols (RFC 3.2.2).
    private void Assign(int used)
    {
        Array.Clear(Bits);
        var rarest = 0;
        for (var bits = bitsMax; bits > 0; bits--)
        {
            for (var i = 0; i < _countOfBits[bits]; i++)
                Bits[_sorted[rarest++] & ((1 << SymbolBits) - 1)] = (byte)bits;
        }

        Span<int> next = stackalloc int[DeflateFormat.CodeBitsMax + 1];
        for (var bits = 1; bits < bitsMax; bits++)
            next[bits + 1] = (next[bits] + _countOfBits[bits]) << 1;

        for (var symbol = 0; symbol < Bits.Length; symbol++)
            Codes[symbol] = Bits[symbol] == 0 ? (ushort)0 : Reverse(next[Bits[symbol]]++, Bits[symbol]);
    }

    private static ushort Reverse(int code, int bits)
    {
        var reversed = 0;
        for (; bits > 0; bits--, code >>= 1)
            reversed = (reversed << 1) | (code & 1);

        return (ushort)reversed;
    }
}
