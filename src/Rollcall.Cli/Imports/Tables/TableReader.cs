using Rollcall.Cli.Imports.Csv;

namespace Rollcall.Cli.Imports.Tables;

/// <summary>One row by column. What the table writes for "nothing" is not there.</summary>
internal sealed record TableRow(IReadOnlyDictionary<string, string> Fields, Spot Spot)
{
    public string? this[string column] => Fields.GetValueOrDefault(column);
}

/// <summary>Reads tables that other programs export: their columns are known by name, and those of no use here are passed over.</summary>
internal static class TableReader
{
    /// <param name="file">Comma-separated, with a header.</param>
    /// <param name="columns">Turns a cell of the header into the name of a column, and null for one of no use. The first of equals counts.</param>
    /// <param name="valueOf">Turns a field into its value; null for what stands for nothing.</param>
    /// <param name="required">Columns without which the table is another one.</param>
    /// <param name="tally">Counts rows that cannot be read.</param>
    public static IEnumerable<TableRow> Read(
        LogFile file, Func<string, string?> columns, Func<string, string?> valueOf, IReadOnlyList<string> required, Tally tally)
    {
        List<string?>? header = null;
        foreach (var (fields, spot) in CsvReader.Read(file, tally))
        {
            if (header is null)
                header = HeaderOf(fields, columns, required, spot);
            else if (fields.Count != header.Count)
                tally.Skip("not as many fields as the header has", spot);
            else
                yield return new TableRow(RowOf(header, fields, valueOf), spot);
        }
    }

    private static List<string?> HeaderOf(List<string> fields, Func<string, string?> columns, IReadOnlyList<string> required, Spot spot)
    {
        var header = fields.ConvertAll(cell => columns(cell.Trim()));
        var missing = required.Where(r => !header.Contains(r)).ToList();
        return missing.Count == 0
            ? header
            : throw new UsageException($"{spot}: the header has no column for {string.Join(", ", missing)}. It has: {string.Join(", ", fields.Take(40))}.");
    }

    private static Dictionary<string, string> RowOf(List<string?> header, List<string> fields, Func<string, string?> valueOf)
    {
        var row = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (column, field) in header.Zip(fields))
        {
            if (column is not null && valueOf(field.Trim()) is { } value)
                row.TryAdd(column, value);
        }

        return row;
    }
}
