using Npgsql;
using Rollcall.Cli.Sample;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Retention;
using Rollcall.Core.Users;
using Rollcall.Storage;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sql;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Storage;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Backups.Moves;

/// <summary>Pieces of a few rows each, so that a small ledger has hundreds: what is there already stays, what changed is brought over again, and nothing else.</summary>
public sealed class MovedPiecesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Whatever_is_added_changed_or_taken_away_between_two_runs_the_second_brings_over()
    {
        var host = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        var name = await host.TakeDatabaseAsync();
        var random = new SplitMix64(7);
        for (var round = 0; round < 6; round++)
        {
            await ChangeAsync(random, round);
            using var move = Begin(host.AddressOf(name), rowsMax: 1 + random.Between(0, 30));
            move.Copy(_ => { }, default);
            Assert.Empty(move.Differences(_ => { }, default));
            Assert.True(move.Moved.Sum(table => table.Rows) > 500, "there was something to move");
        }
    }

    [Fact]
    public async Task What_is_there_already_is_not_written_again()
    {
        var host = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        var name = await host.TakeDatabaseAsync();
        await ChangeAsync(new SplitMix64(1), round: 0);
        Run(host.AddressOf(name));
        var pieces = await PiecesAsync(host, name);
        Assert.True(pieces.Count > 100, "it was moved in pieces");

        Run(host.AddressOf(name));
        Assert.Equal(pieces, await PiecesAsync(host, name));

        await using (var database = SqliteDatabase.Open(folder.File("ledger.db")))
            await new SqlUserDirectory(database).PutAsync(TenantOne, [new User { Tenant = TenantOne, Id = "id of user 0-3", Name = "user 0-3", Email = "new@example.org" }], default);
        Run(host.AddressOf(name));

        Assert.Single(pieces.Except(await PiecesAsync(host, name)));
    }

    private void Run(string address)
    {
        using var move = Begin(address, rowsMax: 10);
        move.Copy(_ => { }, default);
    }

    private PostgresMove Begin(string address, long rowsMax)
    {
        var move = PostgresMove.Begin(address, SqliteLedgerFile.OpenToMove(folder.File("ledger.db")));
        move.Size = new PieceSize(rowsMax, BytesMax: 100_000);
        return move;
    }

    /// <summary>Events, users who come, change and give their names to others, and retention.</summary>
    private async Task ChangeAsync(SplitMix64 random, int round)
    {
        await using var database = SqliteDatabase.Open(folder.File("ledger.db"));
        var clock = new FakeClock(RandomLedger.Now.AddHours(round));
        var (identities, log, users) = (new SqlIdentityStore(database), new SqlEventLog(database, clock), new SqlUserDirectory(database));
        foreach (var tenant in (TenantId[])[TenantOne, RandomLedger.Other])
        {
            if (round == 0)
                await identities.AddTenantAsync(new Tenant(tenant, tenant.Value, Nine), default);
            await log.AppendAsync(tenant, [.. RandomLedger.Logons(random, 30).Select(e => e with { Id = $"{round}-{e.Id}" })], [], default);
            await users.PutAsync(tenant, [.. Enumerable.Range(0, 40).Select(number => Person(tenant, $"id of user {round}-{number}", $"user {round}-{number}"))], default);
            if (round > 0)
                await ExchangeNamesAsync(database, users, tenant, round);
        }

        if (round % 2 == 1)
            await CutAsync(database, clock, Nine.AddMinutes(100 * round));
    }

    /// <summary>Of the users of the round before: who has the name now comes earlier in the order of ids than who had it, or later.</summary>
    private static async Task ExchangeNamesAsync(StoreDatabase database, SqlUserDirectory users, TenantId tenant, int round)
    {
        foreach (var number in (int[])[3, 17, 31])
        {
            await users.DeleteAsync(tenant, $"user {round - 1}-{number}", default);
            await users.PutAsync(tenant, [Person(tenant, $"{(number == 17 ? "a" : "z")} {round}-{number}", $"user {round - 1}-{number}")], default);
        }
    }

    private static async Task CutAsync(StoreDatabase database, FakeClock clock, DateTimeOffset before)
    {
        var retention = new SqlRetention(database, clock, digest => digest);
        for (RetentionPlace? at = null; at is not { IsDone: true };)
            at = await retention.StepAsync(new RetentionRun(TenantOne, before, "test", Days: 400, DefaultDays: 400), at, default);
    }

    private static User Person(TenantId tenant, string id, string name) => new() { Tenant = tenant, Id = id, Name = name };

    private static async Task<List<string>> PiecesAsync(PostgresServer host, string name)
    {
        await using var session = await host.ConnectAsync(name);
        await using var command = new NpgsqlCommand("SELECT format('%s %s %s %s', no, moved_table, tenant, up_to_key) FROM rollcall_migration_pieces ORDER BY no", session);
        await using var rows = await command.ExecuteReaderAsync();
        var all = new List<string>();
        while (await rows.ReadAsync())
            all.Add(rows.GetString(0));
        return all;
    }
}
