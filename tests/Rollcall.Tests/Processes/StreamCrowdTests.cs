using Rollcall.Tests.Support;
using static Rollcall.Tests.Processes.NumberedSessions;

namespace Rollcall.Tests.Processes;

/// <summary>Two hundred readers of the stream, a server that is killed under them again and again while sessions are written, and readers that leave by themselves.</summary>
public abstract class StreamCrowdTests(StoreEngine engine)
{
    private const int ReadersCount = 200, Rounds = 4, RoundSessions = 120, BatchSessions = 10;

    private static readonly TimeSpan SeenMax = TimeSpan.FromMinutes(3);

    [Fact, Trait("Category", "Long")]
    public async Task Two_hundred_readers_miss_nothing_and_see_nothing_twice_whoever_is_killed()
    {
        using var folder = new TemporaryFolder();
        var database = engine is StoreEngine.Sqlite ? null : await PostgresServers.GetAsync(engine);
        var name = database is null ? null : await database.TakeDatabaseAsync();
        await using (var server = await ServerProcess.StartAsync(folder.File("data"), name is null ? null : database!.AddressOf(name)))
            await CheckAsync(server);

        if (name is not null)
            await database!.GiveBackAsync(name);
    }

    private static async Task CheckAsync(ServerProcess server)
    {
        var token = await server.SignInAsync();
        var readers = await Task.WhenAll(Enumerable.Range(0, ReadersCount).Select(number => Reader.BeginAsync(server, token, number)));
        for (var round = 0; round < Rounds; round++)
        {
            var (first, now) = (round * RoundSessions, round);
            var opened = readers.Select(reader => reader.Opened).ToList();
            var reading = Task.WhenAll(readers.Select(reader => reader.ReadUntilCutAsync(server, token, now)));
            await UntilAsync(() => readers.Zip(opened).All(one => one.First.Opened > one.Second));
            var sending = Task.Run(() => server.SendUntilCutAsync(first, RoundSessions, BatchSessions));
            var (before, wanted) = (readers.Sum(reader => reader.Count), ReadersCount * BatchSessions * (1 + (2 * round)));
            await UntilAsync(() => sending.IsCompleted || readers.Sum(reader => reader.Count) - before >= wanted);
            server.Kill();
            await Task.WhenAll(sending, reading);
            await server.RestartAsync();
            for (var number = first; number < first + RoundSessions; number += BatchSessions)
                await server.SendAsync(number, BatchSessions);
        }

        // One more, after which nothing else may come: what is doubled would come before it.
        await server.SendAsync(Rounds * RoundSessions, 1);
        await Task.WhenAll(readers.Select(reader => reader.ReadUntilAsync(server, token, $"{Rounds * RoundSessions}")));
        var expected = Numbers((Rounds * RoundSessions) + 1).ToList();
        Assert.All(readers, reader => Assert.Equal(expected, reader.Seen.Order(StringComparer.Ordinal)));
        Assert.True(readers.Sum(reader => reader.Opened) > ReadersCount * (Rounds + 1), "readers left by themselves, too");
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(SeenMax);
        while (!condition())
            await Task.Delay(10, limit.Token);
    }

    /// <summary>Somebody who remembers the last id and what came with it, and nothing else.</summary>
    private sealed class Reader(int number)
    {
        private string? last;
        private int count, opened;

        public List<string> Seen { get; } = [];

        /// <summary>As <see cref="Seen"/> has, for another thread.</summary>
        public int Count => Volatile.Read(ref count);

        /// <summary>How often it opened the stream with an id.</summary>
        public int Opened => Volatile.Read(ref opened);

        /// <summary>Knows from where on it reads, and has left.</summary>
        public static async Task<Reader> BeginAsync(ServerProcess server, string token, int number)
        {
            using var stream = await EventStreamClient.OpenAsync(server.Http, server.StreamPath(), token);
            return new Reader(number) { last = stream.LastId! };
        }

        /// <summary>Until the server is gone; every third reader of the round leaves in the middle and comes back at once.</summary>
        public async Task ReadUntilCutAsync(ServerProcess server, string token, int round)
        {
            try
            {
                if ((number + round) % 3 == 0)
                    await ReadAsync(server, token, taken => taken == number % 13);
                await ReadAsync(server, token, _ => false);
            }
            catch (Exception cut) when (IsCut(cut))
            {
                // What came whole counts.
            }
        }

        public Task ReadUntilAsync(ServerProcess server, string token, string id) => ReadAsync(server, token, _ => Seen is [.., var newest] && newest == id);

        private async Task ReadAsync(ServerProcess server, string token, Func<int, bool> isEnough)
        {
            using var stream = await EventStreamClient.OpenAsync(server.Http, server.StreamPath(), token, last);
            Interlocked.Increment(ref opened);
            for (var taken = 0; !isEnough(taken) && await stream.NextAsync() is { } one; taken++)
            {
                Assert.Equal("session", one.Name);
                Seen.AddRange(Ids([one]));
                last = one.Id!;
                Interlocked.Increment(ref count);
            }
        }
    }
}

public sealed class SqliteStreamCrowdTests() : StreamCrowdTests(StoreEngine.Sqlite);

public sealed class Postgres15StreamCrowdTests() : StreamCrowdTests(StoreEngine.Postgres15);

public sealed class Postgres18StreamCrowdTests() : StreamCrowdTests(StoreEngine.Postgres18);
