using Rollcall.Core;
using Rollcall.Storage.Sql;
using SQLitePCL;

namespace Rollcall.Storage.Sqlite;

/// <summary>A connection to the file, with the statements it prepared.</summary>
internal sealed class SqliteConnection : StoreConnection, IDisposable
{
    /// <summary>Statements kept prepared; beyond it they are prepared at every use. Filters can make many.</summary>
    private const int PreparedMax = 256;

    private readonly sqlite3 handle;
    private readonly Dictionary<string, SqliteRows> prepared = new(StringComparer.Ordinal);

    private SqliteConnection(sqlite3 handle) => (this.handle, Tenants) = (handle, new TenantNumbers(this));

    /// <summary>Of use to the one connection that writes.</summary>
    public LedgerMemory Memory { get; } = new();

    public RecentTexts Texts { get; } = new();

    public TenantNumbers Tenants { get; }

    public override TenantMemory MemoryOf(TenantId tenant) => Memory.Of(tenant);

    /// <summary>Whether a transaction has begun and not ended: SQLite ends one by itself on some errors.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(handle) == 0;

    /// <param name="path">A file.</param>
    /// <param name="flags"><c>SQLITE_OPEN_…</c>.</param>
    public static SqliteConnection Open(string path, int flags)
    {
        // One caller at a time is our promise: SQLite need not lock for it again.
        var result = raw.sqlite3_open_v2(path, out var handle, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        if (result == raw.SQLITE_OK)
        {
            raw.sqlite3_extended_result_codes(handle, 1);
            return new SqliteConnection(handle);
        }

        var message = raw.sqlite3_errstr(result).utf8_to_string();
        handle?.Dispose();
        throw new StoreException($"The ledger at {path} cannot be opened: {message}", isTaken: false);
    }

    /// <summary>Runs statements without parameters or rows.</summary>
    public void Script(string sql)
    {
        if (raw.sqlite3_exec(handle, sql) is var result and not raw.SQLITE_OK)
            throw Refusal(result);
    }

    /// <summary>Forgets what was remembered of the ledger: some of it was rolled back.</summary>
    public void Forget()
    {
        Memory.Forget();
        Tenants.Forget();
    }

    public void AddFunction(string name, int arguments, delegate_function_scalar function) =>
        raw.sqlite3_create_function(handle, name, arguments, raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC, null, function);

    /// <summary>
    /// Copies the whole file as this connection's transaction sees it. Inside one transaction the copy never begins anew, however much others write meanwhile;
    /// until it ends their log grows, because nothing newer can be moved into the file.
    /// </summary>
    /// <param name="target">An empty file.</param>
    /// <param name="pagesPerStep">Copied between two calls of <paramref name="tell"/>.</param>
    /// <param name="tell">Pages done, and of how many.</param>
    public void CopyInto(SqliteConnection target, int pagesPerStep, Action<long, long> tell)
    {
        using var backup = raw.sqlite3_backup_init(target.handle, "main", handle, "main") ?? throw target.Refusal(raw.sqlite3_errcode(target.handle));
        while (true)
        {
            var result = raw.sqlite3_backup_step(backup, pagesPerStep);
            if (result is not raw.SQLITE_OK and not raw.SQLITE_DONE)
                throw new StoreException($"SQLite error {result}: {raw.sqlite3_errstr(result).utf8_to_string()}", isTaken: false);

            var all = raw.sqlite3_backup_pagecount(backup);
            tell(all - raw.sqlite3_backup_remaining(backup), all);
            if (result == raw.SQLITE_DONE)
                return;
        }
    }

    /// <summary>Calls back now and then while a statement works, until disposed.</summary>
    /// <param name="instructions">Of SQLite's machine, between two calls.</param>
    /// <param name="goOn">False ends the statement.</param>
    public IDisposable OnProgress(int instructions, Func<bool> goOn)
    {
        raw.sqlite3_progress_handler(handle, instructions, _ => goOn() ? 0 : 1, null);
        return new ProgressWatch(handle);
    }

    public override int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Borrow(sql, parameters);
        while (rows.Read())
        {
            // A statement that returns rows is done when all were asked for.
        }

        return raw.sqlite3_changes(handle);
    }

    public override StoreRows Open(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Borrow(sql, parameters);

    public void Dispose()
    {
        foreach (var rows in prepared.Values)
            rows.Finish();
        prepared.Clear();
        handle.Dispose();
    }

    internal StoreException Refusal(int result) => new(
        $"SQLite error {result}: {raw.sqlite3_errmsg(handle).utf8_to_string()}",
        isTaken: result is raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY);

    /// <summary>A statement in use is out of the store, so that a use inside a use prepares its own.</summary>
    internal void GiveBack(SqliteRows rows)
    {
        if (prepared.Count >= PreparedMax || !prepared.TryAdd(rows.Sql, rows))
            rows.Finish();
    }

    private SqliteRows Borrow(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!prepared.Remove(sql, out var rows))
            rows = new SqliteRows(this, Prepare(sql), sql);
        try
        {
            rows.Bind(parameters);
            return rows;
        }
        catch
        {
            rows.Finish();
            throw;
        }
    }

    private sqlite3_stmt Prepare(string sql) =>
        raw.sqlite3_prepare_v3(handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement) is var result and not raw.SQLITE_OK ? throw Refusal(result) : statement;

    private sealed class ProgressWatch(sqlite3 handle) : IDisposable
    {
        public void Dispose() => raw.sqlite3_progress_handler(handle, 0, null, null);
    }
}
