using System.Text;

namespace Rollcall.Cli.Commands;

/// <summary>A plain table: columns as wide as their widest cell, never wrapped, the same on a terminal and in a pipe.</summary>
internal static class TextTable
{
    public static void Write(TextWriter to, IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var clean = rows.Select(r => r.Select(Clean).ToList()).ToList();
        var widths = header.Select((h, i) => clean.Select(r => r[i].Length).Append(h.Length).Max()).ToList();
        foreach (var row in clean.Prepend([.. header]))
            to.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }

    /// <summary>
    /// The text without control characters. Names come from logs that strangers can write into, and a terminal obeys
    /// escape sequences.
    /// </summary>
    public static string Clean(string text)
    {
        if (!text.Any(IsUnsafe))
            return text;

        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
            clean.Append(IsUnsafe(c) ? '?' : c);

        return clean.ToString();
    }

    // Direction marks can make one name look like another.
    private static bool IsUnsafe(char c) => char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
