using CsvHelper;
using Rollcall.Bench.Rows;
using Rollcall.Core.Tabular;

namespace Rollcall.Bench.Work;

/// <summary>What child processes do so that their CPU time is all their own: <c>work KIND ROWS IN.tsv OUT</c>.</summary>
internal static class WriteWork
{
    private const int BufferBytes = 1 << 16;

    public static async Task<int> RunAsync(string kind, long rows, string pool, string path, CancellationToken cancel)
    {
        switch (kind)
        {
            case "xlsx":
                await WriteTableAsync(rows, pool, path, (file, columns) => new XlsxTableWriter(file, columns, new XlsxTableOptions { SheetName = "Sessions" }), cancel);
                return 0;
            case "xlsx-stream": // the fall-back, for comparison
                await WriteTableAsync(rows, pool, path, (file, columns) => new XlsxTableWriter(file, columns, new XlsxTableOptions { SheetName = "Sessions", Compression = XlsxCompression.Stream }), cancel);
                return 0;
            case "csv":
                await WriteTableAsync(rows, pool, path, (file, columns) => new CsvTableWriter(file, columns, new CsvTableOptions { ByteOrderMark = false }), cancel);
                return 0;
            case "ndjson":
                await WriteTableAsync(rows, pool, path, (file, columns) => new NdjsonTableWriter(file, columns), cancel);
                return 0;
            case "csvhelper":
                await WriteCsvHelperAsync(rows, pool, CsvWriter.ToFile(path), WriteRecord);
                return 0;
            case "csvhelper-fields":
                await WriteCsvHelperAsync(rows, pool, CsvWriter.ToFile(path), WriteFields);
                return 0;
            case "csvhelper-text":
                await WriteCsvHelperAsync(rows, pool, CsvWriter.Create(new StreamWriter(path)), WriteFields);
                return 0;
            default:
                await Console.Error.WriteLineAsync($"no such work: {kind}");
                return 2;
        }
    }

    private static async Task WriteTableAsync(
        long rows, string pool, string path, Func<Stream, IReadOnlyList<TableColumn>, ITableWriter> open, CancellationToken cancel)
    {
        var (headers, texts) = Pool.Read(pool);
        TableCell[][] cells = [.. texts.Select(row => row.Select(TableCell.Of).ToArray())];
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes, useAsync: false);
        await using var table = open(file, [.. headers.Select(header => new TableColumn(header, TableKind.Text, 20))]);
        for (long row = 0; row < rows; row++)
            await table.WriteRowAsync(cells[row % cells.Length], cancel);

        await table.CompleteAsync(cancel);
    }

    // It neutralises no formulas, as that is its default.
    private static async Task WriteCsvHelperAsync(long rows, string pool, CsvWriter writer, Action<CsvWriter, string[]> write)
    {
        var (headers, texts) = Pool.Read(pool);
        await using var csv = writer;
        write(csv, headers);
        for (long row = 0; row < rows; row++)
            write(csv, texts[row % texts.Length]);
    }

    /// <summary>A record a call: the shortest way that CsvHelper has for texts.</summary>
    private static void WriteRecord(CsvWriter csv, string[] texts) => csv.WriteRecord(texts);

    /// <summary>A field a call: the way to write what is no record type, and the only one that earlier versions had.</summary>
    private static void WriteFields(CsvWriter csv, string[] texts)
    {
        foreach (var text in texts)
            csv.WriteField(text);

        csv.EndRecord();
    }
}
