using Npgsql;
using NpgsqlTypes;

namespace Rollcall.Storage.Postgres;

/// <summary>Writes of one transaction that nobody waits for: they are sent together, one way to the database and back for many.</summary>
internal sealed class QueuedStatements(NpgsqlConnection session)
{
    /// <summary>Held at most. Our choice: two thousand new sessions, some megabytes.</summary>
    private const int CountMax = 16_384;

    /// <summary>Rows of one table from which COPY, which takes two ways, costs less than as many inserts.</summary>
    private const int CopiedMin = 64;

    private readonly Dictionary<string, (PostgresStatement Insert, List<object?[]> Rows)> added = new(StringComparer.Ordinal);
    private readonly List<NpgsqlBatchCommand> commands = [];
    private readonly HashSet<string> tables = new(StringComparer.Ordinal);
    private int count;

    public bool IsEmpty => count == 0;

    public bool IsFull => count >= CountMax;

    /// <summary>Whether the statement reads or writes a table that something here writes.</summary>
    public bool AreSeenBy(PostgresStatement statement) => tables.Overlaps(statement.Tables);

    /// <summary>Carried out in this order.</summary>
    public void Queue(PostgresStatement statement, object?[] values)
    {
        commands.Add(CommandOf(statement, values));
        tables.Add(statement.Written);
        count++;
    }

    /// <summary>A row that may come before all that is queued.</summary>
    public void Add(PostgresStatement insert, object?[] values)
    {
        if (!added.TryGetValue(insert.Text, out var rows))
        {
            added.Add(insert.Text, rows = (insert, []));
            tables.Add(insert.Written);
        }

        rows.Rows.Add(values);
        count++;
    }

    /// <summary>Sends what is there, and returns when the database did it.</summary>
    /// <returns>Ways to the database and back.</returns>
    public int Send()
    {
        var trips = 0;
        using var batch = new NpgsqlBatch(session);
        foreach (var (insert, rows) in added.Values)
        {
            if (rows.Count >= CopiedMin)
                trips += Copy(insert, rows);
            else
                rows.ForEach(row => batch.BatchCommands.Add(CommandOf(insert, row)));
        }

        commands.ForEach(batch.BatchCommands.Add);
        count = 0;
        added.Clear();
        commands.Clear();
        tables.Clear();
        if (batch.BatchCommands.Count == 0)
            return trips;

        batch.ExecuteNonQuery();
        return trips + 1;
    }

    private static NpgsqlBatchCommand CommandOf(PostgresStatement statement, object?[] values)
    {
        var command = new NpgsqlBatchCommand(statement.Text);
        foreach (var value in values)
            command.Parameters.Add(PostgresValue.Parameter(value));
        return command;
    }

    private int Copy(PostgresStatement insert, List<object?[]> rows)
    {
        const int Trips = 2;
        using var copy = session.BeginBinaryImport(insert.Copy);
        foreach (var row in rows)
        {
            copy.StartRow();
            foreach (var at in insert.ValueOrder)
                Write(copy, row[at]);
        }

        copy.Complete();
        return Trips;
    }

    private static void Write(NpgsqlBinaryImporter copy, object? value)
    {
        switch (PostgresValue.Of(value))
        {
            case null:
                copy.WriteNull();
                break;
            case long number:
                copy.Write(number, NpgsqlDbType.Bigint);
                break;
            case string text:
                copy.Write(text, NpgsqlDbType.Text);
                break;
            case byte[] bytes:
                copy.Write(bytes, NpgsqlDbType.Bytea);
                break;
            default:
                throw new InvalidOperationException("a list is no value of a column");
        }
    }
}
