using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Server.Configuration;
using Rollcall.Server.Streams;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Streams;

/// <summary>Waking readers, and sparing the store.</summary>
public sealed class SessionWatchTests
{
    private static readonly FeedPosition Here = new(7, 1);

    [Fact]
    public async Task Readers_of_one_tenant_at_one_place_read_once_and_again_after_a_commit()
    {
        var feed = new GivenFeed();
        using var watch = new SessionWatch(feed, new NativeOptions());
        await watch.StartAsync(default);
        using var one = watch.Take(TenantOne);
        using var two = watch.Take(TenantOne);
        using var other = watch.Take(TenantId.Parse("00000000000000000000000000000002"));
        var reads = 0;
        Task<IReadOnlyList<ToldChange>?> Read()
        {
            Interlocked.Increment(ref reads);
            return Task.FromResult<IReadOnlyList<ToldChange>?>([]);
        }

        await Task.WhenAll(Enumerable.Range(0, 50).Select(turn => (turn % 2 == 0 ? one : two).Company.ReadOnceAsync(Here, Read)));
        Assert.Equal(1, reads);
        await other.Company.ReadOnceAsync(Here, Read);
        Assert.Equal(2, reads);
        await two.Company.ReadOnceAsync(Here with { No = 6 }, Read);
        Assert.Equal(3, reads);

        feed.Commit(TenantOne);
        await one.Company.ReadOnceAsync(Here with { No = 6 }, Read);
        await two.Company.ReadOnceAsync(Here with { No = 6 }, Read);
        Assert.Equal(4, reads);
        await watch.StopAsync(default);
    }

    [Fact]
    public async Task A_read_that_failed_is_not_handed_on()
    {
        using var watch = new SessionWatch(new GivenFeed(), new NativeOptions());
        using var seat = watch.Take(TenantOne);
        await Assert.ThrowsAsync<TimeoutException>(() => seat.Company.ReadOnceAsync(Here, () => Task.FromException<IReadOnlyList<ToldChange>?>(new TimeoutException())));

        Assert.Empty((await seat.Company.ReadOnceAsync(Here, () => Task.FromResult<IReadOnlyList<ToldChange>?>([])))!);
    }

    [Fact]
    public async Task Another_servers_change_wakes_those_who_have_not_read_it()
    {
        using var watch = new SessionWatch(new GivenFeed { End = Here }, new NativeOptions());
        await watch.StartAsync(default);
        using var behind = watch.Take(TenantOne);
        using var ahead = watch.Take(TenantOne);
        ahead.At = Here;

        Assert.True(await behind.WaitAsync(TimeSpan.FromSeconds(20), default));
        Assert.False(await ahead.WaitAsync(TimeSpan.Zero, default));
        await watch.StopAsync(default);
    }

    /// <summary>A feed that was written by others.</summary>
    private sealed class GivenFeed : ISessionFeed
    {
        private Action<TenantId> tell = _ => { };

        public FeedPosition End { get; init; }

        public void Commit(TenantId tenant) => tell(tenant);

        public Task<FeedPosition> EndAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(End);

        public Task<IReadOnlyList<SessionChange>?> TryReadAsync(TenantId tenant, FeedPosition after, int take, CancellationToken cancel) => throw new NotSupportedException();

        public IDisposable OnCommit(Action<TenantId> told)
        {
            tell = told;
            return new MemoryStream();
        }
    }
}
