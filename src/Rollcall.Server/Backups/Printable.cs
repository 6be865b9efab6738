using System.Globalization;

namespace Rollcall.Server.Backups;

/// <summary>Names of a ledger or a manifest that anybody may have written, for a terminal: what would move its cursor or turn its text around is replaced.</summary>
internal static class Printable
{
    public static string Of(string text) => string.Create(text.Length, text, (line, from) =>
    {
        for (var at = 0; at < line.Length; at++)
            line[at] = IsPrintable(from[at]) ? from[at] : '\uFFFD';
    });

    private static bool IsPrintable(char letter) => char.GetUnicodeCategory(letter)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
