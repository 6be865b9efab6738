using System.Diagnostics;
using System.Text;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Fleet;

/// <summary>A real server with a fleet on it: every session started, and one beat of every host taken, which compares every session with a roster.</summary>
internal sealed class LiveFleet : IAsyncDisposable
{
    /// <summary>Hosts whose starts share a batch: below the server's bound of 10 000 events.</summary>
    private const int LoadHosts = 500;

    private static readonly TimeSpan _startedBefore = TimeSpan.FromHours(2);

    private readonly FleetHost[] _hosts;

    private LiveFleet(FleetScale scale, ServerRun server, FleetClient client)
    {
        (Server, Client) = (server, client);
        _hosts = [.. Enumerable.Range(0, scale.Hosts).Select(number => new FleetHost(number))];
    }

    public ServerRun Server { get; }

    public FleetClient Client { get; }

    public IReadOnlyList<FleetHost> Hosts => _hosts;

    /// <param name="name">Of the data folder in the workshop.</param>
    public static async Task<LiveFleet> StartAsync(BenchRun run, string name, CancellationToken cancel)
    {
        var server = await ServerRun.StartAsync(run.Workshop.PathOf(name), cancel);
        try
        {
            var fleet = new LiveFleet(run.Fleet, server, await FleetClient.ConnectAsync(server, cancel));
            await fleet.LoadAsync(cancel);
            return fleet;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>One beat of each, over all connections.</summary>
    /// <param name="every">The time between two beats; zero: as fast as they are answered.</param>
    public async Task BeatAsync(IReadOnlyList<FleetHost> hosts, int leaseSeconds, TimeSpan every, CancellationToken cancel)
    {
        var next = -1;
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, FleetClient.Connections).Select(_ => AgentsAsync()));

        async Task AgentsAsync()
        {
            for (var i = Interlocked.Increment(ref next); i < hosts.Count; i = Interlocked.Increment(ref next))
            {
                var early = (i * every) - Stopwatch.GetElapsedTime(begun);
                if (early > TimeSpan.Zero)
                    await Task.Delay(early, cancel);
                await Client.SendAsync(hosts[i].Beat(TimeProvider.System.GetUtcNow(), leaseSeconds), 1, cancel);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private async Task LoadAsync(CancellationToken cancel)
    {
        var startedAt = TimeProvider.System.GetUtcNow() - _startedBefore;
        foreach (var hosts in _hosts.Chunk(LoadHosts))
        {
            var batch = $"[{string.Join(',', hosts.Select(host => host.StartEvents(startedAt)))}]";
            await Client.SendAsync(Encoding.UTF8.GetBytes(batch), hosts.Length * FleetScale.SessionsOfHost, cancel);
        }

        await BeatAsync(_hosts, FleetScale.LeaseSeconds, TimeSpan.Zero, cancel);
    }
}
