using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Rollcall.Storage.Sqlite;

/// <summary>Reads millions of rows as bare values: no object a row, by the engine's own calls rather than the driver's.</summary>
internal static class SqliteScan
{
    /// <summary>Rows between two looks at whether the caller is still there.</summary>
    private const int LookEvery = 1 << 16;

    /// <param name="connection">In a transaction: the scan sees its snapshot.</param>
    /// <param name="sql">One statement with parameters by name.</param>
    /// <param name="parameters">Texts and whole numbers.</param>
    /// <param name="onRow">Called with the statement on each row; its texts are good until it returns.</param>
    /// <param name="cancel">Looked at now and then.</param>
    public static void Run(
        SqliteConnection connection, string sql, IEnumerable<(string Name, object? Value)> parameters, Action<sqlite3_stmt> onRow, CancellationToken cancel)
    {
        var database = connection.Handle!;
        Check(database, raw.sqlite3_prepare_v2(database, sql, out var statement));
        using (statement)
        {
            foreach (var (name, value) in parameters)
                Bind(database, statement, name, value);
            var read = 0;
            int result;
            while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
                onRow(statement);
                if (++read % LookEvery == 0)
                    cancel.ThrowIfCancellationRequested();
            }

            if (result != raw.SQLITE_DONE)
                Check(database, result);
        }
    }

    public static long Number(this sqlite3_stmt row, int column) => raw.sqlite3_column_int64(row, column);

    public static long? NumberOrNull(this sqlite3_stmt row, int column) =>
        raw.sqlite3_column_type(row, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_int64(row, column);

    /// <summary>UTF-8, empty when null; good until the next row.</summary>
    public static ReadOnlySpan<byte> Utf8(this sqlite3_stmt row, int column) => raw.sqlite3_column_blob(row, column);

    private static void Bind(sqlite3 database, sqlite3_stmt statement, string name, object? value)
    {
        var index = raw.sqlite3_bind_parameter_index(statement, name);
        if (index == 0)
            return;

        Check(database, value switch
        {
            null => raw.sqlite3_bind_null(statement, index),
            long number => raw.sqlite3_bind_int64(statement, index, number),
            string text => raw.sqlite3_bind_text(statement, index, text),
            _ => throw new ArgumentException($"a scan takes no {value.GetType().Name}", nameof(value)),
        });
    }

    private static void Check(sqlite3 database, int result)
    {
        if (result != raw.SQLITE_OK)
            throw new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), result);
    }
}
