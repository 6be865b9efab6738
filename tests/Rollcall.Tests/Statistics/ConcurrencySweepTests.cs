using FsCheck;
using FsCheck.Fluent;
using Rollcall.Cli.Sample;
using Rollcall.Core.Statistics;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Statistics;

/// <summary>The sweep is what anybody counts who looks at every instant.</summary>
public sealed class ConcurrencySweepTests
{
    private const int GroupsMax = 3;

    [Fact]
    public void Random_spans_are_counted_as_by_hand()
    {
        var property = Prop.ForAll(Spans().ToArbitrary(), Gen.Choose(1, 40).ToArbitrary(), Gen.Choose(0, 60).ToArbitrary(), CheckSweep);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), property);
    }

    [Fact]
    public void Thousands_of_spans_are_counted_as_by_hand()
    {
        // More than are sorted by comparing, over more milliseconds than two digits hold.
        var property = Prop.ForAll(
            (from start in Gen.Choose(-1000, 30_000_000) from length in Gen.Choose(0, 5_000_000) select (start, length, Group: 0)).ArrayOf(6000).ToArbitrary(),
            spans =>
            {
                var (given, swept) = Sweep(spans, 30_000_000, 7_000_000);
                var starts = given.Select(span => span.StartMs).Where(ms => ms >= 0).ToHashSet();
                var at = swept.Series[0].PeakAtMs!.Value;
                Assert.Equal(given.LongCount(span => span.StartMs <= at && span.EndMs > at), swept.Series[0].PeakCount);
                Assert.Contains(at, starts.Append(0));
                Assert.Equal(swept.Series[0].PeakCount, swept.Series[0].Buckets.Max(bucket => bucket.Maximum));
            });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5), property);
    }

    [Fact]
    public void A_session_that_ends_as_another_begins_is_not_open_with_it()
    {
        var (_, swept) = Sweep([(0, 10, 0), (10, 10, 0), (20, 0, 0)], 30, 30);

        Assert.Equal((0L, 1L, 0L, 1L), (swept.Series[0].PeakAtMs, swept.Series[0].PeakCount, swept.Series[0].Buckets[0].Minimum, swept.Series[0].Buckets[0].Maximum));
        Assert.Equal(20 / 30d, swept.Series[0].Buckets[0].Mean);
    }

    [Theory, InlineData(new long[] { }, null, null), InlineData(new long[] { 7 }, 7L, 7L), InlineData(new long[] { 9, 1 }, 1L, 9L), InlineData(new long[] { 3, 1, 2 }, 2L, 3L)]
    public void Quantiles_are_by_nearest_rank(long[] durations, long? median, long? p95) =>
        Assert.Equal(new DurationQuantiles(durations.Length, median, p95), DurationQuantiles.Of(durations));

    [Fact]
    public void Of_twenty_durations_the_nineteenth_is_the_95th_percentile() =>
        Assert.Equal(new DurationQuantiles(20, 10, 19), DurationQuantiles.Of([.. Enumerable.Range(1, 20).Reverse().Select(number => (long)number)]));

    [Fact]
    public void Digits_sort_as_comparing_does()
    {
        var random = new SplitMix64(7);
        foreach (var most in (int[])[1, 2000, 5_000_000, int.MaxValue])
        {
            var values = Enumerable.Range(0, 9000).Select(_ => 1_770_000_000_000L + random.Between(0, most) * (most == int.MaxValue ? 1000L : 1)).ToArray();
            var sorted = values.Order().ToArray();
            MillisecondSort.Sort(values);
            Assert.Equal(sorted, values);
        }
    }

    private static void CheckSweep((int Start, int Length, int Group)[] spans, int bucketMs, int untilMs)
    {
        var (given, swept) = Sweep(spans, untilMs, bucketMs);
        var counted = Enumerable.Range(0, GroupsMax)
            .Select(group => (Group: group, Counted: ByHand.Count([.. given.Where((_, index) => spans[index].Group == group)], 0, untilMs, bucketMs)))
            .Where(found => found.Counted.Peak > 0)
            .OrderByDescending(found => found.Counted.Peak).ThenByDescending(found => found.Counted.TimeMs).ThenBy(found => found.Group)
            .ToList();

        Assert.Equal(counted.Count, swept.GroupCount);
        Assert.Equal(counted.Take(2).Select(found => found.Group), swept.Series.Select(series => series.Group));
        foreach (var (found, series) in counted.Zip(swept.Series))
        {
            Assert.Equal((found.Counted.PeakAtMs, found.Counted.Peak), (series.PeakAtMs, series.PeakCount));
            Assert.Equal(found.Counted.Ids, series.PeakNumbers.Select(number => $"{number:d8}").Order(StringComparer.Ordinal));
            Assert.Equal(found.Counted.Buckets, series.Buckets);
        }
    }

    private static (List<ByHand.Span> Given, (IReadOnlyList<SweptSeries> Series, int GroupCount) Swept) Sweep((int Start, int Length, int Group)[] given, int untilMs, int bucketMs)
    {
        var epoch = DateTimeOffset.UnixEpoch;
        var spans = new SessionSpans(0, untilMs);
        for (var number = 0; number < given.Length; number++)
            spans.Add(given[number].Start, given[number].Start + given[number].Length, number, given[number].Group);
        var query = new ConcurrencyQuery(TenantOne, epoch, epoch.AddMilliseconds(untilMs), TimeSpan.FromMilliseconds(bucketMs), epoch.AddDays(1))
        {
            By = SpanGrouping.User,
            GroupsMax = 2,
            PeakIdsMax = int.MaxValue,
        };
        return ([.. given.Select((span, number) => new ByHand.Span(span.Start, span.Start + span.Length, $"{number:d8}"))], ConcurrencySweep.Run(spans, ["a", "b", "c"], query));
    }

    private static Gen<(int Start, int Length, int Group)[]> Spans() =>
        from count in Gen.Choose(0, 30)
        from spans in (from start in Gen.Choose(-20, 60) from length in Gen.Choose(0, 30) from @group in Gen.Choose(0, GroupsMax - 1) select (start, length, @group)).ArrayOf(count)
        select spans;
}
