using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Statistics;

namespace Rollcall.Server.Dialects.Native;

/// <summary>A span as text; what is left out ends now and lasts as long as the operation says.</summary>
internal sealed record SpanParameters([FromQuery(Name = "from")] string? From, [FromQuery(Name = "to")] string? To)
{
    /// <summary>The longest span of a question about statistics.</summary>
    private static readonly TimeSpan SpanMax = TimeSpan.FromDays(366);

    public static TimeSpan Day { get; } = TimeSpan.FromDays(1);

    /// <summary>Both to the whole millisecond at or after, as rows are kept.</summary>
    public (DateTimeOffset From, DateTimeOffset To) ToSpan(DateTimeOffset now, TimeSpan otherwise)
    {
        var to = NativeQuery.Instant("to", To) ?? now;
        var from = NativeQuery.Instant("from", From) ?? Before(to, otherwise);
        if (from > to)
            throw FaultException.Malformed("from", "no later than to");
        if (to - from > SpanMax)
            throw FaultException.Malformed("from", $"at most {SpanMax.Days} days before to");
        return (Up(from), Up(to));
    }

    private static DateTimeOffset Before(DateTimeOffset at, TimeSpan span) =>
        at.UtcTicks < DateTimeOffset.MinValue.UtcTicks + span.Ticks ? DateTimeOffset.MinValue : at - span;

    /// <summary>The last instant there is has no whole millisecond after it.</summary>
    private static DateTimeOffset Up(DateTimeOffset at) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(Instants.ToUnixMillisecondsUp(at), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
}

internal sealed record ConcurrencyParameters(
    [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To,
    [FromQuery(Name = "bucket")] string? Bucket,
    [FromQuery(Name = "by")] string? By)
{
    /// <summary>Buckets of a series: two months by the hour.</summary>
    public const int BucketsMax = 1500;

    /// <summary>Series of an answer: what a chart can show.</summary>
    public const int GroupsMax = 50;

    /// <summary>Sessions named of a peak; all of them are found with active_at.</summary>
    public const int PeakIdsMax = 500;

    private static readonly TimeSpan BucketDefault = TimeSpan.FromHours(1);

    public ConcurrencyQuery ToQuery(TenantId tenant, DateTimeOffset now)
    {
        var (from, to) = new SpanParameters(From, To).ToSpan(now, SpanParameters.Day);
        var bucket = NativeQuery.Duration("bucket", Bucket) ?? BucketDefault;
        if (bucket.Ticks % TimeSpan.TicksPerMillisecond != 0 || bucket < TimeSpan.FromMilliseconds(1))
            throw FaultException.Malformed("bucket", "a whole number of milliseconds, at least one");
        if ((to - from) / bucket > BucketsMax)
            throw FaultException.Malformed("bucket", $"longer: the span has more than {BucketsMax} of them");

        var by = GroupingOf(By);
        return new ConcurrencyQuery(tenant, from, to, bucket, Instants.ToMilliseconds(now))
        {
            By = by,
            GroupsMax = by is SpanGrouping.None ? 1 : GroupsMax,
            PeakIdsMax = PeakIdsMax,
        };
    }

    public static string WordOf(SpanGrouping by) => by switch
    {
        SpanGrouping.None => "none",
        SpanGrouping.Host => "host",
        SpanGrouping.HostGroup => "host_group",
        SpanGrouping.User => "user",
        SpanGrouping.Protocol => "protocol",
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, "not a grouping"),
    };

    private static SpanGrouping GroupingOf(string? text) => text is null
        ? SpanGrouping.None
        : Enum.GetValues<SpanGrouping>().Where(by => WordOf(by) == text).Cast<SpanGrouping?>().FirstOrDefault()
            ?? throw FaultException.Malformed("by", "none, host, host_group, user or protocol");
}

internal sealed record UsageParameters(
    [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To,
    [FromQuery(Name = "not_seen_for")] string? NotSeenFor,
    [FromQuery(Name = "user_contains")] string? UserContains,
    [FromQuery(Name = "order")] string? Order,
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "count")] string? Count)
{
    private static readonly TimeSpan SpanDefault = TimeSpan.FromDays(30);

    public ActivityQuery ToQuery(TenantId tenant, DateTimeOffset now)
    {
        var (from, to) = new SpanParameters(From, To).ToSpan(now, SpanDefault);
        return new ActivityQuery(tenant, from, to, now)
        {
            UserContains = NativeQuery.Text("user_contains", UserContains),
            NotSeenSince = NativeQuery.Duration("not_seen_for", NotSeenFor) is { } span ? now - span : null,
            Order = Order switch
            {
                null or "user" => ActivityOrder.ByUser,
                "-hours" => ActivityOrder.MostTime,
                "last_seen" => ActivityOrder.LastSeen,
                _ => throw FaultException.Malformed("order", "user, -hours or last_seen"),
            },
        };
    }
}
