using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Rollcall.Core.Exports;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>Three server processes on one PostgreSQL behind haproxy, set up as docs/operating.md says, of which one is always being killed.</summary>
public sealed class ThreeServersTests
{
    private const int Servers = 3, Clients = 4;

    private static readonly TimeSpan KillEvery = TimeSpan.FromSeconds(4), OrderEvery = TimeSpan.FromSeconds(3), SettledWithin = TimeSpan.FromMinutes(3);

    [Theory, InlineData(120), Trait("Category", "Long")]
    public async Task Killed_one_after_another_under_load_they_lose_nothing_double_nothing_and_leave_no_work_behind(int seconds)
    {
        HaproxyProcess.Require();
        var database = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        var name = await database.TakeDatabaseAsync();
        using var folder = new TemporaryFolder();
        var servers = await StartServersAsync(folder, database.AddressOf(name));
        try
        {
            var port = HaproxyProcess.FreePort();
            await using var proxy = await HaproxyProcess.StartAsync(folder.File("haproxy.cfg"), SetupOf(port, servers), port);
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(40) };
            var clients = Enumerable.Range(0, Clients).Select(number => new StormClient(http, servers[0].Tenant, servers[0].AgentToken, number)).ToList();
            var token = await servers[0].WorkspaceTokenAsync();

            using (var storm = new CancellationTokenSource(TimeSpan.FromSeconds(seconds)))
            {
                var sending = clients.Select(client => client.RunAsync(storm.Token)).ToList();
                var ordering = OrderAsync(http, servers[0].Tenant, token, storm.Token);
                var kills = await KillAsync(servers, storm.Token);
                await Task.WhenAll([.. sending, ordering]);
                TestContext.Current.TestOutputHelper?.WriteLine(
                    $"{kills} kills, {clients.Sum(client => client.Events)} events, {await ordering} orders, {clients.Sum(client => client.Failures)} batches sent again");
                Assert.True(kills >= seconds / 10);
            }

            await using var session = await database.ConnectAsync(name);
            await NothingLeftAsync(session);
            await AssertTrueAsync(session, clients);
            foreach (var server in servers)
                Assert.Equal(clients.Sum(client => client.Told.Count), await CountAsync(server));
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
        }

