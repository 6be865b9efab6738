using System.Globalization;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

internal sealed record XlsxCpuBar() : Bar("xlsx-cpu", "libxlsxwriter, constant_memory", Sense.AtMost, 0.11, 0.06)
{
    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var pair = await XlsxPair.OfAsync(run, cancel);
        return Figure.Quotient(pair.Yardstick.CpuSeconds, pair.Ours.CpuSeconds, "CPU s");
    }
}

internal sealed record XlsxSizeBar() : Bar("xlsx-size", "libxlsxwriter's file", Sense.AtMost, 1.06, 0.88)
{
    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var pair = await XlsxPair.OfAsync(run, cancel);
        return Figure.Quotient(pair.Yardstick.FileBytes / 1e6, pair.Ours.FileBytes / 1e6, "MB");
    }
}

/// <summary>Does memory grow with the rows: the peak at all of them over the peak at a tenth.</summary>
internal sealed record XlsxMemoryBar() : Bar("xlsx-memory", "itself at a tenth of the rows", Sense.AtMost, 20, 10)
{
    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        var pair = await XlsxPair.OfAsync(run, cancel);
        // The whole run's rows in memory for the tenth as well: they would else be the difference.
        var tenth = await XlsxPair.OursAsync(run, run.Rows / 10, cancel);
        return Figure.Difference(tenth.PeakBytes / 1e6, pair.Ours.PeakBytes / 1e6, "MB");
    }
}

/// <summary>Both writers on the same rows, by turns.</summary>
internal sealed record XlsxPair(Used Yardstick, Used Ours)
{
    private const int Rounds = 3;

    public static Task<XlsxPair> OfAsync(BenchRun run, CancellationToken cancel) => run.OnceAsync("xlsx", async () =>
    {
        var yardstick = new List<Used>();
        var ours = new List<Used>();
        for (var round = 0; round < Rounds; round++)
        {
            yardstick.Add(await YardstickAsync(run, run.Rows, cancel));
            ours.Add(await OnceAsync(run, run.Rows, cancel));
            if (round == 0)
                SameTexts.Check(run.Workshop.PathOf("yardstick.xlsx"), run.Workshop.PathOf("ours.xlsx"));
        }

        return new XlsxPair(Used.MedianOf(yardstick), Used.MedianOf(ours));
    });

    /// <summary>Ours alone, for another number of rows.</summary>
    public static async Task<Used> OursAsync(BenchRun run, long rows, CancellationToken cancel)
    {
        var ours = new List<Used>();
        for (var round = 0; round < Rounds; round++)
            ours.Add(await OnceAsync(run, rows, cancel));

        return Used.MedianOf(ours);
    }

    private static async Task<Used> YardstickAsync(BenchRun run, long rows, CancellationToken cancel)
    {
        var program = await run.Workshop.CompiledAsync("xlsx_yardstick", cancel, "-lxlsxwriter");
        var file = run.Workshop.PathOf("yardstick.xlsx");
        return await run.Workshop.MeasureAsync(file, program, [rows.ToString(CultureInfo.InvariantCulture), run.PoolPath(), file], cancel);
    }

    public static Task<Used> OnceAsync(BenchRun run, long rows, CancellationToken cancel)
    {
        var file = run.Workshop.PathOf("ours.xlsx");
        return run.Workshop.MeasureSelfAsync(file, ["xlsx", rows.ToString(CultureInfo.InvariantCulture), run.PoolPath(), file], cancel);
    }
}
