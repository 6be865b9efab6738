using System.Collections.Concurrent;
using System.Text;
using Rollcall.Core;
using Rollcall.Storage.Sql;
using SQLitePCL;

namespace Rollcall.Storage.Sqlite;

/// <summary>The embedded store: one file, one writer at a time, any number of readers, durable at commit.</summary>
public sealed class SqliteDatabase : StoreDatabase
{
    /// <summary>Writers that may wait for their turn; one more is refused. Our choice: some seconds of work at 10 ms a transaction.</summary>
    private const int WritersWaitingMax = 512;

    /// <summary>Read connections kept open for reuse. Our choice: twice the request threads of a small machine.</summary>
    private const int IdleReadersMax = 16;

    private const int RetryAfterSeconds = 1;

    private readonly string path;
    private readonly Action<StoreConnection> giveBack;
    private readonly SqliteConnection writer;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly ConcurrentBag<SqliteConnection> idleReaders = [];
    private int writersWaiting;

    private SqliteDatabase(SqliteConnection writer, string path) => (this.writer, this.path, giveBack) = (writer, path, GiveBack);

    /// <summary>Opens or creates the file and brings its schema up to date.</summary>
    public static SqliteDatabase Open(string path)
    {
        Batteries_V2.Init();
        var connection = SqliteConnection.Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        try
        {
            // FULL in WAL mode syncs the log at every commit: what was acknowledged survives a power cut.
            connection.Script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;");
            SqliteSchema.Migrate(connection);
            return new SqliteDatabase(connection, path);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction that is on disk when this returns.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when too many writers wait already.</exception>
    internal override async Task<T> WriteAsync<T>(Func<StoreConnection, T> work, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref writersWaiting) > WritersWaitingMax)
        {
            Interlocked.Decrement(ref writersWaiting);
            throw FaultException.TooBusy("Too many writes wait for the ledger", RetryAfterSeconds);
        }

        try
        {
            await writing.WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref writersWaiting);
        }

        try
        {
            return InTransaction(work);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>By statements rather than by the driver's transaction object, to which prepared statements would be tied.</summary>
    private T InTransaction<T>(Func<StoreConnection, T> work)
    {
        writer.Execute("BEGIN IMMEDIATE");
        try
        {
            var result = work(writer);
            writer.Execute("COMMIT");
            return result;
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <summary>SQLite ends the transaction by itself on some errors (a full disk); then there is nothing left to roll back.</summary>
    private void RollBack()
    {
        if (writer.IsInTransaction)
            writer.Execute("ROLLBACK");
    }

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
            connection.AddFunction(SqlFolding.Function, arguments: 1, Fold);
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

    private static void Fold(sqlite3_context context, object user, sqlite3_value[] arguments)
    {
        if (raw.sqlite3_value_type(arguments[0]) == raw.SQLITE_NULL)
            raw.sqlite3_result_null(context);
        else
            raw.sqlite3_result_blob(context, SqlFolding.Of(Encoding.UTF8.GetString(raw.sqlite3_value_blob(arguments[0]))));
    }

    private static delegate_function_scalar Within(SqlAddresses addresses) => (context, _, arguments) => raw.sqlite3_result_int(
        context, addresses.IsWithin(raw.sqlite3_value_blob(arguments[0]), raw.sqlite3_value_blob(arguments[1])) ? 1 : 0);

    public override async ValueTask DisposeAsync()
    {
        await writing.WaitAsync().ConfigureAwait(false);
        while (idleReaders.TryTake(out var reader))
            reader.Dispose();
        writer.Script("PRAGMA wal_checkpoint(TRUNCATE);");
        writer.Dispose();
        writing.Dispose();
    }
}
