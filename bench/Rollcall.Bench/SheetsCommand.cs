using System.Globalization;
using System.IO.Compression;
using System.Xml;
using Rollcall.Bench.Rows;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench;

/// <summary><c>sheets ROWS</c>: writes a workbook of so many rows, over several sheets, and reads every cell back with a streaming XML reader.</summary>
internal static class SheetsCommand
{
    private const long RowsMax = 10_000_000;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        if (arguments.Count != 1 || !long.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var rows) || rows is < 1 or > RowsMax)
        {
            await Console.Error.WriteLineAsync($"sheets ROWS: 1 to {RowsMax}");
            return 2;
        }

        using var workshop = new Workshop();
        var (pool, file) = (workshop.PathOf("pool.tsv"), workshop.PathOf("sheets.xlsx"));
        Pool.Write(pool, SessionRows.SeedDefault, Pool.RowsMax);
        var used = await workshop.MeasureSelfAsync(file, ["xlsx", rows.ToString(CultureInfo.InvariantCulture), pool, file], cancel);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{rows} rows: {used.CpuSeconds:0.00} CPU s, peak {used.PeakBytes / 1e6:0.0} MB, file {used.FileBytes / 1e6:0.0} MB"));
        Check(file, Pool.Read(pool), rows);
        return 0;
    }

    /// <summary>Each sheet has the header, then the rows go on where the sheet before ended.</summary>
    private static void Check(string file, (string[] Headers, string[][] Rows) pool, long rows)
    {
        using var zip = ZipFile.OpenRead(file);
        long read = 0;
        for (var number = 1; zip.GetEntry($"xl/worksheets/sheet{number}.xml") is { } sheet; number++)
        {
            var before = read;
            var isHeader = true;
            foreach (var row in RowsOf(sheet))
            {
                var wanted = isHeader ? pool.Headers : pool.Rows[read % pool.Rows.Length];
                if (!row.AsSpan().SequenceEqual(wanted))
                    throw new InvalidOperationException($"sheet {number}: row {read} is {string.Join('|', row)}");

                read += isHeader ? 0 : 1;
                isHeader = false;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sheet {number}: {read - before} rows, every cell as written"));
        }

        if (read != rows)
            throw new InvalidOperationException($"{read} rows were read of {rows}");
    }

    private static IEnumerable<string[]> RowsOf(ZipArchiveEntry sheet)
    {
        using var xml = XmlReader.Create(sheet.Open(), new XmlReaderSettings { IgnoreWhitespace = false, CloseInput = true });
        while (xml.ReadToFollowing("row"))
        {
            var cells = new List<string>();
            using var row = xml.ReadSubtree();
            while (row.Read())
            {
                if (row is { NodeType: XmlNodeType.Element, LocalName: "c" })
                    cells.Add(string.Empty);
                else if (row.NodeType is XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace)
                    cells[^1] += row.Value;
            }

            yield return [.. cells];
        }
    }
}
