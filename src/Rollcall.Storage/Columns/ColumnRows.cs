using System.Numerics;

namespace Rollcall.Storage.Columns;

/// <summary>Goes over all rows of a tenant's columns that meet a condition on their times.</summary>
internal static class ColumnRows
{
    /// <summary>Not fewer than <see cref="ForEach"/> sees, told by blocks alone.</summary>
    public static long CountMax(TenantColumns columns, long endedAfterMs, long startedBeforeMs) =>
        columns.Blocks.Where(block => MayHave(block, endedAfterMs, startedBeforeMs)).Sum(block => (long)block.Count);

    /// <summary>Sees each row that began before an instant and ended after another, open ones too.</summary>
    /// <param name="columns">Nobody writes to them meanwhile.</param>
    /// <param name="endedAfterMs">Exclusive.</param>
    /// <param name="startedBeforeMs">Exclusive.</param>
    /// <param name="see">The block, the row's place in it, and its number.</param>
    /// <param name="cancel">Looked at once a block.</param>
    public static void ForEach(TenantColumns columns, long endedAfterMs, long startedBeforeMs, Action<SessionBlock, int, long> see, CancellationToken cancel)
    {
        for (var number = 0; number < columns.Blocks.Count; number++)
        {
            cancel.ThrowIfCancellationRequested();
            var block = columns.Blocks[number];
            if (!MayHave(block, endedAfterMs, startedBeforeMs))
                continue;

            for (var word = 0; word < block.Present.Length; word++)
            {
                var mask = block.Present[word]
                    & SessionBlock.Within(block.StartedMs, word, long.MinValue, startedBeforeMs - 1) & SessionBlock.Within(block.EndedMs, word, endedAfterMs + 1, SessionBlock.Open);
                for (; mask != 0; mask &= mask - 1)
                {
                    var index = (word * SessionBlock.WordRows) + BitOperations.TrailingZeroCount(mask);
                    see(block, index, ((long)number << SessionBlock.RowsMaxLog2) + index);
                }
            }
        }
    }

    private static bool MayHave(SessionBlock block, long endedAfterMs, long startedBeforeMs) =>
        block.OldestStartMs < startedBeforeMs && block.NewestEndMs > endedAfterMs;
}
