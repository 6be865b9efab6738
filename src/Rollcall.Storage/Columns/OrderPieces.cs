namespace Rollcall.Storage.Columns;

/// <summary>A range of an order cut into equal pieces, with the number of rows in each.</summary>
internal sealed class OrderPieces
{
    private const int PiecesLog2 = 6;

    private readonly long[] counts = new long[1 << PiecesLog2];
    private readonly int shift;

    public OrderPieces(long first, long last)
    {
        (First, Last) = (first, last);
        var width = (ulong)last - (ulong)first;
        shift = Math.Max(0, 64 - System.Numerics.BitOperations.LeadingZeroCount(width) - PiecesLog2);
    }

    public long First { get; }

    public long Last { get; }

    public long Total { get; private set; }

    /// <summary>Whether all from the one key to the other lie in one piece.</summary>
    public bool IsOne(long first, long last) => first >= First && last <= Last && PieceOf(first) == PieceOf(last);

    /// <summary>Rows with this key; what lies outside of the range is left out.</summary>
    public void Add(long key, long rows)
    {
        if (key < First || key > Last)
            return;

        counts[PieceOf(key)] += rows;
        Total += rows;
    }

    /// <summary>The pieces that rows lie in which come after so many others.</summary>
    /// <returns>From which key to which; how many rows come before; how many lie in it.</returns>
    public ((long First, long Last) Range, long Before, long Count) Holding(long skip, int take)
    {
        var (from, before) = (0, 0L);
        while (from < counts.Length - 1 && before + counts[from] <= skip)
            before += counts[from++];
        var (to, count) = (from, counts[from]);
        while (to < counts.Length - 1 && before + count < skip + take)
            count += counts[++to];
        return ((FirstOf(from), LastOf(to)), before, count);
    }

    private int PieceOf(long key) => (int)(((ulong)key - (ulong)First) >> shift);

    private long LastOf(int piece)
    {
        var next = (ulong)(piece + 1) << shift;
        return piece == counts.Length - 1 || next > (ulong)Last - (ulong)First ? Last : FirstOf(piece + 1) - 1;
    }

    private long FirstOf(int piece) => (long)((ulong)First + ((ulong)piece << shift));
}
