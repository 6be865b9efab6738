using System.Collections.Concurrent;
using System.Text;
using Rollcall.Core;
using Rollcall.Storage.Sql;
using SQLitePCL;

namespace Rollcall.Storage.Sqlite;

/// <summary>The embedded store: one file, one writer at a time, any number of readers, durable at commit.</summary>
public sealed class SqliteDatabase : StoreDatabase
{
    /// <summary>Read connections kept open for reuse. Our choice: twice the request threads of a small machine.</summary>
    private const int IdleReadersMax = 16;

    /// <summary>Pages the writer keeps: what a fleet's newest events touch, in a ledger of some millions.</summary>
    private const int WriterCacheKiB = 64 * 1024;

    /// <summary>Pages in the log before they are moved into the file, 4 KB each: a page that many commits write is moved once.</summary>
    private const int CheckpointPages = 16 * 1024;

    /// <summary>What the log's file may keep of its length when it is begun anew: a long reader (a backup) may have made it much longer.</summary>
    private const int LogBytesKept = 2 * CheckpointPages * 4096;

    private readonly string path;
    private readonly Action<StoreConnection> giveBack;
    private readonly SqliteConnection writer;
    private readonly GroupCommit commits;
    private readonly ConcurrentBag<SqliteConnection> idleReaders = [];

    private SqliteDatabase(SqliteConnection writer, string path) =>
        (this.writer, this.path, giveBack, commits) = (writer, path, GiveBack, new GroupCommit(writer, Growth, writer.Forget, TellGrown));

    public override int SessionChangesKept
    {
        get => writer.SessionChangesKept;
        set => writer.SessionChangesKept = value;
    }

    /// <summary>Opens or creates the file and brings its schema up to date.</summary>
    public static SqliteDatabase Open(string path)
    {
        Batteries_V2.Init();
        var connection = SqliteConnection.Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        try
        {
            // FULL in WAL mode syncs the log at every commit: what was acknowledged survives a power cut.
            connection.Script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = 5000;");
            connection.Script($"PRAGMA cache_size = -{WriterCacheKiB}; PRAGMA wal_autocheckpoint = {CheckpointPages}; PRAGMA journal_size_limit = {LogBytesKept};");
            // What goes is overwritten with zeros, pages that become free too: a backup copies them. What it costs is in ADR 0012.
            connection.Script("PRAGMA secure_delete = ON;");
            if (SqliteSchema.Migrate(connection))
                connection.Script("PRAGMA wal_checkpoint(TRUNCATE);"); // the log may have every page of the file
            // Off until here: a migration may write anew a table that others refer to.
            connection.Script("PRAGMA foreign_keys = ON;");
            return new SqliteDatabase(connection, path);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal override Task<T> WriteAsync<T>(TenantId? tenant, Func<StoreConnection, T> work, CancellationToken cancel) => commits.RunAsync(work, isPatient: false, cancel);

    internal override Task<T> WritePatientlyAsync<T>(TenantId? tenant, Func<StoreConnection, T> work, CancellationToken cancel) => commits.RunAsync(work, isPatient: true, cancel);

    public override async Task<bool> CanWriteAsync(CancellationToken cancel)
    {
        try
        {
            return await WriteAsync(connection => connection.Number("PRAGMA user_version") is > 0, cancel).ConfigureAwait(false);
        }
        catch (StoreException)
        {
            return false;
        }
    }

    internal override Snapshot BorrowReader()
    {
        if (!idleReaders.TryTake(out var connection))
        {
            connection = SqliteConnection.Open(path, raw.SQLITE_OPEN_READONLY);
            connection.Script("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;");
            connection.AddFunction(FoldedText.Function, arguments: 1, Fold);
            connection.AddFunction(SqlAddresses.Function, arguments: 2, Within(new SqlAddresses()));
        }

        connection.Execute("BEGIN");
        return new Snapshot(connection, giveBack);
    }

    private void GiveBack(StoreConnection reader)
    {
        reader.Execute("ROLLBACK");
        var connection = (SqliteConnection)reader;
        if (idleReaders.Count < IdleReadersMax)
            idleReaders.Add(connection);
        else
            connection.Dispose();
    }

    internal static void Fold(sqlite3_context context, object user, sqlite3_value[] arguments)
    {
        if (raw.sqlite3_value_type(arguments[0]) == raw.SQLITE_NULL)
            raw.sqlite3_result_null(context);
        else
            raw.sqlite3_result_blob(context, FoldedText.Of(Encoding.UTF8.GetString(raw.sqlite3_value_blob(arguments[0]))).Bytes);
    }

    private static delegate_function_scalar Within(SqlAddresses addresses) => (context, _, arguments) => raw.sqlite3_result_int(
        context, addresses.IsWithin(raw.sqlite3_value_blob(arguments[0]), raw.sqlite3_value_blob(arguments[1])) ? 1 : 0);

    public override async ValueTask DisposeAsync()
    {
        await commits.StopAsync().ConfigureAwait(false);
        while (idleReaders.TryTake(out var reader))
            reader.Dispose();
        writer.Script("PRAGMA wal_checkpoint(TRUNCATE);");
        writer.Dispose();
    }
}
