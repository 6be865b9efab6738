using System.Text;

namespace Rollcall.Cli.Imports.Csv;

/// <summary>Reads comma-separated values, RFC 4180: quoted fields may hold commas, doubled quotes and line breaks.</summary>
internal static class CsvReader
{
    /// <summary>Streams the rows, the header first. A row's spot is its first line.</summary>
    public static IEnumerable<(List<string> Fields, Spot Spot)> Read(LogFile file, Tally tally)
    {
        using var lines = LineReader.Read(file, tally).GetEnumerator();
        while (lines.MoveNext())
        {
            var (text, spot) = (new StringBuilder(lines.Current.Text), lines.Current.Spot);
            List<string>? fields;
            while ((fields = Split(text.ToString())) is null && text.Length <= LineReader.LineBytesMax && lines.MoveNext())
                text.Append('\n').Append(lines.Current.Text);

            if (fields is null)
                tally.Skip("a quote that does not close, or closes within a field", spot);
            else
                yield return (fields, spot);
        }
    }

    /// <summary>Null when a quoted field is still open at the end, or goes on after its closing quote.</summary>
    public static List<string>? Split(string text)
    {
        var fields = new List<string>();
        for (var at = 0; ;)
        {
            var end = at < text.Length && text[at] == '"'
                ? TakeQuoted(text, at + 1, fields)
                : TakePlain(text, at, fields);
            if (end < 0 || (end < text.Length && text[end] != ','))
                return null;

            if (end >= text.Length)
                return fields;

            at = end + 1;
        }
    }

    private static int TakePlain(string text, int at, List<string> fields)
    {
        var end = text.IndexOf(',', at);
        end = end < 0 ? text.Length : end;
        fields.Add(text[at..end]);
        return end;
    }

    /// <summary>The place behind the closing quote; -1 when there is none.</summary>
    private static int TakeQuoted(string text, int at, List<string> fields)
    {
        var field = new StringBuilder();
        while (true)
        {
            var quote = text.IndexOf('"', at);
            if (quote < 0)
                return -1;

            field.Append(text, at, quote - at);
            if (quote + 1 >= text.Length || text[quote + 1] != '"')
            {
                fields.Add(field.ToString());
                return quote + 1;
            }

            field.Append('"');
            at = quote + 2;
        }
    }
}
