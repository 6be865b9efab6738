using Rollcall.Core.Hosts;

namespace Rollcall.Tests.Hosts;

/// <summary>What delays say of a clock and what they do not.</summary>
public sealed class DelayWindowTests
{
    private static readonly HealthLimits Limits = HealthLimits.Default;

    [Theory]
    [InlineData(-1L, 1L)]
    [InlineData(20L, -20L)]
    [InlineData(30_000L, -30_000L)]
    [InlineData(30_001L, null)]
    [InlineData(-86_400_000L, 86_400_000L)]
    public void One_delay_tells_of_a_clock_ahead_or_near_and_leaves_a_long_one_open(long delayMs, long? skewMs)
    {
        var window = DelayWindow.With(null, 0, delayMs, DelayWindow.OfBeats);

        Assert.Equal((skewMs, skewMs), (window.SkewMsOfBeats(Limits), window.SkewMsOfEvents(Limits)));
    }

    [Fact]
    public void The_smallest_delay_of_this_window_and_the_one_before_counts_and_older_ones_are_forgotten()
    {
        var first = Fill(null, (0, 500), (299_999, 90));
        Assert.Equal(-90, first.SkewMsOfBeats(Limits));
        var second = Fill(first, (300_000, 400));
        Assert.Equal(-90, second.SkewMsOfBeats(Limits));
        Assert.Equal(-300, Fill(second, (600_000, 300)).SkewMsOfBeats(Limits));
    }

    [Theory]
    [InlineData(3_600_000L, 3_600_000L, -3_600_000L)]
    [InlineData(3_600_000L, 3_570_000L, -3_570_000L)]
    [InlineData(3_600_000L, 3_569_999L, null)]
    public void A_clock_is_behind_when_it_was_by_as_much_in_the_window_before_and_a_backlog_drains(long beforeMs, long nowMs, long? skewMs)
    {
        var window = Fill(null, (0, beforeMs), (300_000, nowMs));

        Assert.Equal(skewMs, window.SkewMsOfBeats(Limits));
        Assert.Null(window.SkewMsOfEvents(Limits));
    }

    [Fact]
    public void A_server_clock_that_was_set_back_begins_a_new_window() =>
        Assert.Equal(new DelayWindow(500_000, 7, 5), DelayWindow.With(new DelayWindow(1_000_000, 5, 3), 500_000, 7, DelayWindow.OfBeats));

    private static DelayWindow Fill(DelayWindow? known, params (long ReceivedMs, long DelayMs)[] arrivals) =>
        arrivals.Aggregate(known, (window, arrival) => DelayWindow.With(window, arrival.ReceivedMs, arrival.DelayMs, DelayWindow.OfBeats))!;
}
