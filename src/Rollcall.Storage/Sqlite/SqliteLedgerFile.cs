using System.Globalization;
using System.Text;
using Rollcall.Core.Backups;
using Rollcall.Storage.Moves;
using Rollcall.Storage.Sql;
using SQLitePCL;

namespace Rollcall.Storage.Sqlite;

/// <summary>A ledger's file, read by another process than the server that may be writing it, or by nobody else: a copy of it.</summary>
public static class SqliteLedgerFile
{
    /// <summary>Pages copied between two words about how far it is: 4 MiB.</summary>
    private const int PagesPerStep = 1024;

    /// <summary>Steps between two syncs of the copy, 64 MiB: all of it at its end would keep the disk from the server's own syncs for seconds.</summary>
    private const int StepsPerSync = 16;

    /// <summary>The first lines of what SQLite finds wrong; a broken page is often followed by thousands.</summary>
    private const int StructureFaultsMax = 100;

    /// <summary>From here on tenants have numbers, by which the file is asked, and what retention leaves of the chain has tables.</summary>
    private const long SchemaOldest = 12;

    /// <summary>Pages kept in memory: an index is compared with its table in the index's order, all over the file.</summary>
    private const int CacheKiB = 128 * 1024;

    /// <summary>Work of SQLite between two looks whether it shall stop.</summary>
    private const int InstructionsPerLook = 1_000_000;

    /// <summary>Of a ledger that a server may be writing.</summary>
    /// <param name="path">The ledger.</param>
    /// <param name="openSeal">What a checkpoint's seal holds; null when the server's key did not make it. Null: the key is not there.</param>
    /// <exception cref="LedgerException">There is none, or it cannot be read; the message says why.</exception>
    public static ILedgerInspection Inspect(string path, Func<byte[], byte[]?>? openSeal) => Inspection(OpenLive(path), path, openSeal);

    /// <summary>Of a copy that nobody writes; nothing is written beside it either.</summary>
    /// <param name="path">The copy.</param>
    /// <param name="openSeal">What a checkpoint's seal holds; null when the server's key did not make it. Null: the key is not there.</param>
    /// <exception cref="LedgerException">There is none, or it cannot be read; the message says why.</exception>
    public static ILedgerInspection InspectCopy(string path, Func<byte[], byte[]?>? openSeal) => Inspection(OpenCopy(path), path, openSeal);

    /// <summary>To be moved to another store, with its server stopped.</summary>
    /// <exception cref="LedgerException">There is none, it cannot be read, or it is not of this program's version; the message says what to do.</exception>
    public static MovableLedger OpenToMove(string path) => Movable(OpenLive(path), path);

    /// <summary>To be moved to another store: a copy that nobody writes.</summary>
    /// <exception cref="LedgerException">There is none, it cannot be read, or it is not of this program's version; the message says what to do.</exception>
    public static MovableLedger OpenCopyToMove(string path) => Movable(OpenCopy(path), path);

