using Rollcall.Core.Statistics;

namespace Rollcall.Tests.Statistics;

/// <summary>Counts as somebody would with a pencil: looks at every instant at which anything happens.</summary>
internal static class ByHand
{
    public sealed record Span(long StartMs, long EndMs, string Id);

    /// <summary>The ids are all of the peak.</summary>
    public sealed record Counted(long? PeakAtMs, long Peak, IReadOnlyList<string> Ids, long TimeMs, IReadOnlyList<ConcurrencyBucket> Buckets);

    public static Counted Count(IReadOnlyCollection<Span> all, long fromMs, long untilMs, long bucketMs)
    {
        var spans = all.Select(span => span with { StartMs = Math.Max(span.StartMs, fromMs), EndMs = Math.Min(span.EndMs, untilMs) })
            .Where(span => span.StartMs < span.EndMs).ToList();
        var instants = spans.SelectMany(span => new[] { span.StartMs, span.EndMs }).Append(fromMs).Where(ms => ms < untilMs).Distinct().Order().ToList();
        var buckets = new List<ConcurrencyBucket>();
        for (var start = fromMs; start < untilMs; start += bucketMs)
            buckets.Add(Bucket(spans, instants, start, Math.Min(start + bucketMs, untilMs)));

        var peak = instants.Select(ms => OpenAt(spans, ms)).DefaultIfEmpty().Max();
        var at = peak > 0 ? instants.First(ms => OpenAt(spans, ms) == peak) : (long?)null;
        var ids = spans.Where(span => span.StartMs <= at && span.EndMs > at).Select(span => span.Id).Order(StringComparer.Ordinal);
        return new Counted(at, peak, [.. ids], spans.Sum(span => span.EndMs - span.StartMs), buckets);
    }

    private static ConcurrencyBucket Bucket(IReadOnlyList<Span> spans, IReadOnlyList<long> instants, long fromMs, long toMs)
    {
        var looks = instants.Where(ms => ms > fromMs && ms < toMs).Prepend(fromMs).ToList();
        var area = spans.Sum(span => Math.Max(0, Math.Min(span.EndMs, toMs) - Math.Max(span.StartMs, fromMs)));
        var most = looks.Max(ms => OpenAt(spans, ms));
        return new ConcurrencyBucket(
            DateTimeOffset.FromUnixTimeMilliseconds(fromMs), looks.Min(ms => OpenAt(spans, ms)), (double)area / (toMs - fromMs), most,
            DateTimeOffset.FromUnixTimeMilliseconds(looks.First(ms => OpenAt(spans, ms) == most)));
    }

    private static long OpenAt(IEnumerable<Span> spans, long ms) => spans.LongCount(span => span.StartMs <= ms && span.EndMs > ms);
}
