using Npgsql;
using Rollcall.Cli.Sample;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Backups.Moves;

/// <summary>kill -9 in the middle of a move, again and again: the next run goes on, and in the end all is there.</summary>
public sealed class MoveKillTests
{
    [Theory, InlineData(1_000, 2)]
    public Task A_move_that_is_killed_goes_on_where_it_was(int sessions, int kills) => KillAsync(StoreEngine.Postgres15, sessions, kills);

    [Theory, InlineData(StoreEngine.Postgres15, 60_000, 15), InlineData(StoreEngine.Postgres18, 60_000, 15), Trait("Category", "Long")]
    public Task A_move_that_is_killed_many_times_goes_on_where_it_was(StoreEngine engine, int sessions, int kills) => KillAsync(engine, sessions, kills);

    private static async Task KillAsync(StoreEngine engine, int sessions, int kills)
    {
        var host = await PostgresServers.GetAsync(engine);
        var name = await host.TakeDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using (var server = await ServerProcess.StartAsync(folder.File("data")))
        {
            for (var first = 0; first < sessions; first += 1_000)
                await MigrateStoreTests.SendAsync(server, "started", first, count: 1_000);
        }

        string[] command = ["migrate-store", "--data", folder.File("data"), "--to", host.AddressOf(name)];
        var (killed, random) = (0, new SplitMix64((ulong)engine));
        for (var kill = 0; kill < kills; kill++)
        {
            using var move = LedgerCommand.Start(command);
            // Once more is there than before: each run has come further than the one it goes on from.
            var pieces = await CountAsync(host, name, "rollcall_migration_pieces");
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while (!move.HasExited && await CountAsync(host, name, "rollcall_migration_pieces") <= pieces)
                await Task.Delay(1, limit.Token);
            await Task.Delay(random.Between(0, 40), limit.Token); // another place of its way each time
            move.Kill();
            await move.WaitForExitAsync(limit.Token);
            if (File.Exists(folder.File("data/ledger.moved")))
                break;

            killed++;
        }

        Assert.True(killed > 0, "no move was killed before it was done");
        var (code, said) = await ListeningProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), command);
        Assert.True(code == 0 || said.Contains("There is a ledger at", StringComparison.Ordinal), said);
        Assert.Contains($"{sessions} events", await LedgerCommand.MustAsync("verify", "--store", host.AddressOf(name)), StringComparison.Ordinal);
        Assert.Equal(sessions, await CountAsync(host, name, "session_rows"));
        Assert.Equal(sessions, await CountAsync(host, name, "connection_rows"));
    }

    private static async Task<long> CountAsync(PostgresServer host, string name, string table)
    {
        await using var session = await host.ConnectAsync(name);
        await using var known = new NpgsqlCommand($"SELECT to_regclass('{table}') IS NOT NULL", session);
        if (await known.ExecuteScalarAsync() is not true)
            return 0;

        await using var command = new NpgsqlCommand($"SELECT COUNT(*) FROM {table}", session);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
