using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Storage.Postgres;

/// <summary>
/// One statement as PostgreSQL spells it: its parameters numbered, without the hints that only SQLite's planner takes, and with what is written in
/// <c>/*pg …*/</c> for PostgreSQL alone.
/// </summary>
/// <param name="Text">What is sent.</param>
/// <param name="Names">Of the parameters, the first is <c>$1</c>.</param>
internal sealed partial record PostgresStatement(string Text, IReadOnlyList<string> Names)
{
    /// <summary>Statements remembered; beyond it they are put right at every use. Filters can make many.</summary>
    private const int RememberedMax = 4096;

    private static readonly ConcurrentDictionary<string, PostgresStatement> Remembered = new(StringComparer.Ordinal);

    public static PostgresStatement Of(string sql)
    {
        if (Remembered.TryGetValue(sql, out var known))
            return known;

        var statement = Translate(sql);
        if (Remembered.Count < RememberedMax)
            Remembered.TryAdd(sql, statement);
        return statement;
    }

    private static PostgresStatement Translate(string sql)
    {
        var names = new List<string>();
        // PostgreSQL chooses indexes and the order of joins by itself; there a CROSS JOIN has no ON.
        var text = Hint().Replace(sql, string.Empty).Replace("CROSS JOIN", "JOIN", StringComparison.Ordinal);
        text = Own().Replace(text, "${sql}");
        text = Parameter().Replace(text, match =>
        {
            var at = names.IndexOf(match.Value);
            if (at < 0)
            {
                at = names.Count;
                names.Add(match.Value);
            }

            return string.Create(CultureInfo.InvariantCulture, $"${at + 1}");
        });
        return new PostgresStatement(text, names);
    }

    [GeneratedRegex(@"\s+(INDEXED BY \w+|NOT INDEXED)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hint();

    [GeneratedRegex(@"/\*pg (?<sql>[^*]+)\*/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Own();

    [GeneratedRegex(@"\$[A-Za-z_]\w*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
