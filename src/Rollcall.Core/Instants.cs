namespace Rollcall.Core;

/// <summary>The resolutions at which the ledger keeps time: events to the microsecond, what follows from them to the millisecond.</summary>
public static class Instants
{
    public static DateTimeOffset ToMilliseconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());

    /// <summary>Microseconds since 1970, rounded down.</summary>
    public static long ToUnixMicroseconds(DateTimeOffset at) =>
        Math.DivRem(at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, TimeSpan.TicksPerMicrosecond, out _);

    public static DateTimeOffset FromUnixMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
