namespace Rollcall.Core.Hosts;

/// <summary>From when on the fleet's own clocks and deliveries are worth a word.</summary>
/// <param name="ClockSkew">A host whose clock is further off than this, either way, is warned about.</param>
/// <param name="Late">An event that arrives more than this after its time was not delivered in time.</param>
public sealed record HealthLimits(TimeSpan ClockSkew, TimeSpan Late)
{
    /// <summary>
    /// Our choice: 30 seconds is a beat, and more than any clock kept by NTP is off; a quarter of an hour is longer than a busy server lets
    /// an agent wait, and than a scheduled import every ten minutes takes.
    /// </summary>
    public static HealthLimits Default { get; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(15));

    public long ClockSkewMs => (long)ClockSkew.TotalMilliseconds;

    public long LateMs => (long)Late.TotalMilliseconds;
}
