using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using Rollcall.Core;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Postgres;

/// <summary>A connection to PostgreSQL inside one transaction. Statements are prepared by the driver when they come again.</summary>
/// <param name="memory">Null of a reader, and of a writer that does not hold the lock of what it would remember.</param>
internal sealed class PostgresConnection(NpgsqlConnection session, PostgresMemory? memory = null) : StoreConnection
{
    private readonly Dictionary<TenantId, (long Mark, TenantMemory Memory)> remembered = [];
    private readonly QueuedStatements queued = new(session);
    private int cursors;

    public NpgsqlConnection Session => session;

    public override bool IsFar => true;

    /// <summary>Ways to the database and back that the transaction took.</summary>
    public int RoundTrips { get; private set; }

    /// <summary>Whether a statement failed: PostgreSQL then takes nothing more in this transaction, and a COMMIT of it would quietly undo it.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Whoever asks for it marks the tenant as written by this transaction: what others remember of it is out of date.</summary>
    public override TenantMemory MemoryOf(TenantId tenant)
    {
        if (memory is null)
            return new TenantMemory();
        if (remembered.TryGetValue(tenant, out var known))
            return known.Memory;

        var before = Number("SELECT mark FROM writer_marks WHERE tenant = $tenant", ("$tenant", tenant));
        var mark = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        Queue(
            "INSERT INTO writer_marks (tenant, mark) VALUES ($tenant, $mark) ON CONFLICT (tenant) DO UPDATE SET mark = excluded.mark",
            ("$tenant", tenant), ("$mark", mark));
        remembered.Add(tenant, known = (mark, memory.Take(tenant, before)));
        return known.Memory;
    }

    /// <summary>To be called before the commit, so that it is there when the next writer has the lock: if nothing is committed the store has not the mark, and what is kept is never used.</summary>
    public void KeepMemory()
    {
        foreach (var (tenant, (mark, known)) in remembered)
            memory!.Keep(tenant, mark, known);
    }

    public override void Queue(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = PostgresStatement.Of(sql);
        queued.Queue(statement, ValuesOf(statement, parameters));
        if (queued.IsFull)
            SendQueued();
    }

    public override void Add(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var insert = PostgresStatement.Of(sql);
        queued.Add(insert, ValuesOf(insert, parameters));
        if (queued.IsFull)
            SendQueued();
    }

    /// <summary>Does what waits; to be called before the commit, and before every statement that could see it.</summary>
    public void SendQueued()
    {
        if (queued.IsEmpty)
            return;

        try
        {
            RoundTrips += queued.Send();
        }
        catch (Exception cause)
        {
            throw Refusal(cause);
        }
    }

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
        if (queued.AreSeenBy(statement))
            SendQueued();
        RoundTrips++;
        var command = new NpgsqlCommand(statement.Text, session);
        foreach (var value in ValuesOf(statement, parameters))
            command.Parameters.Add(PostgresValue.Parameter(value));
        return command;
    }

    private static object?[] ValuesOf(PostgresStatement statement, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var all = new object?[statement.Names.Count];
        for (var at = 0; at < all.Length; at++)
            all[at] = Find(statement.Names[at], statement, parameters);
        return all;
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
}
