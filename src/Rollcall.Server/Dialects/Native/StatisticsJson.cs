using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;

namespace Rollcall.Server.Dialects.Native;

/// <summary>How many sessions were open at once.</summary>
/// <param name="BucketMs">Each bucket's length; the last may be shorter.</param>
/// <param name="AsOf">Open sessions count up to it, and no bucket begins after it.</param>
/// <param name="Groups">Groups that had a session open in the span.</param>
/// <param name="GroupsCut">Those of them that have no series here: their peaks are the lowest.</param>
/// <param name="LimitedBy">What cut the answer; null when nothing did.</param>
internal sealed record ConcurrencyJson(
    DateTimeOffset From, DateTimeOffset To, long BucketMs, string By, DateTimeOffset AsOf, IReadOnlyList<ConcurrencySeriesJson> Series, int Groups, int GroupsCut,
    string? LimitedBy)
{
    public static ConcurrencyJson Of(Concurrency found, ConcurrencyQuery query, string? limitedBy) => new(
        query.From, query.To, (long)query.Bucket.TotalMilliseconds, ConcurrencyParameters.WordOf(query.By), query.Now,
        [.. found.Series.Select(ConcurrencySeriesJson.From)], found.GroupCount, found.GroupCount - found.Series.Count, limitedBy);
}

/// <param name="Key">What a list of sessions is filtered by to see this group: the host's, user's or protocol's name, the group's id; null for all, or for those in no group.</param>
/// <param name="Peak">Null when no session was open in the span.</param>
internal sealed record ConcurrencySeriesJson(string? Key, string? Name, PeakJson? Peak, IReadOnlyList<BucketJson> Buckets)
{
    public static ConcurrencySeriesJson From(ConcurrencySeries series) => new(
        series.Key, series.Name,
        series.Peak is { } peak ? new PeakJson(peak.At, peak.Count, peak.SessionIds, peak.Count - peak.SessionIds.Count) : null,
        [.. series.Buckets.Select(bucket => new BucketJson(bucket.StartAt, bucket.Minimum, bucket.Mean, bucket.Maximum, bucket.MaximumAt))]);
}

/// <param name="At">The first instant at which so many were open; the list of sessions finds them all with active_at.</param>
/// <param name="SessionIds">The last begun first.</param>
/// <param name="SessionIdsCut">Sessions of the peak that are not named.</param>
internal sealed record PeakJson(DateTimeOffset At, long Sessions, IReadOnlyList<string> SessionIds, long SessionIdsCut);

/// <param name="MaximumAt">The first instant of the bucket with so many.</param>
internal sealed record BucketJson(DateTimeOffset Start, long Minimum, double Mean, long Maximum, DateTimeOffset MaximumAt);

/// <summary>What is open now, and what happened in a span.</summary>
/// <param name="LimitedBy">What cut the answer, but for what is open; null when nothing did.</param>
internal sealed record SummaryJson(
    DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, OpenJson Open, long Logons, FailuresJson Failures, DurationsJson Durations, string? LimitedBy)
{
    public static SummaryJson Of(FleetSummary found, (DateTimeOffset From, DateTimeOffset To) span, DateTimeOffset now, string? limitedBy) => new(
        span.From, span.To, now,
        new OpenJson(
            found.Open.Values.Sum(), found.Open.GetValueOrDefault(SessionState.Initializing), found.Open.GetValueOrDefault(SessionState.Active),
            found.Open.GetValueOrDefault(SessionState.Disconnected)),
        found.Logons,
        new FailuresJson(found.Failures, [.. found.FailuresByCode.Select(code => new FailureCountJson(code.Code, code.Count))], found.CodeCount - found.FailuresByCode.Count),
        new DurationsJson(found.Durations.Count, found.Durations.MedianMs, found.Durations.P95Ms), limitedBy);
}

/// <summary>Open at <c>as_of</c>.</summary>
internal sealed record OpenJson(long Count, long Initializing, long Active, long Disconnected);

/// <param name="CodesCut">Codes that are not told one by one: the rarest.</param>
internal sealed record FailuresJson(long Count, IReadOnlyList<FailureCountJson> ByCode, int CodesCut);

/// <param name="Code">Null: the source named none.</param>
internal sealed record FailureCountJson(string? Code, long Count);

/// <summary>Of sessions that ended in the span; null when none did.</summary>
internal sealed record DurationsJson(long Count, long? MedianMs, long? P95Ms);

/// <summary>One page of users.</summary>
/// <param name="LimitedBy">What cut the answer; null when nothing did.</param>
internal sealed record UsageJson(
    IReadOnlyList<UserUsageJson> Items, string? NextCursor, long? Count, DateTimeOffset From, DateTimeOffset To, DateTimeOffset AsOf, string? LimitedBy);

/// <param name="UserId">Null when the directory does not know the name.</param>
/// <param name="Hours">Within the span with at least one session open; two at once count once.</param>
/// <param name="LastSeen">When a session of theirs was last open, whatever the span; null: never, as far as history is kept.</param>
internal sealed record UserUsageJson(string User, string? UserId, long Logons, double Hours, DateTimeOffset? LastSeen)
{
    /// <summary>Of an hour: finer than a millisecond is, so that nothing is lost.</summary>
    private const int Digits = 7;

    public static UserUsageJson From(UserActivity user) => new(
        user.User, user.UserId, user.Logons, Math.Round(TimeSpan.FromMilliseconds(user.OpenMs).TotalHours, Digits), user.LastSeenAt);
}
