namespace Rollcall.Core;

/// <summary>A half-open span of time, <c>[From, To)</c>, UTC. A null end is unbounded.</summary>
public sealed record TimeRange(DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>Everything there ever was.</summary>
    public static TimeRange Always { get; } = new(null, null);
}
