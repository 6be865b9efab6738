namespace Rollcall.Core.Statistics;

/// <summary>
/// Sessions as bare numbers, column by column: what a store reads in one scan and <see cref="ConcurrencySweep"/> computes on. No object a
/// session, since there may be millions. Spans are cut to the window they were read for; those of no length in it are left out.
/// </summary>
/// <param name="fromMs">Milliseconds since 1970: where the window begins.</param>
/// <param name="untilMs">Exclusive: where it ends; an open session counts up to it.</param>
/// <param name="countExpected">Spans for which there is room from the beginning: growing again and again copies each of millions twice.</param>
public sealed class SessionSpans(long fromMs, long untilMs, long countExpected = 0)
{
    /// <summary>Spans of one answer at most: some 300 MB. Our choice; over it the window must be shorter.</summary>
    public const int CountMax = 10_000_000;

    private const int CapacityAtFirst = 1024;

    private long[] starts = new long[Capacity(countExpected)];
    private long[] ends = new long[Capacity(countExpected)];
    private long[] numbers = new long[Capacity(countExpected)];
    private int[] groups = new int[Capacity(countExpected)];

    public long FromMs => fromMs;

    public long UntilMs => untilMs;

    public int Count { get; private set; }

    /// <summary>Within the window.</summary>
    public ReadOnlySpan<long> StartMs => starts.AsSpan(0, Count);

    /// <summary>Exclusive, within the window, after the start.</summary>
    public ReadOnlySpan<long> EndMs => ends.AsSpan(0, Count);

    /// <summary>The store's own number of the session.</summary>
    public ReadOnlySpan<long> Numbers => numbers.AsSpan(0, Count);

    /// <summary>From 0; the store knows what each stands for.</summary>
    public ReadOnlySpan<int> Groups => groups.AsSpan(0, Count);

    /// <param name="endMs">Exclusive; null while the session is open.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>from</c>: there are more than <see cref="CountMax"/>.</exception>
    public void Add(long startMs, long? endMs, long number, int group)
    {
        var (start, end) = (Math.Max(startMs, fromMs), Math.Min(endMs ?? untilMs, untilMs));
        if (start >= end)
            return;
        if (Count == CountMax)
            throw FaultException.Malformed("from", $"nearer to to: more than {CountMax} sessions were open in this span");
        if (Count == starts.Length)
            Grow();

        starts[Count] = start;
        ends[Count] = end;
        numbers[Count] = number;
        groups[Count] = group;
        Count++;
    }

    private static int Capacity(long countExpected) => (int)Math.Clamp(countExpected, CapacityAtFirst, CountMax);

    private void Grow()
    {
        var capacity = Math.Min(CountMax, starts.Length * 2);
        Array.Resize(ref starts, capacity);
        Array.Resize(ref ends, capacity);
        Array.Resize(ref numbers, capacity);
        Array.Resize(ref groups, capacity);
    }
}
