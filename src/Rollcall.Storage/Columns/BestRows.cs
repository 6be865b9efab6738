namespace Rollcall.Storage.Columns;

/// <summary>Keeps the first rows of an order while all are shown to it.</summary>
internal sealed class BestRows(int countMax)
{
    private static readonly Comparer<RowRank> _worstFirst = Comparer<RowRank>.Create((one, other) => other.CompareTo(one));

    private readonly PriorityQueue<RowRank, RowRank> kept = new(_worstFirst);

    /// <summary>Whether a row with such a key, or a higher one, may be among them.</summary>
    public bool Wants(long key) => countMax > 0 && (kept.Count < countMax || key <= kept.Peek().Key);

    public void Offer(RowRank rank)
    {
        if (kept.Count < countMax)
            kept.Enqueue(rank, rank);
        else if (countMax > 0 && rank.CompareTo(kept.Peek()) < 0)
            kept.EnqueueDequeue(rank, rank);
    }

    public IEnumerable<RowRank> Ordered() => kept.UnorderedItems.Select(item => item.Element).Order();
}
