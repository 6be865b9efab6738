using System.Globalization;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

internal sealed record CsvCpuBar() : Bar("csv-cpu", "CsvHelper 34.0.0", Sense.AtMost, 0.6, 0.45)
{
    private const int Rounds = 3;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var yardstick = new List<Used>();
        var ours = new List<Used>();
        for (var round = 0; round < Rounds; round++)
        {
            yardstick.Add(await OnceAsync(run, "csvhelper", cancel));
            ours.Add(await OnceAsync(run, "csv", cancel));
            if (round == 0)
                await CheckSameAsync(run, cancel);
        }

        return Figure.Quotient(Used.MedianOf(yardstick).CpuSeconds, Used.MedianOf(ours).CpuSeconds, "CPU s");
    }

    private static Task<Used> OnceAsync(BenchRun run, string work, CancellationToken cancel)
    {
        var file = run.Workshop.PathOf(work);
        return run.Workshop.MeasureSelfAsync(file, [work, run.Rows.ToString(CultureInfo.InvariantCulture), run.PoolPath(), file], cancel);
    }

    // These rows hold nothing that the two write differently, so the files are equal byte for byte.
    private static async Task CheckSameAsync(BenchRun run, CancellationToken cancel)
    {
        const int blockBytes = 1 << 16;
        await using var one = File.OpenRead(run.Workshop.PathOf("csvhelper"));
        await using var other = File.OpenRead(run.Workshop.PathOf("csv"));
        var (a, b) = (new byte[blockBytes], new byte[blockBytes]);
        int read;
        do
        {
            read = await one.ReadAtLeastAsync(a, blockBytes, throwOnEndOfStream: false, cancel);
            var same = await other.ReadAtLeastAsync(b, blockBytes, throwOnEndOfStream: false, cancel) == read && a.AsSpan(0, read).SequenceEqual(b.AsSpan(0, read));
            if (!same)
                throw new InvalidOperationException($"the two CSV files differ before byte {one.Position}");
        }
        while (read > 0);
    }
}
