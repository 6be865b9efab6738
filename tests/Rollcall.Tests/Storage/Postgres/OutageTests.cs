using Npgsql;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Storage;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>A database that goes away, is somebody else's or cannot be found.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task While_the_database_is_gone_every_question_is_refused_and_when_it_is_back_nothing_acknowledged_is_lost()
    {
        PostgresServer.Require(StoreEngine.Postgres15);
        await using var server = await PostgresServer.StartAsync(StoreEngine.Postgres15);
        await using var database = PostgresDatabase.Open(server.AddressOf(await server.TakeDatabaseAsync()));
        await new SqlIdentityStore(database).AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
        var log = new SqlEventLog(database, new FakeClock(Nine.AddDays(1)));
        var ledger = new SqlSessionLedger(database);
        await log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], [], default);
        Assert.Equal(1, await ledger.CountAsync(new SessionQuery(TenantOne), default));

        server.Kill();
        var asked = await Assert.ThrowsAsync<FaultException>(() => ledger.TryGetAsync(TenantOne, "any", default));
        var written = await Assert.ThrowsAsync<FaultException>(() => log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 1, os: "9")], [], default));
        Assert.False(await database.CanWriteAsync(default));
        Assert.Equal((FaultCode.Unavailable, FaultCode.Unavailable), (asked.Code, written.Code));

        await server.StartAsync();
        Assert.Equal(1, (await log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 1, os: "9")], [], default)).Accepted);
        Assert.Equal(2, await ledger.CountAsync(new SessionQuery(TenantOne), default));

        // Connections that were open and idle are dead after a restart: the first to use one is not told.
        await server.RestartAsync();
        Assert.Equal(2, await ledger.CountAsync(new SessionQuery(TenantOne), default));
        Assert.Equal(1, (await log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 1, os: "9")], [], default)).Duplicate);
    }

    [Fact]
    public async Task A_writer_whose_connection_is_cut_is_told_so_and_left_nothing()
    {
        await using var store = await TestStore.OpenAsync(StoreEngine.Postgres15);
        await new SqlIdentityStore(store.Database).AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
        var server = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        await using var session = await server.ConnectAsync(store.Name, "postgres");
        // Whoever writes events is cut off at the end of its statement: the transaction is open, the answer on its way.
        await RunAsync(session, "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'; CREATE TRIGGER cut AFTER INSERT ON event_batches EXECUTE FUNCTION cut()");
        var log = new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1)));

        var told = await Assert.ThrowsAsync<FaultException>(() => log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], [], default));
        await RunAsync(session, "DROP TRIGGER cut ON event_batches; DROP FUNCTION cut");

        Assert.Equal(FaultCode.Unavailable, told.Code);
        Assert.Equal(0, await store.NumberAsync("SELECT COUNT(*) FROM events"));
        Assert.Equal(1, (await log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], [], default)).Accepted);
    }

    [Theory]
    [InlineData("UPDATE rollcall_schema SET version = version + 1", "UPDATE rollcall_schema SET version = version - 1", "newer Rollcall")]
    [InlineData("ALTER TABLE rollcall_schema RENAME migrations TO aside", "ALTER TABLE rollcall_schema RENAME aside TO migrations", "use that build, or an empty database")]
    public async Task A_database_that_a_newer_program_wrote_or_a_build_between_releases_is_not_opened(string change, string undo, string told)
    {
        await using var store = await TestStore.OpenAsync(StoreEngine.Postgres15);
        var server = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        await using var session = await server.ConnectAsync(store.Name);
        await RunAsync(session, change);

        var refused = Assert.Throws<StoreUnavailableException>(() => PostgresDatabase.Open(server.AddressOf(store.Name)));

        await RunAsync(session, undo);
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_is_answered_with_what_to_do_and_without_the_password()
    {
        PostgresServer.Require(StoreEngine.Postgres15);
        var server = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        foreach (var (address, hint) in new[]
        {
            (server.AddressOf("ledger_1", password: "wrong-hunter2"), "check the user and the password in ROLLCALL_STORE"),
            (server.AddressOf("nowhere").Replace("s3cret", "hunter2", StringComparison.Ordinal), "check the user and the password"),
            (server.AddressOf("nowhere"), "CREATE DATABASE nowhere"),
            ("postgres://anna:hunter2@127.0.0.1:1/ledger", "check host, port and sslmode"),
            ("postgres://anna:hunter2@127.0.0.1:5432", "the database must be named"),
            ("postgres://anna:hunter2@127.0.0.1/x?sslmode=perhaps", "sslmode must be one of"),
            ("postgres://anna:hunter2@127.0.0.1/x?user=b", "sslmode, sslrootcert and host"),
            ("postgres://anna:hun/ter2@127.0.0.1/x", "%2F"),
        })
        {
            var refused = Assert.Throws<StoreUnavailableException>(() => PostgresDatabase.Open(address));
            Assert.Contains(hint, refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("ter2", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", refused.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_tables_of_both_engines_have_the_same_columns()
    {
        await using var store = await TestStore.OpenAsync(StoreEngine.Postgres15);
        var server = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        await using var session = await server.ConnectAsync(store.Name);
        var here = await ColumnsAsync(session, "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT IN ('rollcall_schema', 'server_facts', 'writer_marks')");
        using var folder = new TemporaryFolder();
        await using var embedded = Rollcall.Storage.Sqlite.SqliteDatabase.Open(folder.File("ledger.db"));
        await using var file = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder.File("ledger.db")};Pooling=False");
        await file.OpenAsync();
        var there = await ColumnsAsync(file, "SELECT t.name || '.' || c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%' AND t.name || '.' || c.name <> 'tenants.no'");

        Assert.NotEmpty(there);
        Assert.Equal(there, here);
    }

    private static async Task<List<string>> ColumnsAsync(System.Data.Common.DbConnection session, string sql)
    {
        await using var command = session.CreateCommand();
        command.CommandText = sql;
        await using var rows = await command.ExecuteReaderAsync();
        var all = new List<string>();
        while (await rows.ReadAsync())
            all.Add(rows.GetString(0));
        return [.. all.Order(StringComparer.Ordinal)];
    }

    private static async Task RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
