using System.Buffers.Binary;
using System.Globalization;
using Npgsql;
using Rollcall.Core;

namespace Rollcall.Storage.Postgres;

/// <summary>
/// A ledger in PostgreSQL 15 or newer, beside any number of other servers on it. Writers of one tenant come one after another, by a lock that
/// ends with their transaction; a writer that names no tenant is alone; one that changes rows which it locks itself waits for nobody else. Readers see a
/// snapshot and wait for nobody.
/// </summary>
public sealed class PostgresDatabase : StoreDatabase
{
    /// <summary>Connections of one server to the database at most: plan its max_connections by them.</summary>
    public const int SessionsMax = WritersMax + ProbesMax + ReadersMax;

    /// <summary>Transactions of this server that may write at once; with those of other servers they must stay below the database's max_connections.</summary>
    private const int WritersMax = 8;

    /// <summary>Asked whether it can write while all writers wait for their turn, a server must not wait with them: whoever balances the load would take it out.</summary>
    private const int ProbesMax = 1;

    /// <summary>Writers that may wait for their turn; one more is refused, as in the embedded store.</summary>
    private const int WritersWaitingMax = 512;

    /// <summary>Snapshots of this server at once; exports hold theirs for as long as they run.</summary>
    private const int ReadersMax = 32;

    /// <summary>A reader's statement, one fetch of a stream: our choice, ten times what the slowest question of ten million sessions took.</summary>
    private const int ReadSecondsMax = 30;

    /// <summary>Between two fetches of a stream: a client may read slowly, not stop.</summary>
    private const int ReaderIdleSecondsMax = 600;

    /// <summary>Between two statements of a writer. A server that stands still, or whose machine is gone, holds its tenant no longer.</summary>
    private const int WriterIdleSecondsMax = 30;

    /// <summary>For the lock of the tenant. Our choice: under what a client waits for an answer.</summary>
    private const int LockSecondsMax = 20;

    private const int ConnectSecondsMax = 10;
    private const int PreparedMax = 256;
    private const int RetryAfterSeconds = 1;

    /// <summary>The lock that every writer shares and one without a tenant has alone.</summary>
    internal const long EveryTenant = 0;

    /// <summary>Read committed: what the writer before has written is seen by every statement after the lock.</summary>
    private const string BeginWriting = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    /// <summary>
    /// Readers' plans: pages of indexes are in memory or on a disk without heads, which PostgreSQL's default price of 4 is not about, and would have it read tables whole;
    /// and compiling a statement takes longer than almost any of ours.
    /// </summary>
    private const string ReaderPlans = "-c random_page_cost=1.1 -c jit=off";

    private readonly NpgsqlDataSource writers;
    private readonly NpgsqlDataSource readers;
    private readonly Action<StoreConnection> giveBack;
    private readonly PostgresMemory memory = new();
    private readonly SemaphoreSlim writing = new(WritersMax, WritersMax);
    private int writersWaiting;

    private PostgresDatabase(NpgsqlDataSource writers, NpgsqlDataSource readers) => (this.writers, this.readers, giveBack) = (writers, readers, GiveBack);

    /// <summary>Connects and brings the schema up to date.</summary>
    /// <param name="address"><c>postgres://user:password@host:port/database</c>.</param>
    /// <exception cref="StoreUnavailableException">It cannot be reached or used; the message says what to do.</exception>
    public static PostgresDatabase Open(string address) => Open(address, PostgresOpening.RequireWhole);

    /// <summary>One into which a ledger is being moved, to write what its servers will agree on.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be reached or used; the message says what to do.</exception>
    public static PostgresDatabase OpenUnfinished(string address) => Open(address, _ => { });

    private static PostgresDatabase Open(string address, Action<NpgsqlConnection> require)
    {
        var known = PostgresAddress.Parse(address);
        var forWriters = SourceOf(known, WritersMax + ProbesMax, ReadSecondsMax, string.Create(CultureInfo.InvariantCulture,
            $"-c synchronous_commit=on -c lock_timeout={LockSecondsMax}s -c idle_in_transaction_session_timeout={WriterIdleSecondsMax}s"));
        var forReaders = SourceOf(known, ReadersMax, ReadSecondsMax, string.Create(CultureInfo.InvariantCulture,
            $"{ReaderPlans} -c default_transaction_read_only=on -c statement_timeout={ReadSecondsMax}s -c idle_in_transaction_session_timeout={ReaderIdleSecondsMax}s"));
        try
        {
            using var session = forWriters.OpenConnection();
            PostgresOpening.Check(session);
            require(session);
            PostgresSchema.Migrate(session);
            return new PostgresDatabase(forWriters, forReaders);
        }
        catch (Exception cause)
        {
            forWriters.Dispose();
            forReaders.Dispose();
            throw PostgresOpening.Refusal(address, known, cause) ?? cause;
        }
    }

    public override int SessionChangesKept { get; set; } = Sql.SessionChangeLog.KeptDefault;

    internal override bool IsShared => true;

    internal override Task<T> WriteAsync<T>(TenantId? tenant, Func<StoreConnection, T> work, CancellationToken cancel) => InTurnAsync(
        tenant is { } one
            ? $"{BeginWriting}; SELECT pg_advisory_xact_lock_shared({EveryTenant}); SELECT pg_advisory_xact_lock({LockOf(one)})"
            : $"{BeginWriting}; SELECT pg_advisory_xact_lock({EveryTenant})",
        memory,
        work,
        cancel);

    internal override Task<T> WriteRowsAsync<T>(Func<StoreConnection, T> work, CancellationToken cancel) => InTurnAsync(BeginWriting, mayRemember: null, work, cancel);

