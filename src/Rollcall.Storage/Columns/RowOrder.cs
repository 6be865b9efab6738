using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>Where a row stands in a query's order: the lower the earlier, whatever the direction.</summary>
/// <param name="Key">What the order compares; complemented when the highest comes first.</param>
/// <param name="No">The session's number, in the same direction.</param>
internal readonly record struct RowRank(long Key, long No) : IComparable<RowRank>
{
    public int CompareTo(RowRank other) => Key != other.Key ? Key.CompareTo(other.Key) : No.CompareTo(other.No);
}

/// <summary>A query's order on columns: what <see cref="SessionSorts.SortKeyOf"/> says.</summary>
internal readonly struct RowOrder(SessionQuery query)
{
    private readonly SessionSort sort = query.Sort;
    private readonly long sortedMs = query.SortedAt.ToUnixTimeMilliseconds();
    private readonly long flip = query.Sort.IsDescending() ? -1 : 0;

    public RowRank RankOf(long key, long no) => new(key ^ flip, no ^ flip);

    public RowRank RankAt(SessionBlock block, int index, long no) => RankOf(KeyAt(block, index), no);

    public long NumberOf(RowRank rank) => rank.No ^ flip;

    /// <summary>No row of the block has a lower rank key than the first, nor a higher one than the second.</summary>
    public (long First, long Last) BoundsOf(SessionBlock block) => sort switch
    {
        SessionSort.NewestStart => (~block.NewestStartMs, ~block.OldestStartMs),
        SessionSort.OldestStart => (block.OldestStartMs, block.NewestStartMs),
        _ => (long.MinValue, long.MaxValue),
    };

    /// <summary>Whether the rows with the highest numbers, where they are the newest, come first.</summary>
    public bool IsFromTheEnd => sort is SessionSort.NewestStart;

    /// <summary>A bit for each of a word's rows: whether its key may be as low as this one, as far as that is told at once.</summary>
    public ulong MayReach(SessionBlock block, int word, long rankKey) => sort switch
    {
        SessionSort.NewestStart => SessionBlock.Within(block.StartedMs, word, rankKey ^ flip, long.MaxValue),
        SessionSort.OldestStart => SessionBlock.Within(block.StartedMs, word, long.MinValue, rankKey ^ flip),
        _ => ulong.MaxValue,
    };

    private long KeyAt(SessionBlock block, int index) => sort switch
    {
        SessionSort.NewestStart or SessionSort.OldestStart => block.StartedMs[index],
        SessionSort.NewestEnd => block.EndedMs[index] is var endedMs && endedMs <= sortedMs ? endedMs : SessionSorts.OpenEndMs,
        _ => Math.Max(0, Math.Min(block.EndedMs[index], sortedMs) - block.StartedMs[index]),
    };
}
