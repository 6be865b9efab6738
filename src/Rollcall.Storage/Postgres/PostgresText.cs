using System.Buffers;
using System.Text;

namespace Rollcall.Storage.Postgres;

/// <summary>
/// Text as PostgreSQL can keep it, which has no NUL (ADR 0008). The characters 0 to 3 become U+0001 and two of U+0002 and U+0003, in the order
/// that they have themselves. So no two texts become one, the order of bytes stays, a text is found within another exactly when it was in it
/// before, and joining two gives what joining the originals would.
/// </summary>
internal static class PostgresText
{
    private const char Mark = '\u0001', Low = '\u0002', High = '\u0003';
    private const int CodeLength = 3;

    private static readonly SearchValues<char> Uncommon = SearchValues.Create([.. Range('\u0000', '\u0003'), .. Range('\uD800', '\uDFFF')]);

    public static string ToStored(string text)
    {
        if (!text.AsSpan().ContainsAny(Uncommon))
            return text;

        var stored = new StringBuilder(text.Length + CodeLength);
        foreach (var letter in WellFormed(text))
        {
            if (letter <= High)
                stored.Append(Mark).Append((letter & 2) == 0 ? Low : High).Append((letter & 1) == 0 ? Low : High);
            else
                stored.Append(letter);
        }

        return stored.ToString();
    }

    public static string FromStored(string stored)
    {
        if (!stored.Contains(Mark, StringComparison.Ordinal))
            return stored;

        var text = new StringBuilder(stored.Length);
        for (var at = 0; at < stored.Length; at++)
        {
            if (stored[at] != Mark)
            {
                text.Append(stored[at]);
                continue;
            }

            text.Append((char)((stored[at + 1] == High ? 2 : 0) + (stored[at + 2] == High ? 1 : 0)));
            at += CodeLength - 1;
        }

        return text.ToString();
    }

    /// <summary>Half a surrogate pair becomes U+FFFD, as in every other place that writes UTF-8.</summary>
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(letter => (char)letter);
}
