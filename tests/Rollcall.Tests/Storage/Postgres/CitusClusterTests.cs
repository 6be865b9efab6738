using Npgsql;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Exports;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Core.Users;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Processes;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>
/// A ledger on a real Citus, where there is one. Neither Debian nor npm has the extension, so that it is missing on CI too: this is said, and
/// what can be held without it CitusRulesTests hold everywhere.
/// </summary>
public sealed class CitusClusterTests
{
    [Fact]
    public async Task No_question_of_one_tenant_touches_two_shards()
    {
        Assert.SkipUnless(
            MigrateCommandTests.HasCitus(StoreEngine.Postgres15),
            "This test needs the extension citus of PostgreSQL 15 (the package postgresql-15-citus-13.0 of the Citus project), which neither Debian nor npm has.");
        await using var server = await PostgresServer.StartAsync(StoreEngine.Postgres15, "shared_preload_libraries=citus");
        var name = await server.TakeDatabaseAsync();
        await using var session = await server.ConnectAsync(name, "postgres");
        await RunAsync(session, "CREATE EXTENSION citus");

        Assert.NotEmpty(PostgresCitus.Distribute(server.AddressOf(name)));
        Assert.Empty(PostgresCitus.Distribute(server.AddressOf(name)));
        await using (var database = PostgresDatabase.Open(server.AddressOf(name)))
            await FillAsync(database);
        // From here on whatever needs more than one shard is refused by Citus itself.
        await RunAsync(session, $"ALTER DATABASE {name} SET citus.multi_task_query_log_level TO 'error'");
        await using (var database = PostgresDatabase.Open(server.AddressOf(name)))
            await AskAsync(database);

        await using var explain = new NpgsqlCommand($"EXPLAIN SELECT COUNT(*) FROM sessions s JOIN hosts h ON h.tenant = s.tenant AND h.no = s.host_no WHERE s.tenant = '{TenantOne.Value}'", session);
        await using var plan = await explain.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await plan.ReadAsync())
            lines.Add(plan.GetString(0));
        Assert.Contains(lines, line => line.Contains("Task Count: 1", StringComparison.Ordinal));
    }

    private static async Task FillAsync(PostgresDatabase database)
    {
        var identities = new SqlIdentityStore(database);
        await identities.AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
        await identities.AddTenantAsync(new Tenant(TenantId.Parse("00000000000000000000000000000002"), "two", Nine), default);
        await AppendAsync(database, 0);
    }

    private static async Task AskAsync(PostgresDatabase database)
    {
        await AppendAsync(database, 100);
        var sessions = new SqlSessionLedger(database);
        var page = await sessions.FindAsync(new SessionQuery(TenantOne), new PageWindow(0, 10), default);
        Assert.NotEmpty(page.Items);
        Assert.NotNull(await sessions.TryGetAsync(TenantOne, page.Items[0].Id, default));
        Assert.NotEmpty((await new SqlConnectionLog(database).FindAsync(new ConnectionQuery(TenantOne), new PageWindow(0, 10), default)).Items);
        Assert.NotNull(await new SqlSessionFeed(database).TryReadAsync(TenantOne, default, take: 10, default));
        var tasks = new SqlExportTaskStore(database);
        await tasks.AddAsync(
            new ExportTask
            {
                Tenant = TenantOne, Id = "a1", Kind = "sessions", Filter = "{}", FileName = "f", State = ExportState.Queued, RequestedBy = "anna", CreatedAt = Nine, Format = ExportFormat.Csv,
            },
            new ExportLimits(10, 10),
            default);
        Assert.NotNull(await tasks.TryGetAsync(TenantOne, "a1", default));
    }

    private static Task AppendAsync(PostgresDatabase database, int minute) => new SqlEventLog(database, new FakeClock(Nine.AddDays(1))).AppendAsync(
        TenantOne,
        [
            Of(EventKind.SessionStarted, minute, os: $"{minute}"), Of(EventKind.SessionDisconnected, minute + 1, os: $"{minute}"),
            Of(EventKind.SessionEnded, minute + 2, os: $"{minute}"), Beat(minute + 3, []),
        ],
        [],
        default);

    private static async Task RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
