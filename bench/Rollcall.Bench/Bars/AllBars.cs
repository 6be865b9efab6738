namespace Rollcall.Bench.Bars;

/// <summary>Every bar, in the order of performance.md, then the fleet's. Whoever builds one puts its class in the place of its <see cref="BarNotYet"/>.</summary>
internal static class AllBars
{
    public static readonly Bar[] List =
    [
        new XlsxCpuBar(),
        new XlsxSizeBar(),
        new XlsxMemoryBar(),
        new ExportCpuBar(),
        new CsvCpuBar(),
        new IngestRateBar(),
        new BarNotYet("page-cpu", "the same bytes ready-made over HTTP", Sense.AtMost, 4, 2),
        new BarNotYet("page-rate", "pgbench -M prepared, same page", Sense.AtLeast, 3, 6),
        new CountBar(),
        new DeepPageBar(),
        new SessionBytesBar(),
        new StartBar(),
        new FleetBeatsBar(),
        new FleetSilenceBar(),
    ];
}
