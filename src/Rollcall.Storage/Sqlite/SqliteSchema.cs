using System.Text;
using Rollcall.Core;
using Rollcall.Storage.Sql;
using SQLitePCL;

namespace Rollcall.Storage.Sqlite;

/// <summary>Brings a file's schema up to date.</summary>
internal static class SqliteSchema
{
    /// <summary>The folder of its migrations.</summary>
    public const string Engine = "Sqlite";

    /// <summary>Applies what the file lacks; refuses a file that a newer program wrote.</summary>
    /// <returns>Whether it lacked anything.</returns>
    public static bool Migrate(SqliteConnection connection)
    {
        var missing = SchemaMigrations.After(Engine, connection.Number("PRAGMA user_version") ?? 0);
        if (missing.Count > 0)
            AddFunctions(connection);
        foreach (var (number, sql) in missing)
        {
            // Whatever fails leaves the transaction open, and the file as it was when the connection goes.
            connection.Script($"BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {number}; COMMIT;");
        }

        return missing.Count > 0;
    }

    /// <summary>What migrations take from the program, so that what they write is what it would have written.</summary>
    private static void AddFunctions(SqliteConnection connection)
    {
        connection.AddFunction("name_key", arguments: 1, (context, _, values) => Answer(context, Text(values[0]) is { } name ? NameKey.Of(name) : null));
        connection.AddFunction("plain_key", arguments: 1, (context, _, values) => Answer(context, Text(values[0]) is { } name ? NameKey.OfPlain(name) : null));
        connection.AddFunction("stamp_pattern", arguments: 4, (context, _, values) => Answer(context, StampPattern.TryOf(Text(values[0]), Text(values[1])!, Text(values[2]), Text(values[3])!)));
        connection.AddFunction("facts_digest", arguments: -1, (context, _, values) => raw.sqlite3_result_blob(context, FactDigest.Of([.. values.Select(Text)])));
    }

    private static string? Text(sqlite3_value value) =>
        raw.sqlite3_value_type(value) == raw.SQLITE_NULL ? null : Encoding.UTF8.GetString(raw.sqlite3_value_blob(value));

    private static void Answer(sqlite3_context context, string? text)
    {
        if (text is null)
            raw.sqlite3_result_null(context);
        else
            raw.sqlite3_result_text(context, (ReadOnlySpan<byte>)Encoding.UTF8.GetBytes(text)); // by its length, not up to its first NUL
    }
}
