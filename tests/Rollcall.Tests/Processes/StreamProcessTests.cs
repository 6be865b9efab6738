using Rollcall.Tests.Support;
using static Rollcall.Tests.Processes.NumberedSessions;

namespace Rollcall.Tests.Processes;

/// <summary>The stream over deaths of the server, and from one server to another.</summary>
public sealed class StreamProcessTests
{
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
            var token = await first.SignInAsync();
            using var here = await EventStreamClient.OpenAsync(first.Http, first.StreamPath(), token);
            using var there = await EventStreamClient.OpenAsync(second.Http, second.StreamPath(), token);
            for (var number = 0; number < 6; number++)
                await (number % 2 == 0 ? first : second).SendAsync(number, 1);

            var (seenHere, seenThere) = (Ids(await here.TakeAsync(6)), Ids(await there.TakeAsync(6)));
            using var moved = await EventStreamClient.OpenAsync(second.Http, second.StreamPath(), token, here.LastId);
            await first.SendAsync(6, 1);

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
        var token = await server.SignInAsync();
        string last;
        using (var stream = await EventStreamClient.OpenAsync(server.Http, server.StreamPath(), token))
            last = stream.LastId!;
        var seen = new List<string>();
        for (var round = 0; round < rounds; round++)
        {
            var stream = await EventStreamClient.OpenAsync(server.Http, server.StreamPath(), token, last);
            var reading = Task.Run(() => ReadUntilCutAsync(stream, seen));
            var first = round * RoundSessions;
            var sending = Task.Run(() => server.SendUntilCutAsync(first, RoundSessions, BatchSessions));
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (!sending.IsCompleted && Volatile.Read(ref stream.Counted) < (round % 4) * BatchSessions)
                await Task.Delay(5, limit.Token);
            server.Kill();
            await sending;
            last = await reading;
            await server.RestartAsync();
            for (var number = first; number < first + RoundSessions; number += BatchSessions)
                await server.SendAsync(number, BatchSessions);
        }

        using var rest = await EventStreamClient.OpenAsync(server.Http, server.StreamPath(), token, last);
        seen.AddRange(Ids(await rest.TakeAsync((rounds * RoundSessions) - seen.Count)));
        Assert.Equal(Numbers(rounds * RoundSessions), seen.Order(StringComparer.Ordinal));
        await server.SendAsync(rounds * RoundSessions, 1);
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
            catch (Exception cut) when (IsCut(cut))
            {
                // The server is gone; what came whole counts.
            }
        }

        return last;
    }
}
