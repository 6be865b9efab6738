using System.Buffers;

namespace Rollcall.Core.Statistics;

/// <summary>Starts and ends of spans, group by group, each in the order of time.</summary>
internal sealed class SortedSpans
{
    private readonly long[] starts;
    private readonly long[] ends;
    private readonly int[] firstOf;

    public SortedSpans(SessionSpans spans, int groupCount)
    {
        firstOf = FirstOf(spans.Groups, groupCount);
        long[] sortedStarts = [], sortedEnds = [];
        // Side by side: of millions of spans it is most of the work.
        Parallel.Invoke(() => sortedStarts = Sorted(spans.StartMs, spans.Groups), () => sortedEnds = Sorted(spans.EndMs, spans.Groups));
        (starts, ends) = (sortedStarts, sortedEnds);
    }

    public ReadOnlySpan<long> Starts(int group) => starts.AsSpan(firstOf[group], CountOf(group));

    public ReadOnlySpan<long> Ends(int group) => ends.AsSpan(firstOf[group], CountOf(group));

    private int CountOf(int group) => firstOf[group + 1] - firstOf[group];

    private static int[] FirstOf(ReadOnlySpan<int> groups, int groupCount)
    {
        var first = new int[groupCount + 1];
        if (groupCount == 1)
        {
            first[1] = groups.Length;
            return first;
        }

        foreach (var group in groups)
            first[group + 1]++;
        for (var group = 0; group < groupCount; group++)
            first[group + 1] += first[group];
        return first;
    }

    private long[] Sorted(ReadOnlySpan<long> values, ReadOnlySpan<int> groups)
    {
        var sorted = Grouped(values, groups);
        for (var group = 0; group < firstOf.Length - 1; group++)
            MillisecondSort.Sort(sorted.AsSpan(firstOf[group], CountOf(group)));
        return sorted;
    }

    private long[] Grouped(ReadOnlySpan<long> values, ReadOnlySpan<int> groups)
    {
        if (firstOf.Length == 2)
            return values.ToArray(); // one group, which millions of sessions most often are

        var grouped = new long[values.Length];
        var next = firstOf.AsSpan().ToArray();
        for (var index = 0; index < values.Length; index++)
            grouped[next[groups[index]]++] = values[index];
        return grouped;
    }
}

/// <summary>Sorts instants that lie within months of each other: digit by digit where there are many, which takes a third of the time.</summary>
internal static class MillisecondSort
{
    /// <summary>Below it comparing is as fast.</summary>
    private const int DigitsFrom = 4096;

    private const int DigitBits = 11;

    public static void Sort(Span<long> values)
    {
        if (IsSorted(values))
            return;
        if (values.Length < DigitsFrom)
        {
            values.Sort();
            return;
        }

        var (least, most) = Bounds(values);
        var rented = ArrayPool<long>.Shared.Rent(values.Length);
        var from = values;
        var to = rented.AsSpan(0, values.Length);
        for (var shift = 0; shift < 64 && (ulong)(most - least) >> shift != 0; shift += DigitBits)
        {
            SortByDigit(from, to, least, shift);
            var swapped = from;
            from = to;
            to = swapped;
        }

        if (from != values)
            from.CopyTo(values);
        ArrayPool<long>.Shared.Return(rented);
    }

    private static bool IsSorted(ReadOnlySpan<long> values)
    {
        for (var index = 1; index < values.Length; index++)
        {
            if (values[index] < values[index - 1])
                return false;
        }

        return true;
    }

    private static (long Least, long Most) Bounds(ReadOnlySpan<long> values)
    {
        var (least, most) = (values[0], values[0]);
        foreach (var value in values)
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        return (least, most);
    }

    private static void SortByDigit(ReadOnlySpan<long> from, Span<long> to, long least, int shift)
    {
        const int Digits = 1 << DigitBits;
        Span<int> next = stackalloc int[Digits + 1];
        next.Clear();
        foreach (var value in from)
            next[(int)(((ulong)(value - least) >> shift) & (Digits - 1)) + 1]++;
        for (var digit = 0; digit < Digits; digit++)
            next[digit + 1] += next[digit];
        foreach (var value in from)
            to[next[(int)(((ulong)(value - least) >> shift) & (Digits - 1))]++] = value;
    }
}
