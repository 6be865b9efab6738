using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Rollcall.Core;

namespace Rollcall.Storage.Sqlite;

/// <summary>The embedded store: one file, one writer at a time, any number of readers, durable at commit.</summary>
public sealed class SqliteDatabase : IAsyncDisposable
{
    /// <summary>Writers that may wait for their turn; one more is refused. Our choice: some seconds of work at 10 ms a transaction.</summary>
    private const int WritersWaitingMax = 512;

    /// <summary>Read connections kept open for reuse. Our choice: twice the request threads of a small machine.</summary>
    private const int IdleReadersMax = 16;

    private const int RetryAfterSeconds = 1;

    private readonly string readerConnectionString;
    private readonly SqliteConnection writer;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly ConcurrentBag<SqliteConnection> idleReaders = [];
    private int writersWaiting;

    private SqliteDatabase(SqliteConnection writer, string readerConnectionString) =>
        (this.writer, this.readerConnectionString) = (writer, readerConnectionString);

    /// <summary>Opens or creates the file and brings its schema up to date.</summary>
    public static SqliteDatabase Open(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(ConnectionString(path, SqliteOpenMode.ReadWriteCreate));
        connection.Open();
        // FULL in WAL mode syncs the log at every commit: what was acknowledged survives a power cut.
        connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;");
        SqliteSchema.Migrate(connection);
        connection.ReleasePrepared();
        return new SqliteDatabase(connection, ConnectionString(path, SqliteOpenMode.ReadOnly));
    }

    /// <summary>Runs <paramref name="work"/> in a transaction that is on disk when this returns.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when too many writers wait already.</exception>
    internal async Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancel)
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
    private T InTransaction<T>(Func<SqliteConnection, T> work)
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
        if (SQLitePCL.raw.sqlite3_get_autocommit(writer.Handle!) == 0)
            writer.Execute("ROLLBACK");
    }

    internal Task WriteAsync(Action<SqliteConnection> work, CancellationToken cancel) => WriteAsync(
        connection =>
        {
            work(connection);
            return true;
        },
        cancel);

    /// <summary>Whether a write transaction can begin and end now; false when the disk or the file refuses.</summary>
    public async Task<bool> CanWriteAsync(CancellationToken cancel)
    {
        try
        {
            return await WriteAsync(connection => connection.Number("PRAGMA user_version") is > 0, cancel).ConfigureAwait(false);
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>Runs <paramref name="work"/> on one snapshot.</summary>
    internal T Read<T>(Func<SqliteConnection, T> work)
    {
        using var reader = BorrowReader();
        return work(reader.Connection);
    }

    /// <summary>Counts and reads in one snapshot, which lasts until the stream is disposed.</summary>
    internal RowStream<T> OpenRows<T>(Func<SqliteConnection, long> count, Func<SqliteConnection, IAsyncEnumerable<T>> rows)
    {
        var reader = BorrowReader();
        try
        {
            return new RowStream<T>(count(reader.Connection), rows(reader.Connection), () =>
            {
                reader.Dispose();
                return ValueTask.CompletedTask;
            });
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>A read connection inside a transaction: all its queries see one snapshot. Disposing gives it back.</summary>
    internal Reader BorrowReader()
    {
        if (!idleReaders.TryTake(out var connection))
        {
            connection = new SqliteConnection(readerConnectionString);
            connection.Open();
            connection.Execute("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;");
            SqliteFolding.Register(connection);
        }

        connection.Execute("BEGIN");
        return new Reader(this, connection);
    }

    public async ValueTask DisposeAsync()
    {
        await writing.WaitAsync().ConfigureAwait(false);
        while (idleReaders.TryTake(out var reader))
        {
            reader.ReleasePrepared();
            await reader.DisposeAsync().ConfigureAwait(false);
        }

        writer.Execute("PRAGMA wal_checkpoint(TRUNCATE);");
        writer.ReleasePrepared();
        await writer.DisposeAsync().ConfigureAwait(false);
        writing.Dispose();
    }

    private static string ConnectionString(string path, SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = mode,
        Pooling = false,
    }.ToString();

    /// <summary>A borrowed read connection.</summary>
    internal readonly struct Reader(SqliteDatabase owner, SqliteConnection connection) : IDisposable
    {
        public SqliteConnection Connection => connection;

        public void Dispose()
        {
            connection.Execute("ROLLBACK");
            if (owner.idleReaders.Count < IdleReadersMax)
            {
                owner.idleReaders.Add(connection);
                return;
            }

            connection.ReleasePrepared();
            connection.Dispose();
        }
    }
}
