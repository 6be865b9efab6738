namespace Rollcall.Storage.Columns;

/// <summary>Keeps the first rows of an order while all are shown to it.</summary>
internal sealed class BestRows(int countMax)
{
    private static readonly Comparer<RowRank> _worstFirst = Comparer<RowRank>.Create((one, other) => other.CompareTo(one));

    private readonly PriorityQueue<RowRank, RowRank> kept = new(_worstFirst);

    /// <summary>No row with a higher key comes among them any more.</summary>
    public long LastKey => countMax == 0 ? long.MinValue : kept.Count < countMax ? long.MaxValue : kept.Peek().Key;

    public void Offer(RowRank rank)
    {
        if (kept.Count < countMax)
            kept.Enqueue(rank, rank);
        else if (countMax > 0 && rank.CompareTo(kept.Peek()) < 0)
            kept.EnqueueDequeue(rank, rank);
    }

    public IEnumerable<RowRank> Ordered() => kept.UnorderedItems.Select(item => item.Element).Order();
}
