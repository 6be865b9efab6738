namespace Rollcall.Tests.Support;

/// <summary>A clock that stands still until the test moves it. It may be shared between threads.</summary>
internal sealed class FakeClock(DateTimeOffset start) : TimeProvider
{
    private long ticks = start.UtcTicks;

    /// <summary>A Friday morning on a whole second, for tests that need no special time.</summary>
    public static FakeClock AtNine() => new(new DateTimeOffset(2030, 3, 1, 9, 0, 0, TimeSpan.Zero));

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);
}
