using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Backups;

/// <summary>What the commands about a ledger do where it is kept in PostgreSQL.</summary>
public sealed class PostgresVerifyTests
{
    [Theory, InlineData(StoreEngine.Postgres15), InlineData(StoreEngine.Postgres18)]
    public async Task A_ledger_in_PostgreSQL_is_verified_and_what_somebody_changed_is_found(StoreEngine engine)
    {
        var host = await PostgresServers.GetAsync(engine);
        var name = await host.TakeDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using (var server = await ServerProcess.StartAsync(folder.File("data"), host.AddressOf(name)))
        {
            using var answer = await server.SendEventsAsync([.. Enumerable.Range(0, 100).Select(number => NativeClient.Event(
                "rollcall.session.started", new DateTimeOffset(2025, 1, 7, 9, 0, 0, TimeSpan.Zero).AddSeconds(number), new JsonObject
                {
                    ["host"] = new JsonObject { ["name"] = "RDS-01" }, ["os_session_id"] = number.ToString(), ["user"] = "anna",
                }))]);
            Assert.True(answer.IsSuccessStatusCode);
            Assert.Contains("100 events in 1 batches, 100 sessions", await LedgerCommand.MustAsync("verify", "--store", host.AddressOf(name)), StringComparison.Ordinal);
        }

        await using (var session = await host.ConnectAsync(name))
        {
            await using var command = session.CreateCommand();
            command.CommandText = "DELETE FROM events WHERE seq = 50";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        Assert.Contains("batch 1 has 99 of its 100 events", await LedgerCommand.RefusedAsync("verify", "--store", host.AddressOf(name)), StringComparison.Ordinal);
        await host.GiveBackAsync(name);
    }

    [Fact]
    public async Task A_database_without_a_ledger_is_said_to_have_none_and_gets_none()
    {
        var host = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        const string name = "never_a_ledger";
        await using (var session = await host.ConnectAsync("postgres", "postgres"))
        {
            await using var create = session.CreateCommand();
            create.CommandText = $"CREATE DATABASE {name} OWNER rollcall ENCODING 'UTF8' TEMPLATE template0";
            await create.ExecuteNonQueryAsync();
        }

        Assert.Contains("There is no ledger of Rollcall", await LedgerCommand.RefusedAsync("verify", "--store", host.AddressOf(name)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_of_PostgreSQL_is_left_to_its_own_means()
    {
        var said = await LedgerCommand.RefusedAsync("backup", "/tmp/never-made", "--store", "postgres://anna:hunter2@127.0.0.1:1/ledger");

        Assert.Contains("pg_dump", said, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", said, StringComparison.Ordinal);
    }
}
