namespace Rollcall.Bench.Bars;

/// <summary>Every bar, in the order of performance.md, then the fleet's.</summary>
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
        new PostgresIngestRateBar(),
        new PageCpuBar(),
        new PageRateBar(),
        new CountBar(),
        new DeepPageBar(),
        new SessionBytesBar(),
        new StartBar(),
        new FleetBeatsBar(),
        new FleetSilenceBar(),
    ];
}
