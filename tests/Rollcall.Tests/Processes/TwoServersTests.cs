using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>Two server processes on one PostgreSQL, each at an address of its own.</summary>
public abstract class TwoServersTests(StoreEngine engine)
{
    private const int EventsCount = 400, BatchEvents = 20;

    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Events_through_both_are_each_there_once_and_both_say_the_same_though_one_is_killed_meanwhile()
    {
        var database = await PostgresServers.GetAsync(engine);
        var name = await database.TakeDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using (var first = await ServerProcess.StartAsync(folder.File("first"), database.AddressOf(name)))
        {
            await using var second = await first.StartBesideAsync(folder.File("second"));
            Assert.Equal(File.ReadAllText(Path.Combine(folder.File("first"), "server.key")), File.ReadAllText(Path.Combine(folder.File("second"), "server.key")));

            var sending = Task.WhenAll(Enumerable.Range(0, EventsCount / BatchEvents).Select(batch => SendAsync(batch, batch % 2 == 0 ? [first, second] : [second, first])));
            second.Kill();
            await second.RestartAsync();
            await sending;

            var (told, toldBySecond) = (await SessionsAsync(first), await SessionsAsync(second));
            Assert.Equal(EventsCount, told.Select(session => session.GetProperty("os_session_id").GetString()).Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(EventsCount, told.Count);
            Assert.Equal(told.Select(Steady), toldBySecond.Select(Steady));
        }

        await database.GiveBackAsync(name);
    }

    /// <summary>To the first that takes it; every third batch to the other as well, as a source does that never got its receipt.</summary>
    private static async Task SendAsync(int batch, ServerProcess[] servers)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var turn = 0; !await TrySendAsync(servers[turn % 2], batch); turn++)
            await Task.Delay(20, limit.Token);
        if (batch % 3 == 0)
            await TrySendAsync(servers[1], batch);
    }

    private static async Task<bool> TrySendAsync(ServerProcess server, int batch)
    {
        try
        {
            using var answer = await server.SendEventsAsync(Batch(batch * BatchEvents));
            if (!answer.IsSuccessStatusCode)
                return false;

            var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(BatchEvents, receipt.GetProperty("accepted").GetInt32() + receipt.GetProperty("duplicate").GetInt32());
            return true;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static async Task<List<JsonElement>> SessionsAsync(ServerProcess server)
    {
        var all = new List<JsonElement>();
        for (var offset = 0; ; offset += 100)
        {
            var page = await server.WorkspaceJsonAsync(
                HttpMethod.Get, $"/v1/{{p}}/session/list-sessions?limit=100&offset={offset}&query_begin_time=2024-01-01T00:00:00Z&query_end_time=2026-01-01T00:00:00Z");
            all.AddRange(page.GetProperty("items").EnumerateArray());
            if (all.Count >= page.GetProperty("count").GetInt32())
                return all;
        }
    }

    /// <summary>Without the time since the last change, which goes on between two questions.</summary>
    private static string Steady(JsonElement session)
    {
        var members = JsonNode.Parse(session.GetRawText())!.AsObject();
        members.Remove("status_continue_time");
        return members.ToJsonString();
    }

    /// <summary>One session an event, several hosts in each batch, so that servers meet on every host.</summary>
    private static JsonArray Batch(int first) => [.. Enumerable.Range(first, BatchEvents).Select(number => NativeClient.Event(
        "rollcall.session.started",
        Start.AddSeconds(number),
        new JsonObject { ["host"] = new JsonObject { ["name"] = $"RDS-{number % 7}" }, ["os_session_id"] = $"{number}", ["user"] = $"user{number % 30}" },
        id: $"event-{number}"))];
}

public sealed class Postgres15TwoServersTests() : TwoServersTests(StoreEngine.Postgres15);

public sealed class Postgres18TwoServersTests() : TwoServersTests(StoreEngine.Postgres18);