    private async Task<T> InTurnAsync<T>(string begin, PostgresMemory? mayRemember, Func<StoreConnection, T> work, CancellationToken cancel)
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
            return await InTransactionAsync(begin, mayRemember, work, cancel).ConfigureAwait(false);
        }
        finally
        {
            writing.Release();
        }
    }

    public override async Task<bool> CanWriteAsync(CancellationToken cancel)
    {
        try
        {
            await using var session = await writers.OpenConnectionAsync(cancel).ConfigureAwait(false);
            await using var command = new NpgsqlCommand("SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'", session);
            return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false) is true;
        }
        catch (Exception cause) when (cause is NpgsqlException or TimeoutException or IOException)
        {
            return false;
        }
    }

    internal override Snapshot BorrowReader()
    {
        try
        {
            return new Snapshot(new PostgresConnection(OpenSnapshot()), giveBack);
        }
        catch (Exception cause)
        {
            throw PostgresRefusal.Of(cause);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await writers.DisposeAsync().ConfigureAwait(false);
        await readers.DisposeAsync().ConfigureAwait(false);
        writing.Dispose();
    }

    /// <summary>Nothing is lost yet when the connection turns out to be gone: the database may have been started anew since it was last used.</summary>
    private NpgsqlConnection OpenSnapshot()
    {
        const string Begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        try
        {
            return Begun(readers, Begin);
        }
        catch (Exception cause) when (PostgresRefusal.IsLost(cause))
        {
            readers.Clear();
            return Begun(readers, Begin);
        }
    }

    internal static NpgsqlConnection Begun(NpgsqlDataSource source, string begin)
    {
        var session = source.OpenConnection();
        try
        {
            Run(session, begin);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void GiveBack(StoreConnection reader)
    {
        using var session = ((PostgresConnection)reader).Session;
        RollBack(session);
    }

    /// <summary>Committed when this returns, and only then: a failure at the very end leaves open whether it was, and says so by throwing.</summary>
    private async Task<T> InTransactionAsync<T>(string begin, PostgresMemory? mayRemember, Func<StoreConnection, T> work, CancellationToken cancel)
    {
        NpgsqlConnection? session = null;
        try
        {
            session = await BeginAsync(begin, cancel).ConfigureAwait(false);
            var connection = new PostgresConnection(session, mayRemember) { SessionChangesKept = SessionChangesKept };
            var result = work(connection);
            connection.SendQueued();
            connection.KeepMemory();
            if (connection.HasFailed)
                throw new StoreException("A statement of the transaction failed", isTaken: false);

            await RunAsync(session, "COMMIT", CancellationToken.None).ConfigureAwait(false);
            TellGrown(connection.TakeGrown());
            return result;
        }
        catch (Exception cause) when (cause is NpgsqlException or TimeoutException or IOException)
        {
            throw PostgresRefusal.Of(cause);
        }
        finally
        {
            if (session is not null)
            {
                RollBack(session);
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<NpgsqlConnection> BeginAsync(string begin, CancellationToken cancel)
    {
        try
        {
            return await BegunAsync(begin, cancel).ConfigureAwait(false);
        }
        catch (Exception cause) when (PostgresRefusal.IsLost(cause))
        {
            writers.Clear();
            return await BegunAsync(begin, cancel).ConfigureAwait(false);
        }
    }

    private async Task<NpgsqlConnection> BegunAsync(string begin, CancellationToken cancel)
    {
        var session = await writers.OpenConnectionAsync(cancel).ConfigureAwait(false);
        try
        {
            await RunAsync(session, begin, cancel).ConfigureAwait(false);
            return session;
        }
        catch
        {
            RollBack(session);
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Both halves of the tenant's random id; two tenants with one number would only wait for each other. Never that of all.</summary>
    private static long LockOf(TenantId tenant)
    {
        var id = Convert.FromHexString(tenant.Value);
        var number = BinaryPrimitives.ReadInt64BigEndian(id) ^ BinaryPrimitives.ReadInt64BigEndian(id.AsSpan(sizeof(long)));
        return number == EveryTenant ? -1 : number;
    }

    /// <summary>A connection that is gone has nothing left to roll back: PostgreSQL did.</summary>
    private static void RollBack(NpgsqlConnection session)
    {
        try
        {
            if (session.FullState is System.Data.ConnectionState.Open)
                Run(session, "ROLLBACK");
        }
        catch (Exception cause) when (cause is NpgsqlException or IOException or InvalidOperationException)
        {
            NpgsqlConnection.ClearPool(session);
        }
    }

    private static void Run(NpgsqlConnection session, string sql)
    {
        using var command = new NpgsqlCommand(sql, session);
        command.ExecuteNonQuery();
    }

    private static async Task RunAsync(NpgsqlConnection session, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    /// <param name="statementSecondsMax">The driver's own limit; the database's, which says what it is, should come first.</param>
    internal static NpgsqlDataSource SourceOf(NpgsqlConnectionStringBuilder known, int sessionsMax, int statementSecondsMax, string settings)
    {
        var builder = new NpgsqlConnectionStringBuilder(known.ConnectionString)
        {
            ApplicationName = "rollcalld",
            MaxPoolSize = sessionsMax,
            Timeout = ConnectSecondsMax,
            CommandTimeout = statementSecondsMax + LockSecondsMax,
            MaxAutoPrepare = PreparedMax,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true, // a connection goes back without a transaction, and nothing else is ever set on it
            Options = settings,
            PersistSecurityInfo = false,
        };
        return NpgsqlDataSource.Create(builder.ConnectionString);
    }
}
