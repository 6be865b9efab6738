using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Rollcall.Storage.Sqlite;

/// <summary>Runs statements with named parameters, and reads columns by position.</summary>
internal static class SqliteStatements
{
    /// <summary>Statements kept prepared for each connection; beyond it they are prepared at every use. Filters can make many.</summary>
    private const int PreparedMax = 256;

    private static readonly ConditionalWeakTable<SqliteConnection, Dictionary<string, SqliteCommand>> Prepared = [];

    /// <summary>A statement of its own, for rows that are read while others run; the caller disposes it.</summary>
    public static SqliteCommand Statement(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    /// <summary>Rows changed.</summary>
    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var use = connection.Borrow(sql, parameters);
        return use.Command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row; null when there is no row or the column is null.</summary>
    public static long? Number(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var use = connection.Borrow(sql, parameters);
        return use.Command.ExecuteScalar() is long number ? number : null;
    }

    public static List<T> Rows<T>(
        this SqliteConnection connection, Func<SqliteDataReader, T> map, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var use = connection.Borrow(sql, parameters);
        using var reader = use.Command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(map(reader));
        return rows;
    }

    public static T? FirstRow<T>(
        this SqliteConnection connection, Func<SqliteDataReader, T> map, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class
    {
        using var use = connection.Borrow(sql, parameters);
        using var reader = use.Command.ExecuteReader();
        return reader.Read() ? map(reader) : null;
    }

    /// <summary>Forgets what is prepared: before the connection closes.</summary>
    public static void ReleasePrepared(this SqliteConnection connection)
    {
        if (!Prepared.TryGetValue(connection, out var kept))
            return;

        foreach (var command in kept.Values)
            command.Dispose();
        Prepared.Remove(connection);
    }

    private static Use Borrow(this SqliteConnection connection, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var kept = Prepared.GetOrCreateValue(connection);
        if (kept.Remove(sql, out var command))
        {
            foreach (var (name, value) in parameters)
                command.Parameters[name].Value = value ?? DBNull.Value;
            return new Use(kept, command);
        }

        return new Use(kept, connection.Statement(sql, parameters));
    }

    /// <summary>A statement in use. It is out of the store meanwhile, so that a use inside a use prepares its own.</summary>
    private readonly struct Use(Dictionary<string, SqliteCommand> kept, SqliteCommand command) : IDisposable
    {
        public SqliteCommand Command => command;

        public void Dispose()
        {
            if (kept.Count >= PreparedMax || !kept.TryAdd(command.CommandText, command))
                command.Dispose();
        }
    }

    public static string? Text(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static long? Long(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public static int? Int(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);

    public static byte[]? Bytes(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    public static DateTimeOffset Instant(this SqliteDataReader reader, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    public static DateTimeOffset? InstantOrNull(this SqliteDataReader reader, int column) =>
        reader.Long(column) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}
