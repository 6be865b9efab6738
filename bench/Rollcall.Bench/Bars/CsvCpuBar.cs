using System.Globalization;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

/// <summary>Beside CsvHelper as its "Getting started" has it, over a StreamWriter; its shortest way is measured in the same run and told beside it.</summary>
internal sealed record CsvCpuBar() : Bar("csv-cpu", "CsvHelper 34.0.0 over a StreamWriter", Sense.AtMost, 0.6, 0.45)
{
    private const int Rounds = 3;

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var sides = new[] { "csvhelper-text", "csvhelper", "csv" };
        var used = sides.ToDictionary(side => side, _ => new List<Used>(), StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var side in sides)
                used[side].Add(await OnceAsync(run, side, cancel));
            if (round > 0)
                continue;

            await CheckSameAsync(run, "csvhelper-text", cancel);
            await CheckSameAsync(run, "csvhelper", cancel);
        }

        var (ours, shortest) = (CpuSecondsOf("csv"), CpuSecondsOf("csvhelper"));
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"csv-cpu beside CsvHelper's shortest way (ToFile, WriteRecord): {ours / shortest:0.000} ({shortest:0.000} to {ours:0.000} CPU s)"));
        return Figure.Quotient(CpuSecondsOf("csvhelper-text"), ours, "CPU s");

        double CpuSecondsOf(string side) => Used.MedianOf(used[side]).CpuSeconds;
    }

    // Into a new file: to take the blocks of the last round's from a full one is not the writer's work.
    private static Task<Used> OnceAsync(BenchRun run, string work, CancellationToken cancel)
    {
        var file = run.Workshop.PathOf(work);
        File.Delete(file);
        return run.Workshop.MeasureSelfAsync(file, [work, run.Rows.ToString(CultureInfo.InvariantCulture), run.PoolPath(), file], cancel);
    }

    // These rows hold nothing that the two write differently, so the files are equal byte for byte.
    private static async Task CheckSameAsync(BenchRun run, string yardstick, CancellationToken cancel)
    {
        const int blockBytes = 1 << 16;
        await using var one = File.OpenRead(run.Workshop.PathOf(yardstick));
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
