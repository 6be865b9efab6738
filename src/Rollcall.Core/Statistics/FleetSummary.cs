using Rollcall.Core.Sessions;

namespace Rollcall.Core.Statistics;

/// <summary>What happened in <c>[From, To)</c>, and what is open now.</summary>
/// <param name="From">A whole millisecond.</param>
/// <param name="To">A whole millisecond.</param>
/// <param name="CodesMax">Failure codes told one by one at most.</param>
public sealed record SummaryQuery(TenantId Tenant, DateTimeOffset From, DateTimeOffset To, int CodesMax);

/// <param name="Open">Open sessions by state, at the question; the three states that are open.</param>
/// <param name="Logons">Sessions that began in the span and neither failed nor are still initializing.</param>
/// <param name="Failures">Sessions that began in the span and failed.</param>
/// <param name="FailuresByCode">Most first, then by code; what is beyond the query's bound stands in <paramref name="Failures"/> alone.</param>
/// <param name="CodeCount">Different codes, no code counted as one.</param>
/// <param name="Durations">Of the sessions that ended in the span and had not failed.</param>
public sealed record FleetSummary(
    IReadOnlyDictionary<SessionState, long> Open, long Logons, long Failures, IReadOnlyList<FailureCount> FailuresByCode, int CodeCount, DurationQuantiles Durations);

/// <param name="Code">Null: the source named none.</param>
public sealed record FailureCount(string? Code, long Count);

/// <summary>How long sessions lasted, in milliseconds, by nearest rank: each is the duration of a session.</summary>
/// <param name="MedianMs">At least half of them lasted no longer; null when there are none.</param>
/// <param name="P95Ms">At least 95 % of them lasted no longer; null when there are none.</param>
public sealed record DurationQuantiles(long Count, long? MedianMs, long? P95Ms)
{
    private const int Whole = 100;

    /// <param name="durationsMs">In any order; sorted in place.</param>
    public static DurationQuantiles Of(Span<long> durationsMs)
    {
        if (durationsMs.IsEmpty)
            return new DurationQuantiles(0, null, null);

        MillisecondSort.Sort(durationsMs);
        return new DurationQuantiles(durationsMs.Length, At(durationsMs, percent: 50), At(durationsMs, percent: 95));
    }

    private static long At(ReadOnlySpan<long> sorted, int percent) => sorted[(int)((((long)sorted.Length * percent) + Whole - 1) / Whole) - 1];
}
