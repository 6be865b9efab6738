using System.Numerics;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>Finds, in one tenant's columns, how many sessions match and which of them stand on a page.</summary>
internal sealed class ColumnSearch(TenantColumns columns, SessionQuery query, CancellationToken cancel)
{
    /// <summary>Rows of one page at most.</summary>
    public const int TakeMax = 2048;

    /// <summary>Up to so many rows the best are kept while looking; a page further on is cut out of the order piece by piece.</summary>
    private const int KeptMax = 2 * TakeMax;

    private readonly SessionCondition condition = new(query, columns);
    private readonly RowOrder order = new(query);

    public long Count()
    {
        var count = 0L;
        foreach (var (block, _) in Blocks())
            count += CountIn(block);
        return count;
    }

    /// <summary>A page by offset and the count of all matches.</summary>
    public (long[] Numbers, long Count) Page(long skip, int take)
    {
        if (skip + take > KeptMax)
            return DeepPage(skip, take);

        var best = new BestRows((int)skip + take);
        var count = Gather(best, after: null);
        return ([.. best.Ordered().Skip((int)skip).Select(order.NumberOf)], count);
    }

    /// <summary>What comes after a row, and the count of all matches, before it too.</summary>
    /// <param name="after">The key and the number of the row; null for the first page.</param>
    /// <param name="take">Rows at most, not more than <see cref="TakeMax"/> and one.</param>
    public (long[] Numbers, long Count) PageAfter((long Key, long No)? after, int take)
    {
        var best = new BestRows(take);
        var count = Gather(best, after is { } row ? order.RankOf(row.Key, row.No) : null);
        return ([.. best.Ordered().Select(order.NumberOf)], count);
    }

    private long Gather(BestRows best, RowRank? after)
    {
        var count = 0L;
        foreach (var (block, firstNo) in Blocks(order.IsFromTheEnd))
        {
            var (first, last) = order.BoundsOf(block);
            count += first > best.LastKey || last < after?.Key ? CountIn(block) : GatherIn(block, firstNo, best, after);
        }

        return count;
    }

    /// <summary>How many match.</summary>
    private long GatherIn(SessionBlock block, long firstNo, BestRows best, RowRank? after)
    {
        var (count, words) = (0L, block.Present.Length);
        for (var step = 0; step < words; step++)
        {
            var word = order.IsFromTheEnd ? words - 1 - step : step;
            var mask = condition.Match(block, word);
            count += BitOperations.PopCount(mask);
            for (mask &= mask == 0 ? 0 : order.MayReach(block, word, best.LastKey); mask != 0; mask &= mask - 1)
            {
                var index = (word * SessionBlock.WordRows) + BitOperations.TrailingZeroCount(mask);
                var rank = order.RankAt(block, index, firstNo + index);
                if (after is not { } from || rank.CompareTo(from) > 0)
                    best.Offer(rank);
            }
        }

        return count;
    }

    /// <summary>
    /// Counts how many matches each of some pieces of the order has, and looks again only into the pieces that the page lies in, until they
    /// are few. A block whose rows all lie in one piece is counted without looking at its rows one by one.
    /// </summary>
    private (long[] Numbers, long Count) DeepPage(long skip, int take)
    {
        var (range, before, total) = (WholeRange(), 0L, 0L);
        for (var isFirst = true; ; isFirst = false)
        {
            var pieces = new OrderPieces(range.First, range.Last);
            foreach (var (block, firstNo) in Blocks())
                CountPieces(pieces, block, firstNo);
            if (isFirst)
                total = pieces.Total;
            var (narrowed, skipped, count) = pieces.Holding(skip - before, take);
            before += skipped;
            if (count <= KeptMax || narrowed == range)
                return (Cut(narrowed, skip - before, take, count), total);
            range = narrowed;
        }
    }

    private void CountPieces(OrderPieces pieces, SessionBlock block, long firstNo)
    {
        var (first, last) = order.BoundsOf(block);
        if (last < pieces.First || first > pieces.Last)
            return;
        if (pieces.IsOne(first, last))
            pieces.Add(first, CountIn(block));
        else
            ForEach(block, firstNo, rank => pieces.Add(rank.Key, 1));
    }

    private long[] Cut((long First, long Last) range, long skip, int take, long count)
    {
        var found = new List<RowRank>((int)count);
        foreach (var (block, firstNo) in Blocks())
        {
            var (first, last) = order.BoundsOf(block);
            if (last >= range.First && first <= range.Last)
                ForEach(block, firstNo, rank =>
                {
                    if (rank.Key >= range.First && rank.Key <= range.Last)
                        found.Add(rank);
                });
        }

        found.Sort();
        return [.. found.Skip((int)Math.Min(skip, found.Count)).Take(take).Select(order.NumberOf)];
    }

    /// <summary>From the lowest rank of a match to the highest, or what is known to hold them.</summary>
    private (long First, long Last) WholeRange()
    {
        var (lowest, highest) = (long.MaxValue, long.MinValue);
        foreach (var (block, firstNo) in Blocks())
        {
            var (first, last) = order.BoundsOf(block);
            if (first == long.MinValue)
                ForEach(block, firstNo, rank => (lowest, highest) = (Math.Min(lowest, rank.Key), Math.Max(highest, rank.Key)));
            else
                (lowest, highest) = (Math.Min(lowest, first), Math.Max(highest, last));
        }

        return (lowest, highest);
    }

    private long CountIn(SessionBlock block)
    {
        if (condition.Covers(block))
            return block.Count;

        var count = 0;
        for (var word = 0; word < block.Present.Length; word++)
            count += BitOperations.PopCount(condition.Match(block, word));
        return count;
    }

    /// <summary>How many match.</summary>
    private long ForEach(SessionBlock block, long firstNo, Action<RowRank> see)
    {
        var count = 0;
        for (var word = 0; word < block.Present.Length; word++)
        {
            for (var mask = condition.Match(block, word); mask != 0; mask &= mask - 1)
            {
                var index = (word * SessionBlock.WordRows) + BitOperations.TrailingZeroCount(mask);
                see(order.RankAt(block, index, firstNo + index));
                count++;
            }
        }

        return count;
    }

    /// <summary>The blocks that may have a match, each with its first row's number.</summary>
    /// <param name="isFromTheEnd">Whether those with the highest numbers come first: where they hold the first rows, the others need only be counted.</param>
    private IEnumerable<(SessionBlock Block, long FirstNo)> Blocks(bool isFromTheEnd = false)
    {
        if (condition.IsNever)
            yield break;

        for (var step = 0; step < columns.Blocks.Count; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var number = isFromTheEnd ? columns.Blocks.Count - 1 - step : step;
            if (condition.MayMatch(columns.Blocks[number]))
                yield return (columns.Blocks[number], (long)number << SessionBlock.RowsMaxLog2);
        }
    }
}
