using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rollcall.Core.Tabular.Deflate;

/// <summary>So many literals, then a match; a length of 0 ends the block after the literals.</summary>
internal readonly record struct Sequence(int Literals, ushort Length, ushort Distance0)
{
    /// <summary>From 1; kept less one, because <see cref="DeflateFormat.DistanceMax"/> does not fit 16 bits.</summary>
    public int Distance => Distance0 + 1;
}

/// <summary>Finds what repeats in rows whose cells are known, and counts the symbols of a block.</summary>
/// <remarks>
/// At the end of each value one match is tried: the same column of the row before. It swallows the markup up to the next value and what that value has in
/// common with the one above, whole equal cells included. Where a value goes its own way, one more is tried: the last place with the
/// same <see cref="HashBytes"/> bytes. Everything else is a literal.
/// </remarks>
internal sealed class RowMatches
{
    /// <summary>A block ends after so many sequences, or bytes: ours, to bound the buffer and to let codes follow the rows. A chunk is one block, usually.</summary>
    private const int SequencesMax = 1 << 16, BlockBytesMax = 1 << 21;

    /// <summary>What one mark can add at most: two matches of the longest kind, in pieces.</summary>
    private const int SequencesOfMarkMax = 2 * ((BlockBytesMax / (DeflateFormat.LengthMax - DeflateFormat.LengthMin)) + 2);

    /// <summary>The shortest match worth its distance, against literals of about five bits: our estimate.</summary>
    private const int MatchMin = 6;

    /// <summary>Long enough to reach into the markup after a short value, so that what is found is a whole value; a word, so that it is read at once. Our choice.</summary>
    private const int HashBytes = 8;

    /// <summary>Four thousand places cover the cells of a window of rows, and fit the first-level cache.</summary>
    private const int HashBits = 12;

    /// <summary>In a text longer than this every place is tried: it is prose, not an id.</summary>
    private const int ShortTextBytes = 96;

    // Positions plus one; 0 is none.
    private readonly int[] _places = new int[1 << HashBits];
    private readonly Sequence[] _sequences = new Sequence[SequencesMax + 1];
    private readonly byte[] _symbolOfLength = DeflateFormat.SymbolOfLength.ToArray();
    private int _count;
    private int _mark;
    private int _literalsFrom;

    /// <summary>The block's sequences, in order.</summary>
    public ReadOnlySpan<Sequence> Sequences => _sequences.AsSpan(0, _count);

    public int[] LiteralCounts { get; } = new int[DeflateFormat.LiteralSymbols];

    public int[] DistanceCounts { get; } = new int[DeflateFormat.DistanceSymbols];

    /// <summary>Begins another chunk: nothing before it is referred to.</summary>
    public void Begin()
    {
        Array.Clear(_places);
        _mark = 0;
    }

    /// <summary>Finds the sequences of one block that begins here, and returns where it ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> marks, int columns, int from)
    {
        Array.Clear(LiteralCounts);
        Array.Clear(DistanceCounts);
        _count = 0;
        _literalsFrom = from;
        var at = from;
        for (; _mark < marks.Length && HasRoom && at - from < BlockBytesMax; _mark++)
        {
            if (marks[_mark] < at || marks[_mark] > bytes.Length)
                continue;

            at = Match(bytes, at, marks[_mark], _mark < columns ? -1 : marks[_mark - columns]);
        }

        var end = _mark < marks.Length ? at : bytes.Length;
        AddLiterals(bytes, end);
        _sequences[_count++] = new Sequence(end - _literalsFrom, 0, 0);
        LiteralCounts[DeflateFormat.EndOfBlock]++;
        return end;
    }

    private bool HasRoom => _count < SequencesMax - SequencesOfMarkMax;

    /// <summary>Matches from here to the mark and beyond, and returns how far it came.</summary>
    /// <param name="above">The mark of the same column in the row before; -1 if there is none.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Match(ReadOnlySpan<byte> bytes, int at, int mark, int above)
    {
        var isNear = above >= 0 && above < mark && mark - above <= DeflateFormat.DistanceMax;
        var length = isNear ? CommonLength(bytes, mark, above) : 0;
        if (at < mark)
        {
            at = MatchText(bytes, at, mark, mark + length);
            if (at > mark)
                return at;
        }

        if (length < MatchMin)
            return Math.Max(at, mark);

        var start = mark;
        while (start > _literalsFrom && above > 0 && bytes[start - 1] == bytes[above - 1])
            (start, above) = (start - 1, above - 1);

        Add(bytes, start, mark + length, start - above);
        return mark + length;
    }

    /// <summary>Tries what the row above does not have: the text between here and the mark. Returns past the mark only when it comes further than the row above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int MatchText(ReadOnlySpan<byte> bytes, int at, int mark, int aboveEnd)
    {
        var step = mark - at > ShortTextBytes ? 1 : ShortTextBytes;
        while (at < mark && at + HashBytes <= bytes.Length && HasRoom)
        {
            ref var place = ref _places[HashOf(bytes, at)];
            var candidate = place - 1;
            place = at + 1;
            if (candidate < 0 || at - candidate > DeflateFormat.DistanceMax)
            {
                at += step;
                continue;
            }

            var end = at + CommonLength(bytes, at, candidate);
            if (end > mark && end < aboveEnd)
                end = mark;

            if (end - at < MatchMin)
            {
                at += step;
                continue;
            }

            Add(bytes, at, end, at - candidate);
            at = end;
        }

        return at > mark && _literalsFrom == at ? at : mark;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(ReadOnlySpan<byte> bytes, int start, int end, int distance)
    {
        AddLiterals(bytes, start);
        var literals = start - _literalsFrom;
        DistanceCounts[DeflateFormat.SymbolOfDistance(distance)] += Pieces(end - start);
        for (var left = end - start; left > 0;)
        {
            // No piece may be shorter than the format knows.
            var length = left <= DeflateFormat.LengthMax ? left : Math.Min(DeflateFormat.LengthMax, left - DeflateFormat.LengthMin);
            LiteralCounts[DeflateFormat.FirstLength + _symbolOfLength[length]]++;
            _sequences[_count++] = new Sequence(literals, (ushort)length, (ushort)(distance - 1));
            (literals, left) = (0, left - length);
        }

        _literalsFrom = end;
    }

    private static int Pieces(int length) => (length + DeflateFormat.LengthMax - 1) / DeflateFormat.LengthMax;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddLiterals(ReadOnlySpan<byte> bytes, int end)
    {
        var counts = LiteralCounts;
        foreach (var literal in bytes[_literalsFrom..end])
            counts[literal]++;
    }

    // Most matches are markup and a little more: two comparisons. The base library's own search costs as much again in calls, and does the rest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CommonLength(ReadOnlySpan<byte> bytes, int at, int earlier)
    {
        var lengthMax = Math.Min(bytes.Length - at, BlockBytesMax);
        var length = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; length + Vector256<byte>.Count <= lengthMax; length += Vector256<byte>.Count)
            {
                var equal = Vector256.Equals(Vector256.Create(bytes[(at + length)..]), Vector256.Create(bytes[(earlier + length)..]));
                var differing = ~equal.ExtractMostSignificantBits();
                if (differing != 0)
                    return length + BitOperations.TrailingZeroCount(differing);
            }
        }

        return length + bytes[(at + length)..(at + lengthMax)].CommonPrefixLength(bytes[(earlier + length)..]);
    }

    // Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): the multiplier is 2^64 by the golden ratio.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int HashOf(ReadOnlySpan<byte> bytes, int at) =>
        (int)((BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]) * 0x9E3779B97F4A7C15) >> (64 - HashBits));
}
