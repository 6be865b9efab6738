namespace Rollcall.Bench.Runs;

/// <summary>What a child process used, as the kernel counted it.</summary>
/// <param name="CpuSeconds">User and system time of all its threads.</param>
/// <param name="PeakBytes">The most that was resident at once.</param>
/// <param name="FileBytes">The size of the file it wrote.</param>
internal sealed record Used(double CpuSeconds, long PeakBytes, long FileBytes)
{
    /// <summary>Each figure's median; of an even number the lower one.</summary>
    public static Used MedianOf(IReadOnlyList<Used> runs) =>
        new(Median(runs.Select(run => run.CpuSeconds)), Median(runs.Select(run => run.PeakBytes)), Median(runs.Select(run => run.FileBytes)));

    private static T Median<T>(IEnumerable<T> figures)
    {
        T[] sorted = [.. figures.Order()];
        return sorted[(sorted.Length - 1) / 2];
    }
}
