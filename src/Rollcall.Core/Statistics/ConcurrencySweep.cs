namespace Rollcall.Core.Statistics;

/// <summary>What a sweep found of one group; the store has the words for its numbers.</summary>
/// <param name="Group">As in <see cref="SessionSpans.Groups"/>.</param>
/// <param name="PeakAtMs">The first instant of the peak; null when no span is in the window.</param>
/// <param name="PeakNumbers">Sessions open then, the last begun first, as many as were asked for.</param>
public sealed record SweptSeries(int Group, long? PeakAtMs, long PeakCount, IReadOnlyList<long> PeakNumbers, IReadOnlyList<ConcurrencyBucket> Buckets);

/// <summary>Goes once over starts and ends in the order of time and counts. Pure.</summary>
public static class ConcurrencySweep
{
    /// <param name="groupKeys">What orders groups of equal peaks and equal time; its count is that of the groups.</param>
    public static (IReadOnlyList<SweptSeries> Series, int GroupCount) Run(SessionSpans spans, IReadOnlyList<string?> groupKeys, ConcurrencyQuery query)
    {
        var sorted = new SortedSpans(spans, groupKeys.Count);
        var chosen = Enumerable.Range(0, groupKeys.Count)
            .Where(group => query.By is SpanGrouping.None || sorted.Starts(group).Length > 0)
            .Select(group => (Group: group, Peak: PeakOf(sorted.Starts(group), sorted.Ends(group)), Time: TimeOf(sorted.Starts(group), sorted.Ends(group))))
            .ToList();
        // In one expression, so that of many groups only those are put in order that are taken.
        var shown = chosen
            .OrderByDescending(found => found.Peak.Count).ThenByDescending(found => found.Time)
            .ThenBy(found => groupKeys[found.Group], StringComparer.Ordinal)
            .Take(query.GroupsMax)
            .ToList();
        var open = OpenAt(spans, groupKeys.Count, [.. shown.Select(found => (found.Group, found.Peak.AtMs))]);
        var series = shown.Select((found, place) => new SweptSeries(
            found.Group,
            found.Peak.Count > 0 ? found.Peak.AtMs : null,
            found.Peak.Count,
            Newest(open[place], query.PeakIdsMax),
            BucketsOf(sorted.Starts(found.Group), sorted.Ends(found.Group), spans, (long)query.Bucket.TotalMilliseconds)));
        return ([.. series], chosen.Count);
    }

    private static (long AtMs, long Count) PeakOf(ReadOnlySpan<long> starts, ReadOnlySpan<long> ends)
    {
        var (peakAtMs, peak, over) = (0L, 0L, 0);
        for (var begun = 0; begun < starts.Length; begun++)
        {
            // Half-open: what ends at an instant is no longer open at it.
            while (ends[over] <= starts[begun])
                over++;
            if (begun + 1 - over > peak)
                (peakAtMs, peak) = (starts[begun], begun + 1 - over);
        }

        return (peakAtMs, peak);
    }

    private static long TimeOf(ReadOnlySpan<long> starts, ReadOnlySpan<long> ends)
    {
        var ms = 0L;
        for (var index = 0; index < starts.Length; index++)
            ms += ends[index] - starts[index];
        return ms;
    }

    /// <summary>What of each of some groups is open at its instant: one look at all spans, however many groups are asked for.</summary>
    private static List<(long StartMs, long Number)>[] OpenAt(SessionSpans spans, int groupCount, (int Group, long AtMs)[] asked)
    {
        const int NotAsked = -1;
        var places = new int[groupCount];
        Array.Fill(places, NotAsked);
        for (var place = 0; place < asked.Length; place++)
            places[asked[place].Group] = place;

        var open = Array.ConvertAll(asked, _ => new List<(long StartMs, long Number)>());
        var starts = spans.StartMs;
        var ends = spans.EndMs;
        var groups = spans.Groups;
        for (var index = 0; index < starts.Length; index++)
        {
            var place = places[groups[index]];
            if (place != NotAsked && starts[index] <= asked[place].AtMs && ends[index] > asked[place].AtMs)
                open[place].Add((starts[index], spans.Numbers[index]));
        }

        return open;
    }

    /// <summary>The last begun first.</summary>
    private static List<long> Newest(List<(long StartMs, long Number)> open, int take)
    {
        open.Sort((one, other) => other.CompareTo(one));
        return open.Take(take).Select(session => session.Number).ToList();
    }

    private static List<ConcurrencyBucket> BucketsOf(ReadOnlySpan<long> starts, ReadOnlySpan<long> ends, SessionSpans spans, long bucketMs)
    {
        var walk = new Walk(starts, ends);
        var buckets = new List<ConcurrencyBucket>();
        for (var fromMs = spans.FromMs; fromMs < spans.UntilMs; fromMs += bucketMs)
            buckets.Add(walk.Through(fromMs, Math.Min(fromMs + bucketMs, spans.UntilMs)));
        return buckets;
    }

    /// <summary>How many are open, from one bucket into the next.</summary>
    private ref struct Walk(ReadOnlySpan<long> starts, ReadOnlySpan<long> ends)
    {
        private readonly ReadOnlySpan<long> starts = starts;
        private readonly ReadOnlySpan<long> ends = ends;
        private int begun;
        private int over;

        public ConcurrencyBucket Through(long fromMs, long toMs)
        {
            MoveTo(fromMs);
            var (depth, atMs, area) = ((long)(begun - over), fromMs, 0L);
            var (minimum, maximum, maximumAtMs) = (depth, depth, fromMs);
            while (NextMs() is var nextMs && nextMs < toMs)
            {
                area += depth * (nextMs - atMs);
                MoveTo(nextMs);
                (depth, atMs) = (begun - over, nextMs);
                minimum = Math.Min(minimum, depth);
                if (depth > maximum)
                    (maximum, maximumAtMs) = (depth, nextMs);
            }

            area += depth * (toMs - atMs);
            return new ConcurrencyBucket(
                DateTimeOffset.FromUnixTimeMilliseconds(fromMs), minimum, (double)area / (toMs - fromMs), maximum, DateTimeOffset.FromUnixTimeMilliseconds(maximumAtMs));
        }

        private readonly long NextMs() => Math.Min(begun < starts.Length ? starts[begun] : long.MaxValue, over < ends.Length ? ends[over] : long.MaxValue);

        private void MoveTo(long ms)
        {
            while (begun < starts.Length && starts[begun] <= ms)
                begun++;
            while (over < ends.Length && ends[over] <= ms)
                over++;
        }
    }
}
