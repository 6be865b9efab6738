using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>The stream over deaths of the server, and from one server to another.</summary>
public sealed class StreamProcessTests
{
    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(2)]
    public Task Who_comes_back_to_a_server_that_was_killed_misses_nothing_and_sees_nothing_twice(int rounds) => KillAsync(rounds);

    [Theory, InlineData(12), Trait("Category", "Long")]
    public Task The_same_in_many_rounds(int rounds) => KillAsync(rounds);

    [Theory]
    [InlineData(StoreEngine.Postgres15)]
    [InlineData(StoreEngine.Postgres18)]
    public async Task What_one_server_wrote_is_seen_through_another_and_its_position_is_good_at_both(StoreEngine engine)
    {
        var database = await PostgresServers.GetAsync(engine);
        var name = await database.TakeDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using (var first = await ServerProcess.StartAsync(folder.File("first"), database.AddressOf(name)))
        {
            await using var second = await first.StartBesideAsync(folder.File("second"));
            var token = await SignInAsync(first);
            using var here = await EventStreamClient.OpenAsync(first.Http, PathOf(first), token);
            using var there = await EventStreamClient.OpenAsync(second.Http, PathOf(second), token);
            for (var number = 0; number < 6; number++)
                await SendAsync(number % 2 == 0 ? first : second, number, 1);

            var (seenHere, seenThere) = (Ids(await here.TakeAsync(6)), Ids(await there.TakeAsync(6)));
            using var moved = await EventStreamClient.OpenAsync(second.Http, PathOf(second), token, here.LastId);
            await SendAsync(first, 6, 1);

            Assert.Equal(["0", "1", "2", "3", "4", "5"], seenHere);
            Assert.Equal(seenHere, seenThere);
            Assert.Equal("6", Assert.Single(Ids(await moved.TakeAsync(1))));
        }

        await database.GiveBackAsync(name);
    }

    /// <summary>A reader that only remembers the last id it got, a sender that sends again what was not acknowledged, and a server that dies under both.</summary>
    private static async Task KillAsync(int rounds)
    {
        const int RoundSessions = 120, BatchSessions = 10;
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        var token = await SignInAsync(server);
        string last;
        using (var stream = await EventStreamClient.OpenAsync(server.Http, PathOf(server), token))
            last = stream.LastId!;
        var seen = new List<string>();
        for (var round = 0; round < rounds; round++)
        {
            var stream = await EventStreamClient.OpenAsync(server.Http, PathOf(server), token, last);
            var reading = Task.Run(() => ReadUntilCutAsync(stream, seen));
            var first = round * RoundSessions;
            var sending = Task.Run(() => SendUntilCutAsync(server, first, RoundSessions, BatchSessions));
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (!sending.IsCompleted && Volatile.Read(ref stream.Counted) < (round % 4) * BatchSessions)
                await Task.Delay(5, limit.Token);
            server.Kill();
            await sending;
            last = await reading;
            await server.RestartAsync();
            for (var number = first; number < first + RoundSessions; number += BatchSessions)
                await SendAsync(server, number, BatchSessions);
        }

        using var rest = await EventStreamClient.OpenAsync(server.Http, PathOf(server), token, last);
        seen.AddRange(Ids(await rest.TakeAsync((rounds * RoundSessions) - seen.Count)));
        Assert.Equal(
            Enumerable.Range(0, rounds * RoundSessions).Select(number => number.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal),
            seen.Order(StringComparer.Ordinal));
        await SendAsync(server, rounds * RoundSessions, 1);
        Assert.Equal($"{rounds * RoundSessions}", Assert.Single(Ids(await rest.TakeAsync(1))));
    }

    /// <summary>The last id it got.</summary>
    private static async Task<string> ReadUntilCutAsync(EventStreamClient stream, List<string> seen)
    {
        var last = stream.LastId!;
        using (stream)
        {
            try
            {
                while (await stream.NextAsync() is { } one)
                {
                    Assert.Equal("session", one.Name);
                    seen.AddRange(Ids([one]));
                    last = one.Id!;
                    Interlocked.Increment(ref stream.Counted);
                }
            }
            catch (Exception cut) when (cut is IOException or HttpRequestException)
            {
                // The server is gone; what came whole counts.
            }
        }

        return last;
    }

    private static async Task SendUntilCutAsync(ServerProcess server, int first, int count, int batch)
    {
        try
        {
            for (var number = first; number < first + count; number += batch)
                await SendAsync(server, number, batch);
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException or System.Net.Sockets.SocketException)
        {
            // It is sent again after the restart.
        }
    }

    private static async Task SendAsync(ServerProcess server, int first, int count)
    {
        using var answer = await server.SendEventsAsync([.. Enumerable.Range(first, count).Select(number => NativeClient.Event(
            "rollcall.session.started",
            Start.AddSeconds(number),
            new JsonObject { ["host"] = new JsonObject { ["name"] = $"RDS-{number % 7}" }, ["os_session_id"] = $"{number}", ["user"] = $"user{number % 30}" },
            id: $"event-{number}"))]);
        Assert.True(answer.IsSuccessStatusCode);
    }

    private static IReadOnlyList<string> Ids(IEnumerable<StreamedEvent> events) => [.. events.Select(one => one.Json.GetProperty("os_session_id").GetString()!)];

    private static string PathOf(ServerProcess server) => $"/api/v1/tenants/{server.Tenant}/stream";

    private static async Task<string> SignInAsync(ServerProcess server)
    {
        var body = new JsonObject { ["name"] = server.Bootstrap.GetProperty("operator").GetString(), ["password"] = server.Bootstrap.GetProperty("password").GetString() };
        using var answer = await server.Http.PostAsJsonAsync("/api/v1/signin", body);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }
}
