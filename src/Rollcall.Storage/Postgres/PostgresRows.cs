using System.Globalization;
using System.Text;
using Npgsql;

namespace Rollcall.Storage.Postgres;

/// <summary>The rows of one statement. The connection takes no other statement until they are disposed.</summary>
internal sealed class PostgresRows(PostgresConnection connection, NpgsqlCommand command, NpgsqlDataReader reader) : StoreRows
{
    public override bool Read()
    {
        try
        {
            return reader.Read();
        }
        catch (Exception cause)
        {
            throw connection.Refusal(cause);
        }
    }

    public override bool IsDBNull(int column) => reader.IsDBNull(column);

    /// <summary>Conditions are numbers to our SQL: true is 1.</summary>
    public override long GetInt64(int column) =>
        reader.GetFieldType(column) == typeof(bool) ? reader.GetBoolean(column) ? 1 : 0 : reader.GetInt64(column);

    public override string GetString(int column) => PostgresText.FromStored(reader.GetString(column));

    public override ReadOnlySpan<byte> GetUtf8(int column) => Encoding.UTF8.GetBytes(GetString(column));

    public override byte[] GetBytes(int column) => reader.GetFieldValue<byte[]>(column);

    public override void Dispose()
    {
        try
        {
            reader.Dispose();
        }
        catch (Exception cause) when (cause is NpgsqlException or IOException)
        {
            // What was read was read; the transaction cannot go on.
            connection.Refusal(cause);
        }

        command.Dispose();
    }
}

/// <summary>The rows of a cursor, some at a time; other statements may run meanwhile.</summary>
internal sealed class PostgresCursorRows(PostgresConnection connection, string cursor) : StoreRows
{
    /// <summary>Rows fetched at once. Our choice: some hundreds of kilobytes, and the way to the server seldom enough.</summary>
    private const int FetchRows = 500;

    private static long fetches;

    private readonly List<object?[]> fetched = [];
    private int at = -1;
    private bool isWhole;

    public override bool Read()
    {
        if (++at < fetched.Count)
            return true;
        if (isWhole)
            return false;

        Fetch();
        at = 0;
        return fetched.Count > 0;
    }

    public override bool IsDBNull(int column) => fetched[at][column] is null;

    public override long GetInt64(int column) => Convert.ToInt64(fetched[at][column], CultureInfo.InvariantCulture);

    public override string GetString(int column) => PostgresText.FromStored((string)fetched[at][column]!);

    public override ReadOnlySpan<byte> GetUtf8(int column) => Encoding.UTF8.GetBytes(GetString(column));

    public override byte[] GetBytes(int column) => (byte[])fetched[at][column]!;

    /// <summary>The cursor ends with the transaction.</summary>
    public override void Dispose() => fetched.Clear();

    private void Fetch()
    {
        fetched.Clear();
        // Never the same text twice: the driver would prepare it, with the columns of this cursor, for the next cursor of its name.
        using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"FETCH {FetchRows} FROM {cursor} /* {Interlocked.Increment(ref fetches)} */"), connection.Session);
        try
        {
            using var reader = command.ExecuteReader();
            while (reader.Read())
                fetched.Add(RowOf(reader));
        }
        catch (Exception cause)
        {
            throw connection.Refusal(cause);
        }

        isWhole = fetched.Count < FetchRows;
    }

    private static object?[] RowOf(NpgsqlDataReader reader)
    {
        var row = new object?[reader.FieldCount];
        for (var column = 0; column < row.Length; column++)
            row[column] = reader.IsDBNull(column) ? null : reader.GetValue(column);
        return row;
    }
}
