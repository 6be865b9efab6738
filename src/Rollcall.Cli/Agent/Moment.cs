namespace Rollcall.Cli.Agent;

/// <summary>One instant on two clocks: the one that tells the time, which may be set at any moment, and the one that only runs.</summary>
/// <param name="At">What the host's clock shows, for comparing with what others wrote.</param>
/// <param name="Ran">Since some fixed point; only the difference of two means something. For intervals of the agent's own.</param>
internal readonly record struct Moment(DateTimeOffset At, TimeSpan Ran)
{
    public static Moment Of(TimeProvider time) => new(time.GetUtcNow(), time.GetElapsedTime(0));
}
