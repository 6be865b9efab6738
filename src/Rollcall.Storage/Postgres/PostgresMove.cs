using System.Globalization;
using Npgsql;
using Rollcall.Core.Backups;
using Rollcall.Storage.Moves;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Postgres;

/// <summary>Moves a ledger into a database (ADR 0015).</summary>
public sealed class PostgresMove : ILedgerMove
{
    /// <summary>Held by the connection of a move for as long as it lasts. "rollmove" as a number.</summary>
    private const long MoveLock = 0x726F_6C6C_6D6F_7665;

    /// <summary>What a killed run still has open ends within moments.</summary>
    private const int LockSecondsMax = 30;

    /// <summary>The database may be silent for so long before it counts as gone: our choice, for the order of a table without an index.</summary>
    private const int SilentSecondsMax = 3600;

    private readonly NpgsqlDataSource database;
    private readonly NpgsqlConnection session;
    private readonly MovableLedger source;
    private readonly string address;
    private readonly IReadOnlyList<MovedTable> tables;

    private PostgresMove(NpgsqlDataSource database, NpgsqlConnection session, MovableLedger source, string address, IReadOnlyList<MovedTable> tables) =>
        (this.database, this.session, this.source, this.address, this.tables) = (database, session, source, address, tables);

    public IReadOnlyList<MovedRows> Moved { get; private set; } = [];

    /// <summary>How much is written in one transaction.</summary>
    internal PieceSize Size { get; set; } = PieceSize.Usual;

    /// <summary>Begins a move into an empty database, or goes on with one.</summary>
    /// <param name="address"><c>postgres://user:password@host:port/database</c>.</param>
    /// <param name="source">Disposed with this, and when it cannot be begun.</param>
    /// <exception cref="StoreUnavailableException">The address cannot be used.</exception>
    /// <exception cref="LedgerException">The database cannot be reached or used, or holds a ledger or another's move; the message says what to do.</exception>
    public static PostgresMove Begin(string address, MovableLedger source)
    {
        NpgsqlDataSource? opened = null;
        NpgsqlConnection? begun = null;
        try
        {
            opened = PostgresDatabase.SourceOf(PostgresAddress.Parse(address), sessionsMax: 1, SilentSecondsMax, string.Create(
                CultureInfo.InvariantCulture, $"-c synchronous_commit=on -c lock_timeout={LockSecondsMax}s -c statement_timeout=0"));
            begun = opened.OpenConnection();
            PostgresOpening.Check(begun);
            TakeTurn(begun, address);
            var (ledger, where) = (source.First.Value, PostgresAddress.Describe(address));
            if (PostgresMoveState.Exists(begun))
            {
                PostgresMoveState.RequireSame(begun, ledger, where);
            }
            else
            {
                PostgresSchema.Migrate(begun);
                PostgresMoveState.Begin(begun, ledger, where);
            }

            return new PostgresMove(opened, begun, source, address, PostgresMoveCatalogue.Read(begun, source));
        }
        catch (Exception cause)
        {
            begun?.Dispose();
            opened?.Dispose();
            source.Dispose();
            throw (cause is InvalidOperationException unfit ? Unusable(address, unfit) : Refusal(address, cause)) ?? cause;
        }
    }

    public void Copy(Action<LedgerProgress> tell, CancellationToken cancel) => Try(() =>
    {
        new PostgresMovePieces(session, source, tables, Size, tell, cancel).Copy();
        PostgresMoveState.MakeIndexes(session, tell, cancel);
        return true;
    });

    public IEnumerable<string> Differences(Action<LedgerProgress> tell, CancellationToken cancel)
    {
        var comparison = new PostgresMoveComparison(session, source, tables, tell, cancel);
        foreach (var found in Tried(comparison.Run().Concat(CheckChains(tell, cancel))))
            yield return found;
        Moved = comparison.Moved;
    }

    public void Finish() => Try(() =>
    {
        PostgresMoveState.Finish(session);
        return true;
    });

    public void Dispose()
    {
        session.Dispose();
        database.Dispose();
        source.Dispose();
    }

    private static void TakeTurn(NpgsqlConnection session, string address)
    {
        try
        {
            PostgresMoveState.Run(session, $"SELECT pg_advisory_lock({MoveLock})");
        }
        catch (PostgresException cause) when (cause.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new LedgerException($"Another rollcalld migrate-store is at work on {PostgresAddress.Describe(address)}", cause);
        }
    }

    /// <summary>On one snapshot, as <c>rollcalld verify</c> does it.</summary>
    private IEnumerable<string> CheckChains(Action<LedgerProgress> tell, CancellationToken cancel)
    {
        using var transaction = session.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);
        using var inspection = new SqlLedgerInspection(new PostgresConnection(session), SchemaMigrations.Newest(PostgresSchema.Engine), openSeal: null, (_, _) => [], () => { });
        foreach (var wrong in inspection.Check(tell, cancel))
            yield return wrong;
    }

    private IEnumerable<string> Tried(IEnumerable<string> found)
    {
        using var each = found.GetEnumerator();
        while (Try(each.MoveNext))
            yield return each.Current;
    }

    private T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception cause) when (Refusal(address, cause) is not null)
        {
            throw Refusal(address, cause)!;
        }
    }

    /// <summary>Null when the cause is no word of either store's or the network's. The detail of PostgreSQL's errors is left out: it holds values.</summary>
    private static LedgerException? Refusal(string address, Exception cause) => cause switch
    {
        StoreException => new LedgerException($"The ledger cannot be read: {cause.Message}", cause),
        NpgsqlException or TimeoutException or IOException => Unusable(address, cause),
        _ => null,
    };

    private static LedgerException Unusable(string address, Exception cause) => new(
        $"The database at {PostgresAddress.Describe(address)} cannot be used: {PostgresOpening.WhatToDo(cause, PostgresAddress.Parse(address))}. What was copied stays: run it again to go on", cause);
}
