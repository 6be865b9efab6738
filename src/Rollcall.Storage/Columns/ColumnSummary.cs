using System.Runtime.InteropServices;
using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;

namespace Rollcall.Storage.Columns;

/// <summary>Counts what happened in a span from columns: what <see cref="Sql.SqlFleetSummary"/> counts in rows.</summary>
internal static class ColumnSummary
{
    public static FleetSummary Read(TenantColumns columns, SummaryQuery query, CancellationToken cancel)
    {
        var (fromMs, toMs) = (query.From.ToUnixTimeMilliseconds(), query.To.ToUnixTimeMilliseconds());
        var open = new Dictionary<SessionState, long> { [SessionState.Initializing] = 0, [SessionState.Active] = 0, [SessionState.Disconnected] = 0 };
        var (logons, failures, codes, durations) = (0L, 0L, new Dictionary<int, long>(), new List<long>());
        ColumnRows.ForEach(columns, endedAfterMs: long.MinValue, startedBeforeMs: long.MaxValue, Count, cancel);
        var byCode = CodesOf(columns, codes);
        return new FleetSummary(open, logons, failures, [.. byCode.Take(query.CodesMax)], byCode.Count, DurationQuantiles.Of(CollectionsMarshal.AsSpan(durations)));

        void Count(SessionBlock block, int index, long no)
        {
            var (state, startedMs, endedMs) = ((SessionState)block.States[index], block.StartedMs[index], block.EndedMs[index]);
            if (state is SessionState.Ended && endedMs >= fromMs && endedMs < toMs)
                durations.Add(endedMs - startedMs);
            if (open.TryGetValue(state, out var inState))
                open[state] = inState + 1;
            if (startedMs < fromMs || startedMs >= toMs)
                return;
            if (state is SessionState.Failed)
                (failures, codes[block.Natures[index]]) = (failures + 1, codes.GetValueOrDefault(block.Natures[index]) + 1);
            else if (state is not SessionState.Initializing)
                logons++;
        }
    }

    private static List<FailureCount> CodesOf(TenantColumns columns, Dictionary<int, long> byNature) =>
    [
        .. byNature.GroupBy(one => columns.Natures[one.Key].FailureCode, one => one.Value)
            .Select(code => new FailureCount(code.Key, code.Sum()))
            .OrderByDescending(code => code.Count).ThenBy(code => code.Code, NullsFirst),
    ];

    private static readonly Comparer<string?> NullsFirst = Comparer<string?>.Create(Utf8Compare);

    /// <summary>As the stores compare texts: by their bytes.</summary>
    private static int Utf8Compare(string? one, string? other) =>
        one is null || other is null ? (one is null ? 0 : 1) - (other is null ? 0 : 1) : System.Text.Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(other));
}
