using Npgsql;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>Several servers on one database, as far as the store goes.</summary>
public abstract class SharedStoreTests(StoreEngine engine)
{
    private static readonly ExportLimits Limits = new(UnfinishedMax: 1000, RunningMax: 100);

    [Fact]
    public async Task What_several_servers_write_of_one_tenant_at_once_is_one_chain_without_gaps_and_each_event_once()
    {
        await using var store = await TestStore.OpenAsync(engine);
        await using var other = await OpenAgainAsync(store);
        await AddTenantAsync(store);
        var logs = new[] { new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1))), new SqlEventLog(other, new FakeClock(Nine.AddDays(1))) };
        var events = Enumerable.Range(0, 60).Select(number => Of(EventKind.SessionStarted, number, id: $"{number}", os: $"{number % 7}")).ToList();

        // Every event is sent to both, some at the same time.
        var receipts = await Task.WhenAll(events.SelectMany(e => logs.Select(log => Task.Run(() => log.AppendAsync(TenantOne, [e], [], default)))));

        Assert.Equal((60, 60), (receipts.Sum(receipt => receipt.Accepted), receipts.Sum(receipt => receipt.Duplicate)));
        Assert.Equal(60, await store.NumberAsync("SELECT COUNT(DISTINCT seq) FROM events HAVING MIN(seq) = 1 AND MAX(seq) = 60"));
        Assert.Equal(0, await store.NumberAsync(
            """
            SELECT COUNT(*) FROM event_batches b LEFT JOIN event_batches p ON p.tenant = b.tenant AND p.no = b.no - 1
            WHERE b.previous_hash <> COALESCE(p.hash, decode(repeat('00', 32), 'hex')) OR b.first_seq <> COALESCE(p.last_seq, 0) + 1
            """));
        Assert.Equal(60, await new SqlSessionLedger(other).CountAsync(new SessionQuery(TenantOne), default));
    }

    [Fact]
    public async Task Who_follows_changes_while_several_servers_write_sees_each_once_and_none_too_late()
    {
        const int Sessions = 80;
        await using var store = await TestStore.OpenAsync(engine);
        await using var other = await OpenAgainAsync(store);
        await AddTenantAsync(store);
        var logs = new[] { new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1))), new SqlEventLog(other, new FakeClock(Nine.AddDays(1))) };
        var feed = new SessionFeedContract(new SqlSessionFeed(other));

        var writing = Task.WhenAll(Enumerable.Range(0, Sessions).Select(number => Task.Run(() => logs[number % 2].AppendAsync(TenantOne, [Of(EventKind.SessionStarted, number, os: $"{number}")], default))));
        var seen = new List<SessionChange>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (seen.Count < Sessions)
        {
            var more = await feed.TryReadAsync(TenantOne, seen is [.., { } last] ? last.Position : default, take: 7, limit.Token);
            seen.AddRange(more!);
            await Task.Yield();
            limit.Token.ThrowIfCancellationRequested();
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, Sessions).Select(number => $"{number}").Order(StringComparer.Ordinal), seen.Select(change => change.Session!.OsSessionId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_task_is_leased_to_one_worker_however_many_ask_on_however_many_servers()
    {
        await using var store = await TestStore.OpenAsync(engine);
        await using var other = await OpenAgainAsync(store);
        await AddTenantAsync(store);
        var stores = new[] { new SqlExportTaskStore(store.Database), new SqlExportTaskStore(other) };
        for (var number = 0; number < 12; number++)
            await stores[0].AddAsync(TaskOf(number), Limits, default);

        // Who asks while another one is being given a task of the tenant is given none, and asks again.
        var leased = new List<string>();
        for (var round = 0; round < 12 && leased.Count < 12; round++)
        {
            var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(turn => Task.Run(() => stores[turn % 2].TryLeaseAsync(Limits, Nine, TimeSpan.FromMinutes(1), default))));
            Assert.NotEmpty(taken.OfType<ExportTask>());
            leased.AddRange(taken.OfType<ExportTask>().Select(task => task.Id));
        }

        Assert.Equal(Enumerable.Range(0, 12).Select(number => $"task{number:00}"), leased.Order(StringComparer.Ordinal));
        Assert.Null(await stores[0].TryLeaseAsync(Limits, Nine, TimeSpan.FromMinutes(1), default));
    }

    [Fact]
    public async Task Writers_of_another_tenant_do_not_wait_for_one_that_takes_long()
    {
        var another = TenantId.Parse("00000000000000000000000000000002");
        await using var store = await TestStore.OpenAsync(engine);
        await using var other = await OpenAgainAsync(store);
        await AddTenantAsync(store);
        await new SqlIdentityStore(store.Database).AddTenantAsync(new Tenant(another, "two", Nine), default);
        var server = await PostgresServers.GetAsync(engine);
        await using var slow = await server.ConnectAsync(store.Name);
        await RunAsync(slow, "BEGIN; SELECT pg_advisory_xact_lock_shared(0); SELECT pg_advisory_xact_lock(1)"); // as a writer of TenantOne does

        var waiting = new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1))).AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], [], default);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (await store.NumberAsync("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0)
            await Task.Delay(10, limit.Token);
        var receipt = await new SqlEventLog(other, new FakeClock(Nine.AddDays(1))).AppendAsync(another, [Of(EventKind.SessionStarted, 0)], [], default);

        Assert.Equal((1, false), (receipt.Accepted, waiting.IsCompleted));
        await RunAsync(slow, "ROLLBACK");
        Assert.Equal(1, (await waiting).Accepted);
    }

    [Fact]
    public async Task A_server_whose_writers_all_wait_for_their_turn_says_that_it_can_write()
    {
        const int Writers = 12;
        await using var store = await TestStore.OpenAsync(engine);
        await AddTenantAsync(store);
        await using var slow = await (await PostgresServers.GetAsync(engine)).ConnectAsync(store.Name);
        await RunAsync(slow, "BEGIN; SELECT pg_advisory_xact_lock(1)"); // as a writer of TenantOne does

        var log = new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1)));
        var waiting = Enumerable.Range(0, Writers).Select(number => Task.Run(() => log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, number, os: $"{number}")], [], default))).ToList();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (await store.NumberAsync("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") < 8)
            await Task.Delay(10, limit.Token);

        Assert.True(await store.Database.CanWriteAsync(limit.Token));
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        await RunAsync(slow, "ROLLBACK");
        Assert.Equal(Writers, (await Task.WhenAll(waiting)).Sum(receipt => receipt.Accepted));
    }

    [Fact]
    public async Task What_is_folded_in_the_database_is_what_the_server_folds_of_every_character()
    {
        await using var store = await TestStore.OpenAsync(engine);
        var server = await PostgresServers.GetAsync(engine);
        await using var session = await server.ConnectAsync(store.Name);
        await using var ask = new NpgsqlCommand("SELECT code, folded(chr(code)) FROM generate_series(1, 131071) code WHERE code NOT BETWEEN 55296 AND 57343", session);
        await using var rows = await ask.ExecuteReaderAsync();
        var wrong = new List<string>();
        while (await rows.ReadAsync())
        {
            var letter = char.ConvertFromUtf32(rows.GetInt32(0));
            if (rows.GetString(1) != NameKey.Of(letter))
                wrong.Add(letter);
        }

        Assert.Empty(wrong);
        // What comes after those is nowhere changed, and so not worth the minute that asking for all of it takes.
        Assert.DoesNotContain(Enumerable.Range(0x2_0000, 0xF_0000), code => char.ConvertFromUtf32(code) != NameKey.Of(char.ConvertFromUtf32(code)));
    }

    [Fact]
    public async Task Servers_that_open_an_empty_database_at_once_make_its_schema_once()
    {
        var server = await PostgresServers.GetAsync(engine);
        var name = await server.TakeDatabaseAsync();
        await using (var session = await server.ConnectAsync(name))
            await RunAsync(session, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");

        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => PostgresDatabase.Open(server.AddressOf(name)))));

        Assert.All(await Task.WhenAll(opened.Select(one => one.CanWriteAsync(default))), Assert.True);
        foreach (var one in opened)
            await one.DisposeAsync();
        await server.GiveBackAsync(name);
    }

    private static async Task RunAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<PostgresDatabase> OpenAgainAsync(TestStore store) => PostgresDatabase.Open((await PostgresServers.GetAsync(engine)).AddressOf(store.Name));

    private static Task AddTenantAsync(TestStore store) => new SqlIdentityStore(store.Database).AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);

    private static ExportTask TaskOf(int number) => new()
    {
        Tenant = TenantOne, Id = $"task{number:00}", Kind = "sessions", Filter = "{}", FileName = "f", State = ExportState.Queued, RequestedBy = "anna", CreatedAt = Nine, Format = ExportFormat.Csv,
    };
}

public sealed class Postgres15SharedStoreTests() : SharedStoreTests(StoreEngine.Postgres15);

public sealed class Postgres18SharedStoreTests() : SharedStoreTests(StoreEngine.Postgres18);
