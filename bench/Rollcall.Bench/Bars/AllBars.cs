namespace Rollcall.Bench.Bars;

/// <summary>Every bar, in the order of performance.md, then the fleet's. Whoever builds one puts its class in the place of its <see cref="BarNotYet"/>.</summary>
internal static class AllBars
{
    public static readonly Bar[] List =
    [
        new XlsxCpuBar(),
        new XlsxSizeBar(),
        new XlsxMemoryBar(),
        new BarNotYet("export-cpu", "the writer alone on rows in memory", Sense.AtMost, 2.2, 1.3),
        new CsvCpuBar(),
        new IngestRateBar(),
        new BarNotYet("page-cpu", "the same bytes ready-made over HTTP", Sense.AtMost, 4, 2),
        new BarNotYet("page-rate", "pgbench -M prepared, same page", Sense.AtLeast, 3, 6),
        new BarNotYet("count-p99-ms", "absolute", Sense.AtMost, 50, 4),
        new BarNotYet("deep-page-ms", "the page at offset 0", Sense.AtMost, 25, 2),
        new BarNotYet("session-bytes", "the wide PostgreSQL table: 1 070 bytes", Sense.AtMost, 0.40, 0.20),
        new BarNotYet("start-ms", "absolute", Sense.AtMost, 3000, 1000),
        new FleetBeatsBar(),
        new FleetSilenceBar(),
    ];
}
