namespace Rollcall.Core.Hosts;

/// <summary>What a host's skew was read from. The numbers are stored: never renumber.</summary>
public enum SkewBasis
{
    Beats = 1,
    Events = 2,
}

/// <summary>
/// The smallest delays (arrival less time) of the current window of arrivals and of the one before: what can be known of a clock
/// from outside. A delay is the way here less the clock's lead, and the way is never shorter than nothing. So a negative delay proves
/// that the clock is ahead by at least that much, and the smallest of many is nearest to the clock.
/// </summary>
/// <param name="BeganMs">Arrival of the first of the current window, milliseconds since 1970.</param>
/// <param name="LeastMs">The smallest delay of the current window.</param>
/// <param name="BeforeMs">That of the window before; null in the first.</param>
public sealed record DelayWindow(long BeganMs, long LeastMs, long? BeforeMs)
{
    /// <summary>Ten beats of half a minute: a clock that was set right is believed after five to ten minutes.</summary>
    public static readonly TimeSpan OfBeats = TimeSpan.FromMinutes(5);

    /// <summary>Events of sessions come seldom.</summary>
    public static readonly TimeSpan OfEvents = TimeSpan.FromHours(1);

    /// <summary>The window with one more arrival in it.</summary>
    public static DelayWindow With(DelayWindow? known, long receivedMs, long delayMs, TimeSpan length)
    {
        if (known is null)
            return new DelayWindow(receivedMs, delayMs, null);

        // A server's clock that was set back begins a new window as well: the old one would never end.
        var passedMs = receivedMs - known.BeganMs;
        return passedMs >= 0 && passedMs < length.TotalMilliseconds
            ? known with { LeastMs = Math.Min(known.LeastMs, delayMs) }
            : new DelayWindow(receivedMs, delayMs, known.LeastMs);
    }

    /// <summary>
    /// How far the clock of a host that sends beats is ahead, in milliseconds; negative when it is behind. Null when that cannot be told:
    /// a delay over the limit is a clock that is behind or a backlog. A clock's error is the same in the next window, a backlog's shrinks
    /// as it drains, so that only what holds for two windows is believed.
    /// </summary>
    public long? SkewMsOfBeats(HealthLimits limits)
    {
        if (Math.Min(LeastMs, BeforeMs ?? LeastMs) is var leastMs && leastMs <= limits.ClockSkewMs)
            return -leastMs;

        return BeforeMs is { } beforeMs && Math.Abs(LeastMs - beforeMs) <= limits.ClockSkewMs ? -leastMs : null;
    }

    /// <summary>
    /// The same of a source that sends no beats. It may send hours later by habit, as an import does, and at the same hour every day:
    /// that it is behind is never believed.
    /// </summary>
    public long? SkewMsOfEvents(HealthLimits limits) =>
        Math.Min(LeastMs, BeforeMs ?? LeastMs) is var leastMs && leastMs <= limits.ClockSkewMs ? -leastMs : null;
}