        await database.GiveBackAsync(name);
    }

    private static async Task<List<ServerProcess>> StartServersAsync(TemporaryFolder folder, string store)
    {
        List<ServerProcess> servers = [await ServerProcess.StartAsync(folder.File("server0"), store)];
        for (var number = 1; number < Servers; number++)
        {
            // What the first start made up is known to the tests of the others by its file only.
            Directory.CreateDirectory(folder.File($"server{number}"));
            File.Copy(folder.File("server0/bootstrap.json"), folder.File($"server{number}/bootstrap.json"));
            servers.Add(await ServerProcess.StartAsync(folder.File($"server{number}"), store));
        }

        return servers;
    }

    private static string SetupOf(int port, List<ServerProcess> servers)
    {
        var front = HaproxyProcess.Documented("haproxy").Split("\nbackend rollcalld")[0]
            .Replace("bind :443 ssl crt /etc/haproxy/rollcall.pem", $"bind 127.0.0.1:{port}", StringComparison.Ordinal);
        var back = HaproxyProcess.Documented("cfg");
        foreach (var (server, at) in servers.Select((server, at) => (server, at)))
            back = back.Replace($"10.0.0.{at + 1}:8080", server.Http.BaseAddress!.Authority, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.", back, StringComparison.Ordinal);
        return front + "\n" + back;
    }

    /// <returns>How many were killed.</returns>
    private static async Task<int> KillAsync(List<ServerProcess> servers, CancellationToken enough)
    {
        for (var kills = 0; ; kills++)
        {
            try
            {
                await Task.Delay(KillEvery, enough);
            }
            catch (OperationCanceledException)
            {
                return kills;
            }

            servers[kills % Servers].Kill();
            await servers[kills % Servers].RestartInPlaceAsync();
        }
    }

    /// <returns>Orders that were answered with a task.</returns>
    private static async Task<int> OrderAsync(HttpClient http, string tenant, string token, CancellationToken enough)
    {
        var taken = 0;
        while (!enough.IsCancellationRequested)
        {
            using var order = new HttpRequestMessage(HttpMethod.Post, $"/v1/{tenant}/session/list-sessions/export");
            order.Headers.Add("X-Auth-Token", token);
            order.Content = JsonContent.Create(new JsonObject { ["query_begin_time"] = "2025-01-07T09:00:00Z", ["query_end_time"] = "2025-01-07T09:20:00Z" });
            try
            {
                using var answer = await http.SendAsync(order, CancellationToken.None);
                Assert.True(answer.IsSuccessStatusCode || (int)answer.StatusCode is 429 or >= 502, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
                taken += answer.IsSuccessStatusCode ? 1 : 0;
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or System.Net.Sockets.SocketException or TaskCanceledException)
            {
                // It may have been taken all the same: then it must be done all the same.
            }

            await Task.WhenAny(Task.Delay(OrderEvery, enough));
        }

        return taken;
    }

    /// <summary>Every export ends well, every silent host is judged, and no transaction or lease of a dead server is left.</summary>
    private static async Task NothingLeftAsync(NpgsqlConnection session)
    {
        using var limit = new CancellationTokenSource(SettledWithin);
        foreach (var left in new[]
        {
            "SELECT COUNT(*) FROM export_tasks WHERE state IN (1, 2)",
            "SELECT COUNT(*) FROM sessions WHERE host_name LIKE 'QUIET-%' AND ended_ms IS NULL",
            "SELECT COUNT(*) FROM hosts WHERE watch_ms IS NOT NULL",
        })
        {
            while (await NumberAsync(session, left) > 0)
                await Task.Delay(200, limit.Token);
        }

        Assert.Equal(0, await NumberAsync(session, $"SELECT COUNT(*) FROM export_tasks WHERE state <> {(int)ExportState.Finished} OR lease_ms IS NOT NULL"));
        Assert.Equal(0, await NumberAsync(session, "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND state_change < now() - interval '10 s'"));
        Assert.True(await NumberAsync(session, "SELECT COUNT(*) FROM export_tasks") > 0);
    }

    private static async Task AssertTrueAsync(NpgsqlConnection session, List<StormClient> clients)
    {
        Assert.Equal(clients.Sum(client => client.Events + client.QuietHosts), await NumberAsync(session, "SELECT COUNT(*) FROM events"));
        Assert.Equal(0, await NumberAsync(session, "SELECT MAX(seq) - COUNT(*) FROM events"));
        Assert.Equal(0, await NumberAsync(
            session,
            """
            SELECT COUNT(*) FROM event_batches b LEFT JOIN event_batches p ON p.tenant = b.tenant AND p.no = b.no - 1
            WHERE b.previous_hash <> COALESCE(p.hash, decode(repeat('00', 32), 'hex')) OR b.first_seq <> COALESCE(p.last_seq, 0) + 1
            """));
        var told = clients.SelectMany(client => client.Told).ToDictionary(StringComparer.Ordinal);
        var kept = new Dictionary<string, ToldSession>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("SELECT os_session_id, state, started_ms, ended_ms FROM sessions", session);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
            kept.Add(rows.GetString(0), new ToldSession((SessionState)rows.GetInt64(1), rows.GetInt64(2), rows.IsDBNull(3) ? null : rows.GetInt64(3)));
        Assert.Empty(told.Keys.Except(kept.Keys, StringComparer.Ordinal));
        Assert.Empty(kept.Where(one => told[one.Key] != one.Value).Take(5));
    }

    private static async Task<int> CountAsync(ServerProcess server)
    {
        var page = await server.WorkspaceJsonAsync(
            HttpMethod.Get, "/v1/{p}/session/list-sessions?limit=1&query_begin_time=2024-01-01T00:00:00Z&query_end_time=2026-01-01T00:00:00Z");
        return page.GetProperty("count").GetInt32();
    }

    private static async Task<long> NumberAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
