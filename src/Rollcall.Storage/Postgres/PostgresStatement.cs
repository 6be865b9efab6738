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

    /// <summary>What the views of the schema are made of.</summary>
    private static readonly string[] SessionTables = ["session_rows", "session_users", "session_places", "session_devices", "session_natures", "session_boots"];

    private (string Copy, int[] ValueOrder)? copied;
    private HashSet<string>? tables;

    /// <summary>The table that it writes.</summary>
    public string Written => field ??= Write().Match(Text) is { Success: true } write
        ? write.Groups["table"].Value
        : throw new InvalidOperationException($"not a write: {Text}");

    /// <summary>Every table that it names, and words that are none.</summary>
    public HashSet<string> Tables => tables ??= TablesOf(Text);

    /// <summary>The COPY that an INSERT of one row stands for.</summary>
    public string Copy => Copied.Copy;

    /// <summary>Which of <see cref="Names"/> is the value of each of the columns.</summary>
    public IReadOnlyList<int> ValueOrder => Copied.ValueOrder;

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

    private static HashSet<string> TablesOf(string text)
    {
        var words = Word().Matches(text).Select(word => word.Value).ToHashSet(StringComparer.Ordinal);
        if (words.Contains("sessions") || words.Contains("connections"))
            words.UnionWith([.. SessionTables, "connection_rows"]);
        return words;
    }

    private (string Copy, int[] ValueOrder) Copied => copied ??= CopyOf(Text);

    private static (string, int[]) CopyOf(string text)
    {
        var insert = Insert().Match(text);
        if (!insert.Success)
            throw new InvalidOperationException($"not the INSERT of one row: {text}");

        return ($"COPY {insert.Groups["table"].Value} ({insert.Groups["columns"].Value}) FROM STDIN (FORMAT BINARY)",
            [.. insert.Groups["values"].Value.Split(',').Select(value => int.Parse(value.Trim()[1..], NumberStyles.None, CultureInfo.InvariantCulture) - 1)]);
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

    [GeneratedRegex(@"^\s*(INSERT INTO|UPDATE|DELETE FROM)\s+(?<table>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Write();

    [GeneratedRegex(@"[A-Za-z_]\w*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();

    [GeneratedRegex(@"^\s*INSERT INTO (?<table>\w+) \((?<columns>[^()]+)\)\s+VALUES\s*\((?<values>[$\d,\s]+)\)\s*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Insert();

    [GeneratedRegex(@"\s+(INDEXED BY \w+|NOT INDEXED)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Hint();

    [GeneratedRegex(@"/\*pg (?<sql>[^*]+)\*/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Own();

    [GeneratedRegex(@"\$[A-Za-z_]\w*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
