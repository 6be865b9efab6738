using System.Globalization;
using Npgsql;
using Rollcall.Storage;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sqlite;

namespace Rollcall.Tests.Support;

/// <summary>An empty store of one engine, gone when the test is over.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly TemporaryFolder? folder;
    private readonly PostgresServer? server;

    private TestStore(StoreDatabase database, TemporaryFolder folder) => (Database, this.folder) = (database, folder);

    private TestStore(StoreDatabase database, PostgresServer server, string name) => (Database, this.server, Name) = (database, server, name);

    public StoreDatabase Database { get; }

    /// <summary>Of the database in PostgreSQL; empty for the embedded store.</summary>
    public string Name { get; } = string.Empty;

    public static async Task<TestStore> OpenAsync(StoreEngine engine)
    {
        if (engine is StoreEngine.Sqlite)
        {
            var home = new TemporaryFolder();
            return new TestStore(SqliteDatabase.Open(home.File("ledger.db")), home);
        }

        var host = await PostgresServers.GetAsync(engine);
        var name = await host.TakeDatabaseAsync();
        return new TestStore(PostgresDatabase.Open(host.AddressOf(name)), host, name);
    }

    /// <summary>What a statement of ours says, asked past the store.</summary>
    public async Task<long> NumberAsync(string sql)
    {
        await using System.Data.Common.DbConnection session = server is null
            ? new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder!.File("ledger.db")};Pooling=False")
            : await server.ConnectAsync(Name);
        if (server is null)
            await session.OpenAsync();
        await using var command = session.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>Whether somebody reads: in the embedded store a reader of an older snapshot keeps the log from being moved into the file.</summary>
    public async Task<bool> IsSnapshotHeldAsync() => await NumberAsync(server is null
        ? "PRAGMA wal_checkpoint(TRUNCATE)"
        : "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'") > 0;

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        folder?.Dispose();
        if (server is not null)
            await server.GiveBackAsync(Name);
    }
}