    /// <summary>Writes the ledger as it is at one instant into a new file. Its server goes on writing; what it writes meanwhile waits in its log.</summary>
    /// <param name="path">The ledger.</param>
    /// <param name="copyPath">An empty file. It is synced when this returns, its folder is not.</param>
    /// <param name="tell">Called after some pages each.</param>
    /// <param name="cancel">Honoured between them.</param>
    /// <exception cref="LedgerException">Either cannot be read or written; the message says why.</exception>
    public static void Copy(string path, string copyPath, Action<LedgerProgress> tell, CancellationToken cancel)
    {
        using var source = OpenLive(path);
        using var target = SqliteConnection.Open(copyPath, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE);
        using var file = new FileStream(copyPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var steps = 0;
        try
        {
            // It counts only when it is whole: no journal to undo a part of it.
            target.Script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
            source.CopyInto(target, PagesPerStep, (done, all) =>
            {
                cancel.ThrowIfCancellationRequested();
                if (++steps % StepsPerSync == 0)
                    file.Flush(flushToDisk: true);
                tell(new LedgerProgress("pages of the ledger", done, all));
            });
            file.Flush(flushToDisk: true);
        }
        catch (StoreException cause)
        {
            throw new LedgerException($"The ledger cannot be copied to {copyPath}: {cause.Message}", cause);
        }
    }

    private static SqliteConnection OpenLive(string path) => Open(path, path, flags: 0);

    private static SqliteConnection OpenCopy(string path)
    {
        // Immutable: no -wal and no -shm appear in a folder whose files are all accounted for, and one on a read-only disk can be read.
        var escaped = string.Join('/', Path.GetFullPath(path).Split('/').Select(Uri.EscapeDataString));
        return Open($"file:{escaped}?immutable=1", path, raw.SQLITE_OPEN_URI);
    }

    private static SqliteMovableLedger Movable(SqliteConnection connection, string path)
    {
        if (SchemaOf(connection) == SchemaMigrations.Newest(SqliteSchema.Engine) && connection.Number("SELECT COUNT(*) FROM tenants") is > 0)
            return new SqliteMovableLedger(connection);

        var found = SchemaOf(connection);
        connection.Dispose();
        throw new LedgerException(found == SchemaMigrations.Newest(SqliteSchema.Engine)
            ? $"The ledger at {path} has no tenant: there is nothing to move"
            : string.Create(CultureInfo.InvariantCulture, $"The ledger at {path} has schema {found}: stop its server and run rollcalld migrate, which brings it up to date"));
    }

    /// <summary>A connection inside a transaction that sees one instant.</summary>
    private static SqliteConnection Open(string name, string path, int flags)
    {
        Batteries_V2.Init();
        if (!File.Exists(path))
            throw new LedgerException($"There is no ledger at {path}");

        SqliteConnection? connection = null;
        try
        {
            connection = SqliteConnection.Open(name, raw.SQLITE_OPEN_READONLY | flags);
            connection.Script($"PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -{CacheKiB};");
            connection.AddFunction(FoldedText.Function, arguments: 1, SqliteDatabase.Fold);
            connection.Script("BEGIN");
            Check(connection, path);
            return connection;
        }
        catch (StoreException cause)
        {
            connection?.Dispose();
            throw new LedgerException($"The ledger at {path} cannot be read: {cause.Message}", cause);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    private static void Check(SqliteConnection connection, string path)
    {
        // The first statement that reads: from here on the transaction sees one instant.
        if (connection.Number("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('tenants', 'events', 'event_batches')") is not 3)
            throw new LedgerException($"The file {path} is no ledger of Rollcall");

        var newest = SchemaMigrations.Newest(SqliteSchema.Engine);
        if (SchemaOf(connection) is var found and < SchemaOldest)
        {
            throw new LedgerException(string.Create(CultureInfo.InvariantCulture,
                $"The ledger at {path} has schema {found}, which is older than this program can look at beside a server: start rollcalld on it once, which brings it up to date, or use the rollcalld that wrote it"));
        }

        if (SchemaOf(connection) is var schema && schema > newest)
        {
            throw new LedgerException(string.Create(CultureInfo.InvariantCulture,
                $"The ledger at {path} has schema {schema}, this program knows {newest}: use the rollcalld that wrote it"));
        }
    }

    private static long SchemaOf(SqliteConnection connection) => connection.Number("PRAGMA user_version") ?? 0;

    private static SqlLedgerInspection Inspection(SqliteConnection connection, string path, Func<byte[], byte[]?>? openSeal) =>
        new(connection, SchemaOf(connection), openSeal, (tell, cancel) => CheckStructure(connection, path, tell, cancel), connection.Dispose);

    private static IEnumerable<string> CheckStructure(SqliteConnection connection, string path, Action<LedgerProgress> tell, CancellationToken cancel)
    {
        var looks = 0L;
        var length = new FileInfo(path).Length;
        tell(new LedgerProgress("bytes of the ledger's own structures", 0, length));
        using (connection.OnProgress(InstructionsPerLook, () =>
        {
            tell(new LedgerProgress("steps of SQLite's integrity_check", ++looks, All: null));
            return !cancel.IsCancellationRequested;
        }))
        {
            foreach (var line in IntegrityCheck(connection, cancel))
            {
                if (line is not "ok")
                    yield return $"SQLite: {line}";
            }
        }

        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>A statement that was told to stop ends as an error of SQLite's; it says nothing about the file.</summary>
    private static List<string> IntegrityCheck(SqliteConnection connection, CancellationToken cancel)
    {
        try
        {
            return connection.Rows(row => row.GetString(0), $"PRAGMA integrity_check({StructureFaultsMax})");
        }
        catch (StoreException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
    }
}
