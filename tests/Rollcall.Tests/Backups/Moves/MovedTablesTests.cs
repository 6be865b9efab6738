using Npgsql;
using Rollcall.Storage.Moves;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Backups.Moves;

/// <summary>A table that a migration adds and a move does not know would be left behind without a word.</summary>
public sealed class MovedTablesTests
{
    [Fact]
    public async Task Every_table_of_an_embedded_ledger_is_moved()
    {
        using var folder = new TemporaryFolder();
        await using (SqliteDatabase.Open(folder.File("ledger.db")))
        {
        }

        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder.File("ledger.db")};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = @"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'";

        Assert.Equal(MovedTables.All.Order(StringComparer.Ordinal), NamesOf(command).Order(StringComparer.Ordinal));
    }

    [Theory, InlineData(StoreEngine.Postgres15), InlineData(StoreEngine.Postgres18)]
    public async Task Every_table_of_a_ledger_in_PostgreSQL_is_moved_or_known_to_be_its_own(StoreEngine engine)
    {
        await using var store = await TestStore.OpenAsync(engine);
        await using var session = await (await PostgresServers.GetAsync(engine)).ConnectAsync(store.Name);
        await using var command = new NpgsqlCommand("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", session);

        Assert.Equal(MovedTables.All.Concat(MovedTables.OfPostgres).Order(StringComparer.Ordinal), NamesOf(command).Order(StringComparer.Ordinal));
    }

    private static List<string> NamesOf(System.Data.Common.DbCommand command)
    {
        using var rows = command.ExecuteReader();
        var names = new List<string>();
        while (rows.Read())
            names.Add(rows.GetString(0));
        return names;
    }
}
