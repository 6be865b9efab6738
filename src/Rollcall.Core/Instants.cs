namespace Rollcall.Core;

/// <summary>The resolutions at which the ledger keeps time: events to the microsecond, what follows from them to the millisecond.</summary>
public static class Instants
{
    public static DateTimeOffset ToMilliseconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());

    /// <summary>The first whole millisecond since 1970 at or after the instant: rows are kept to the millisecond, bounds may be finer.</summary>
    public static long ToUnixMillisecondsUp(DateTimeOffset at)
    {
        // Not by adding to the instant: the latest there is has nothing above it.
        var ms = at.ToUnixTimeMilliseconds();
        return at.UtcTicks % TimeSpan.TicksPerMillisecond == 0 ? ms : ms + 1;
    }

    /// <summary>Microseconds since 1970, rounded down.</summary>
    public static long ToUnixMicroseconds(DateTimeOffset at) =>
        Math.DivRem(at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, TimeSpan.TicksPerMicrosecond, out _);

    /// <summary>So much later, or the last instant there is: clocks of hosts may be off by millennia.</summary>
    public static DateTimeOffset After(DateTimeOffset at, TimeSpan span) =>
        at.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - span.Ticks ? DateTimeOffset.MaxValue : at + span;

    public static DateTimeOffset FromUnixMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
