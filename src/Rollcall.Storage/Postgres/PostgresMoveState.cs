using Npgsql;
using NpgsqlTypes;
using Rollcall.Core.Backups;
using Rollcall.Storage.Moves;

namespace Rollcall.Storage.Postgres;

/// <summary>
/// What a database says of itself while a ledger is moved into it: tables of their own, which no migration makes and which go when it is finished. As long as
/// they are there no server opens it.
/// </summary>
internal static class PostgresMoveState
{
    private const string Marker = "rollcall_migration";

    /// <summary>Which pieces are there already; keys as <see cref="MoveKey"/> writes them.</summary>
    internal const string Pieces = "rollcall_migration_pieces";

    /// <summary>What was taken away to be made again when the rows are there.</summary>
    private const string Definitions = "rollcall_migration_definitions";

    /// <summary>Made when the first copy is there: to build an index of rows that lie there is much quicker than to keep it at every row.</summary>
    private const long AfterCopy = 1;

    /// <summary>Made at the very end: until then pieces are replaced in any order.</summary>
    private const long AtEnd = 2;

    private const string Tables =
        $"""
        CREATE TABLE {Marker} (ledger TEXT NOT NULL, schema BIGINT NOT NULL);
        CREATE TABLE {Pieces} (
            no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, moved_table TEXT NOT NULL, tenant TEXT NOT NULL, after_key TEXT, up_to_key TEXT NOT NULL,
            row_count BIGINT NOT NULL, digest BYTEA NOT NULL);
        CREATE TABLE {Definitions} (no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stage BIGINT NOT NULL, made_by TEXT NOT NULL);
        """;

    /// <summary>Foreign keys first: they rest on what follows. Whether it is one, what takes it away, what makes it again.</summary>
    private const string Removable =
        """
        SELECT contype = 'f', format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE contype IN ('f', 'u') AND conparentid = 0 AND conrelid::regclass::text = ANY ($1)
        UNION ALL
        SELECT FALSE, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
        FROM pg_index i WHERE NOT indisprimary AND indrelid::regclass::text = ANY ($1) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)
        ORDER BY 1 DESC, 2
        """;

    /// <summary>Whether a move into this database was begun and not finished.</summary>
    public static bool Exists(NpgsqlConnection session)
    {
        using var command = new NpgsqlCommand($"SELECT to_regclass('{Marker}') IS NOT NULL", session);
        return command.ExecuteScalar() is true;
    }

    /// <summary>Marks an empty database and takes away what would slow the copy down, or all of it or nothing.</summary>
    /// <exception cref="LedgerException">There is a ledger in it.</exception>
    public static void Begin(NpgsqlConnection session, string ledger, string where)
    {
        using var transaction = session.BeginTransaction();
        PostgresSchema.LockWhole(session);
        foreach (var table in MovedTables.All.Append("server_facts"))
        {
            using var any = new NpgsqlCommand($"SELECT EXISTS (SELECT 1 FROM {table})", session);
            if (any.ExecuteScalar() is true)
                throw new LedgerException($"There is a ledger at {where} already, and nothing is ever written over one: create an empty database to move into");
        }

        Run(session, Tables);
        Run(session, $"INSERT INTO {Marker} (ledger, schema) VALUES ($1, $2)", ledger, (long)SchemaMigrations.Newest(PostgresSchema.Engine));
        foreach (var (isForeignKey, dropped, made) in RemovableOf(session))
        {
            Run(session, dropped);
            Run(session, $"INSERT INTO {Definitions} (stage, made_by) VALUES ($1, $2)", isForeignKey ? AtEnd : AfterCopy, made);
        }

        transaction.Commit();
    }

    /// <exception cref="LedgerException">What was begun is not a move of this ledger by this version of the program.</exception>
    public static void RequireSame(NpgsqlConnection session, string ledger, string where)
    {
        using var command = new NpgsqlCommand($"SELECT ledger, schema FROM {Marker}", session);
        using var row = command.ExecuteReader();
        row.Read();
        if (row.GetString(0) != ledger)
            throw new LedgerException($"A migration of another ledger to {where} was begun and not finished: finish that one, or create another database");
        if (row.GetInt64(1) != SchemaMigrations.Newest(PostgresSchema.Engine))
            throw new LedgerException($"The migration to {where} was begun by another version of rollcalld: finish it with that one, or create an empty database and begin anew");
    }

    /// <summary>One by one, so that a killed run has not built them all for nothing.</summary>
    public static void MakeIndexes(NpgsqlConnection session, Action<LedgerProgress> tell, CancellationToken cancel)
    {
        var missing = DefinitionsOf(session, AfterCopy);
        for (var index = 0; index < missing.Count; index++)
        {
            cancel.ThrowIfCancellationRequested();
            tell(new LedgerProgress("indexes made", index, missing.Count));
            using var transaction = session.BeginTransaction();
            Run(session, missing[index].MadeBy);
            Run(session, $"DELETE FROM {Definitions} WHERE no = $1", missing[index].No);
            transaction.Commit();
        }

        if (missing.Count == 0)
            return;

        // The planner knows nothing yet of rows that came by COPY, and lists are answered from indexes alone only where a vacuum was (ADR 0016).
        foreach (var table in MovedTables.All)
            Run(session, $"VACUUM (ANALYZE) {table}");
    }

    /// <summary>From here on it is a ledger like any other.</summary>
    public static void Finish(NpgsqlConnection session)
    {
        using var transaction = session.BeginTransaction();
        PostgresSchema.LockWhole(session);
        foreach (var (_, madeBy) in DefinitionsOf(session, AtEnd))
            Run(session, madeBy);
        Run(session, $"DROP TABLE {Marker}, {Pieces}, {Definitions}");
        transaction.Commit();
    }

    /// <summary>No bound of time: an index of a large ledger takes what it takes.</summary>
    internal static void Run(NpgsqlConnection session, string sql, params ReadOnlySpan<object?> parameters)
    {
        using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 0 };
        foreach (var parameter in parameters)
            command.Parameters.Add(ParameterOf(parameter));
        command.ExecuteNonQuery();
    }

    /// <summary>A null is a text's: no other column of ours has any.</summary>
    internal static NpgsqlParameter ParameterOf(object? value) => value switch
    {
        long number => new NpgsqlParameter<long> { TypedValue = number, NpgsqlDbType = NpgsqlDbType.Bigint },
        byte[] bytes => new NpgsqlParameter<byte[]> { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
        _ => new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
    };

    private static List<(bool IsForeignKey, string Dropped, string Made)> RemovableOf(NpgsqlConnection session)
    {
        using var command = new NpgsqlCommand(Removable, session);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. MovedTables.All], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        using var rows = command.ExecuteReader();
        var all = new List<(bool, string, string)>();
        while (rows.Read())
            all.Add((rows.GetBoolean(0), rows.GetString(1), rows.GetString(2)));
        return all;
    }

    private static List<(long No, string MadeBy)> DefinitionsOf(NpgsqlConnection session, long stage)
    {
        using var command = new NpgsqlCommand($"SELECT no, made_by FROM {Definitions} WHERE stage = $1 ORDER BY no", session);
        command.Parameters.Add(ParameterOf(stage));
        using var rows = command.ExecuteReader();
        var all = new List<(long, string)>();
        while (rows.Read())
            all.Add((rows.GetInt64(0), rows.GetString(1)));
        return all;
    }
}
