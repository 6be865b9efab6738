namespace Rollcall.Core.Statistics;

/// <summary>What sessions are counted by.</summary>
public enum SpanGrouping
{
    /// <summary>All together.</summary>
    None = 0,
    Host,

    /// <summary>By the group's id; sessions whose host named no group are a group of their own.</summary>
    HostGroup,

    /// <summary>By the name as the source spelled it, ignoring case.</summary>
    User,

    /// <summary>Ignoring case; sessions of which no protocol was told are a group of their own.</summary>
    Protocol,
}

/// <summary>How many sessions were open at once in <c>[From, To)</c>. A session counts from its start until before its end; a failed one never.</summary>
/// <param name="From">A whole millisecond: where the first bucket begins.</param>
/// <param name="To">A whole millisecond: where the last bucket ends at the latest.</param>
/// <param name="Bucket">The length of each bucket, in whole milliseconds; the last may be shorter.</param>
/// <param name="Now">A whole millisecond: nothing is said of what comes after it, and an open session counts up to it.</param>
public sealed record ConcurrencyQuery(TenantId Tenant, DateTimeOffset From, DateTimeOffset To, TimeSpan Bucket, DateTimeOffset Now)
{
    public SpanGrouping By { get; init; }

    /// <summary>Series at most: those with the highest peaks.</summary>
    public int GroupsMax { get; init; } = 1;

    /// <summary>Sessions named of each peak at most: those that began last.</summary>
    public int PeakIdsMax { get; init; } = 100;

    /// <summary>Where the answer ends: the earlier of <see cref="To"/> and <see cref="Now"/>, never before <see cref="From"/>.</summary>
    public DateTimeOffset Until => To < Now ? To : Now > From ? Now : From;
}

/// <summary>How many sessions were open at once.</summary>
/// <param name="Series">Highest peak first, then the most time, then by key; one alone, for all, when nothing was grouped by.</param>
/// <param name="GroupCount">Groups that had a session open in the span, those without a series included.</param>
public sealed record Concurrency(IReadOnlyList<ConcurrencySeries> Series, int GroupCount);

/// <param name="Key">The group's; null when nothing was grouped by, and of the sessions that are in no group.</param>
/// <param name="Name">As people know it; null when it is not known.</param>
/// <param name="Peak">Null when no session was open in the span.</param>
/// <param name="Buckets">One after the other from the beginning of the span; none begins after the question was asked.</param>
public sealed record ConcurrencySeries(string? Key, string? Name, ConcurrencyPeak? Peak, IReadOnlyList<ConcurrencyBucket> Buckets);

/// <summary>The most sessions that were open at once.</summary>
/// <param name="At">The first instant at which there were so many, to the millisecond.</param>
/// <param name="Count">Exact.</param>
/// <param name="SessionIds">Of those open at that instant, the last begun first; fewer than <paramref name="Count"/> when cut at the query's bound.</param>
public sealed record ConcurrencyPeak(DateTimeOffset At, long Count, IReadOnlyList<string> SessionIds);

/// <summary>One bucket, from its start to the next one's, to the end of the span or to the question.</summary>
/// <param name="Minimum">Fewest open at any instant of it.</param>
/// <param name="Mean">Over its time.</param>
/// <param name="Maximum">Most open at any instant of it.</param>
/// <param name="MaximumAt">The first instant of it with so many.</param>
public readonly record struct ConcurrencyBucket(DateTimeOffset StartAt, long Minimum, double Mean, long Maximum, DateTimeOffset MaximumAt);
