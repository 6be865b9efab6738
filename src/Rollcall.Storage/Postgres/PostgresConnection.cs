using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Rollcall.Core;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Postgres;

/// <summary>A connection to PostgreSQL inside one transaction. Statements are prepared by the driver when they come again.</summary>
internal sealed class PostgresConnection(NpgsqlConnection session) : StoreConnection
{
    private int cursors;

    public NpgsqlConnection Session => session;

    /// <summary>Whether a statement failed: PostgreSQL then takes nothing more in this transaction, and a COMMIT of it would quietly undo it.</summary>
    public bool HasFailed { get; private set; }

    public override int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = CommandOf(PostgresStatement.Of(sql), parameters);
        try
        {
            return Math.Max(0, command.ExecuteNonQuery());
        }
        catch (Exception cause)
        {
            throw Refusal(cause);
        }
    }

    public override StoreRows Open(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = CommandOf(PostgresStatement.Of(sql), parameters);
        try
        {
            return new PostgresRows(this, command, command.ExecuteReader());
        }
        catch (Exception cause)
        {
            command.Dispose();
            throw Refusal(cause);
        }
    }

    /// <summary>A cursor: memory does not grow with the rows, leaving early costs nothing, and the limit of a statement's time is that of one fetch.</summary>
    public override StoreRows OpenStream(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = PostgresStatement.Of(sql);
        var cursor = string.Create(CultureInfo.InvariantCulture, $"stream_{++cursors}");
        using (var declare = CommandOf(statement with { Text = $"DECLARE {cursor} NO SCROLL CURSOR FOR {statement.Text}" }, parameters))
        {
            try
            {
                declare.ExecuteNonQuery();
            }
            catch (Exception cause)
            {
                throw Refusal(cause);
            }
        }

        return new PostgresCursorRows(this, cursor);
    }

    /// <summary>The exception to throw for it; the transaction is over.</summary>
    public Exception Refusal(Exception cause)
    {
        HasFailed = true;
        return PostgresRefusal.Of(cause);
    }

    /// <exception cref="InvalidOperationException">A parameter of the statement is not given, or a value has a type that no column has.</exception>
    private NpgsqlCommand CommandOf(PostgresStatement statement, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = new NpgsqlCommand(statement.Text, session);
        foreach (var name in statement.Names)
            command.Parameters.Add(ParameterOf(Find(name, statement, parameters)));
        return command;
    }

    private static object? Find(string name, PostgresStatement statement, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        foreach (var (given, value) in parameters)
        {
            if (string.Equals(given, name, StringComparison.Ordinal))
                return value;
        }

        throw new InvalidOperationException($"{name} is not given: {statement.Text}");
    }

    /// <summary>A null has no type of its own: PostgreSQL takes that of the place where it stands.</summary>
    private static NpgsqlParameter ParameterOf(object? value) => value switch
    {
        null or DBNull => new NpgsqlParameter { Value = DBNull.Value },
        string text => new NpgsqlParameter<string> { TypedValue = PostgresText.ToStored(text), NpgsqlDbType = NpgsqlDbType.Text },
        TenantId tenant => new NpgsqlParameter<string> { TypedValue = tenant.Value, NpgsqlDbType = NpgsqlDbType.Text },
        FoldedText folded => new NpgsqlParameter<string> { TypedValue = PostgresText.ToStored(folded.Key), NpgsqlDbType = NpgsqlDbType.Text },
        long number => Of(number),
        int number => Of(number),
        bool flag => Of(flag ? 1 : 0),
        Enum member => Of(Convert.ToInt64(member, CultureInfo.InvariantCulture)),
        byte[] bytes => new NpgsqlParameter<byte[]> { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
        IReadOnlyList<long> numbers => new NpgsqlParameter<long[]> { TypedValue = [.. numbers], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
        IReadOnlyList<string> texts => new NpgsqlParameter<string[]>
        {
            TypedValue = [.. texts.Select(PostgresText.ToStored)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        },
        _ => throw new InvalidOperationException($"no column has values of {value.GetType()}"),
    };

    private static NpgsqlParameter<long> Of(long number) => new() { TypedValue = number, NpgsqlDbType = NpgsqlDbType.Bigint };
}
