using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Backups.Moves;

/// <summary>What a server answers after its embedded ledger became one in PostgreSQL.</summary>
public abstract class MigrateStoreTests(StoreEngine engine)
{
    /// <summary>Done twice it is undone.</summary>
    private const string Flip = "UPDATE events SET salt = set_byte(salt, 0, get_byte(salt, 0) # 1) WHERE seq = 41";

    [Fact]
    public async Task After_the_move_a_server_on_PostgreSQL_answers_as_the_embedded_one_did_and_goes_on_with_every_number()
    {
        var host = await PostgresServers.GetAsync(engine);
        var address = host.AddressOf(await host.TakeDatabaseAsync());
        using var folder = new TemporaryFolder();
        var filled = await FilledLedger.MakeAsync(folder.File("data"), seed: 4711);
        var copy = filled.CopyTo(folder.File("copy"));

        var printed = await LedgerCommand.MustAsync("migrate-store", "--data", filled.Folder, "--to", address);

        Assert.Contains("Start rollcalld with ROLLCALL_STORE", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", printed, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(?m)^\w+ +0$", printed); // or some table was not tried
        await using (var embedded = await RunningServer.StartOnAsync(copy.Folder, clock: FilledLedger.Clock))
        await using (var server = await RunningServer.StartOnAsync(filled.Folder, new ServerOptions { Store = address }, FilledLedger.Clock))
        {
            Assert.Equal(await copy.AnswersAsync(embedded), await filled.AnswersAsync(server));
            Assert.Equal(await copy.FilesAsync(embedded), await filled.FilesAsync(server));

            await FilledLedger.AppendAsync(embedded, filled.Tenants, seed: 1);
            await FilledLedger.AppendAsync(server, filled.Tenants, seed: 1);
            Assert.Equal(await copy.AnswersAsync(embedded), await filled.AnswersAsync(server));
        }

        Assert.Contains("Nothing is wrong", await LedgerCommand.MustAsync("verify", "--store", address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_a_server_one_instant_is_brought_over_and_what_changed_since_when_it_is_stopped()
    {
        var host = await PostgresServers.GetAsync(engine);
        var name = await host.TakeDatabaseAsync();
        var address = host.AddressOf(name);
        using var folder = new TemporaryFolder();
        var data = folder.File("data");
        await using (var server = await ServerProcess.StartAsync(data))
        {
            await SendAsync(server, "started", first: 0, count: 300);
            var beside = await LedgerCommand.MustAsync("migrate-store", "--data", data, "--to", address);

            Assert.Contains("the move is not finished", beside, StringComparison.Ordinal);
            Assert.Matches(@"(?m)^session_rows +300$", beside);
            Assert.Empty(Directory.GetDirectories(data, "migrate-store*")); // nothing is left of the snapshot
            await SendAsync(server, "ended", first: 100, count: 100);
            await SendAsync(server, "started", first: 300, count: 50);
            Assert.Contains("the move is not finished", await LedgerCommand.MustAsync("migrate-store", $"--data={data}", $"--to={address}"), StringComparison.Ordinal);
            await SendAsync(server, "ended", first: 0, count: 50);
        }

        // Nothing is served, verified or spread from what is not whole.
        Assert.Contains("has not arrived whole", await LedgerCommand.RefusedAsync("verify", "--store", address), StringComparison.Ordinal);
        var (code, said) = await ListeningProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLLCALL_STORE"] = address }, "--data", folder.File("other"));
        Assert.Equal(2, code);
        Assert.Contains("has not arrived whole", said, StringComparison.Ordinal);

        // What a run that was killed beside the server has left is a whole ledger, too.
        Directory.CreateDirectory(Path.Combine(data, "migrate-store.part"));
        File.WriteAllText(Path.Combine(data, "migrate-store.part", "unfinished.lock"), string.Empty);

        // As scripts do it: the database stands in the environment, where others cannot read it.
        (code, said) = await ListeningProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLLCALL_STORE"] = address }, "migrate-store", "--data", data);
        Assert.True(code == 0, said);
        Assert.Matches(@"(?m)^events +500$", said);
        Assert.Empty(Directory.GetDirectories(data, "migrate-store*"));
        Assert.Contains("500 events", await LedgerCommand.MustAsync("verify", "--store", address), StringComparison.Ordinal);
        await using (var session = await host.ConnectAsync(name))
        {
            await using var command = new NpgsqlCommand("SELECT COUNT(*) FROM pg_class WHERE relname LIKE 'rollcall_migration%'", session);
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }

        // What others would write into the ledger that was left behind would be lost.
        (code, said) = await ListeningProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), "--data", data);
        Assert.Equal(2, code);
        Assert.Contains("was moved to postgres://rollcall@127.0.0.1", said, StringComparison.Ordinal);
        Assert.Contains("There is a ledger at", await LedgerCommand.RefusedAsync("migrate-store", "--data", data, "--to", address), StringComparison.Ordinal);

        Assert.Contains("servers may have written there since", await LedgerCommand.RefusedAsync("migrate-store", "--data", data, "--to", host.AddressOf("another")), StringComparison.Ordinal);

        // Another server, without the data folder, has the key.
        await using var moved = await ServerProcess.StartAsync(CopyOfBootstrap(data, folder.File("third")), address);
        Assert.Equal(File.ReadAllText(Path.Combine(data, "server.key")), File.ReadAllText(folder.File("third/server.key")));
        Assert.Equal(350, (await moved.WorkspaceJsonAsync(HttpMethod.Get, "/v1/{p}/session/list-sessions?limit=1&query_begin_time=2024-01-01T00:00:00Z&query_end_time=2026-01-01T00:00:00Z")).GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task The_tables_of_a_moved_ledger_are_those_that_a_server_makes()
    {
        var host = await PostgresServers.GetAsync(engine);
        var (moved, made) = (await host.TakeDatabaseAsync(), await host.TakeDatabaseAsync());
        using var folder = new TemporaryFolder();
        await using (await RunningServer.StartOnAsync(folder.File("data")))
        {
        }

        await using (await RunningServer.StartOnAsync(folder.File("other"), new ServerOptions { Store = host.AddressOf(made) }))
        {
        }

        await LedgerCommand.MustAsync("migrate-store", "--data", folder.File("data"), "--to", host.AddressOf(moved));

        Assert.Equal(await DefinitionsAsync(host, made), await DefinitionsAsync(host, moved));
    }

    [Fact]
    public async Task One_row_that_somebody_changed_there_is_found_and_the_move_is_not_finished()
    {
        var host = await PostgresServers.GetAsync(engine);
        var name = await host.TakeDatabaseAsync();
        using var folder = new TemporaryFolder();
        string[] command = ["migrate-store", "--data", folder.File("data"), "--to", host.AddressOf(name)];
        await using (var server = await ServerProcess.StartAsync(folder.File("data")))
        {
            await SendAsync(server, "started", first: 0, count: 60);
            await LedgerCommand.MustAsync(command);
        }

        foreach (var (change, undo, found) in ((string, string, string)[])[
                     (Flip, Flip, "events: 60 rows on both sides, but they differ, first at seq 41"),
                     ("DELETE FROM session_rows WHERE no = 7", "", "session_rows: 60 rows in the ledger, 59 in the database; they differ, first at no 7"),
                     ("UPDATE sources SET tenant = repeat('7', 32)", "", "sources: 1 rows in the database belong to no tenant of the ledger"),
                     ("UPDATE tenants SET name = 'somebody else'", "", "tenants: 1 rows on both sides, but they differ, first at id")])
        {
            await ChangeAsync(host, name, change);
            var (code, printed, said) = await LedgerCommand.RunAsync(command); // on a busy machine it says how far it is before it refuses
            Assert.Equal(1, code);
            Assert.Contains(found, printed, StringComparison.Ordinal);
            Assert.Contains("the move is not finished", said, StringComparison.Ordinal);
            if (undo.Length > 0)
                await ChangeAsync(host, name, undo);
        }

        Assert.False(File.Exists(folder.File("data/ledger.moved")));
    }

    [Fact]
    public async Task Every_refusal_says_why_and_shows_no_password()
    {
        var host = await PostgresServers.GetAsync(engine);
        var address = host.AddressOf(await host.TakeDatabaseAsync());
        using var folder = new TemporaryFolder();
        await using (var server = await ServerProcess.StartAsync(folder.File("data")))
            await SendAsync(server, "started", first: 0, count: 10);
        await using (var other = await ServerProcess.StartAsync(folder.File("other")))
            await LedgerCommand.MustAsync("migrate-store", "--data", folder.File("other"), "--to", address);

        await SaysAsync(1, "A migration of another ledger", "--data", folder.File("data"), "--to", address);
        await SaysAsync(1, "There is no ledger in", "--data", folder.File("nowhere"), "--to", address);
        await SaysAsync(1, "the database refuses the user", "--data", folder.File("data"), "--to", address.Replace("s3cret", "hunter2", StringComparison.Ordinal));
        await SaysAsync(1, "nobody answers there", "--data", folder.File("data"), "--to", "postgres://rollcall:hunter2@127.0.0.1:1/ledger");
        await SaysAsync(2, "must be named", "--data", folder.File("data"));
        await SaysAsync(2, "must be named", "--data", folder.File("data"), "--to", "mysql://rollcall:hunter2@127.0.0.1/ledger");
        await SaysAsync(2, "the user and the database must be named", "--data", folder.File("data"), "--to", "postgres://127.0.0.1:5432");
        await SaysAsync(2, "one folder too many", folder.File("data"), "--to", address);
        Assert.Equal(2, (await LedgerCommand.RunAsync("verify", "--to", address)).ExitCode);
        Assert.False(Directory.Exists(folder.File("nowhere")));

        async Task SaysAsync(int code, string what, params string[] arguments)
        {
            var (exit, printed, said) = await LedgerCommand.RunAsync(["migrate-store", .. arguments]);
            Assert.Equal((code, string.Empty), (exit, printed));
            Assert.Contains(what, said, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", said, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", said, StringComparison.Ordinal);
        }
    }

    internal static async Task SendAsync(ServerProcess server, string kind, int first, int count)
    {
        using var answer = await server.SendEventsAsync([.. Enumerable.Range(first, count).Select(number => NativeClient.Event(
            $"rollcall.session.{kind}", new DateTimeOffset(2025, 1, 7, kind is "ended" ? 12 : 9, 0, 0, TimeSpan.Zero).AddSeconds(number), new JsonObject
            {
                ["host"] = new JsonObject { ["name"] = $"RDS-{number % 50:D2}" }, ["os_session_id"] = $"{number}", ["user"] = $"user{number % 300}",
            }, id: $"{kind}-{number}"))]);
        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(count, receipt.GetProperty("accepted").GetInt32());
    }

    private static async Task ChangeAsync(PostgresServer host, string name, string sql)
    {
        await using var session = await host.ConnectAsync(name);
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Tests know by its file what the first start made up.</summary>
    private static string CopyOfBootstrap(string from, string to)
    {
        Directory.CreateDirectory(to);
        File.Copy(Path.Combine(from, "bootstrap.json"), Path.Combine(to, "bootstrap.json"));
        return to;
    }

    private static async Task<List<string>> DefinitionsAsync(PostgresServer host, string name)
    {
        await using var session = await host.ConnectAsync(name);
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
            UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            ORDER BY 1
            """,
            session);
        await using var rows = await command.ExecuteReaderAsync();
        var all = new List<string>();
        while (await rows.ReadAsync())
            all.Add(rows.GetString(0));
        Assert.True(all.Count > 80, "there are indexes and keys");
        return all;
    }
}

public sealed class Postgres15MigrateStoreTests() : MigrateStoreTests(StoreEngine.Postgres15);

public sealed class Postgres18MigrateStoreTests() : MigrateStoreTests(StoreEngine.Postgres18);
