using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Streams;

/// <summary>
/// Wakes who waits for changes of sessions: at once after a commit of this server, within a second after one of another server on the same
/// store. Holds no changes: each reader reads them itself, at its own pace.
/// </summary>
internal sealed class SessionWatch(ISessionFeed feed, NativeOptions options) : BackgroundService
{
    private const int RetryAfterSeconds = 30;

    /// <summary>How often the store is asked for what others wrote, once for each tenant that has readers.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock watching = new();
    private readonly Dictionary<TenantId, List<Seat>> seats = [];
    private int seatCount;

    /// <summary>Seats taken.</summary>
    public int Count
    {
        get
        {
            lock (watching)
                return seatCount;
        }
    }

    /// <summary>A seat of the tenant's, until disposed.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when the tenant or the server has as many readers as it may.</exception>
    public Seat Take(TenantId tenant)
    {
        lock (watching)
        {
            var ofTenant = seats.GetValueOrDefault(tenant) ?? [];
            if (ofTenant.Count >= options.StreamsPerTenantMax)
                throw FaultException.TooBusy($"This tenant has {options.StreamsPerTenantMax} streams open, as many as it may", RetryAfterSeconds);
            if (seatCount >= options.StreamsMax)
                throw FaultException.TooBusy($"The server has {options.StreamsMax} streams open, as many as it may", RetryAfterSeconds);

            var seat = new Seat(this, tenant);
            ofTenant.Add(seat);
            seats[tenant] = ofTenant;
            seatCount++;
            return seat;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = feed.OnCommit(tenant => Wake(tenant, _ => true));
        using var timer = new PeriodicTimer(LookEvery);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var tenant in Watched())
                await LookAsync(tenant, stoppingToken);
        }
    }

    private async Task LookAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            var end = await feed.EndAsync(tenant, cancel);
            Wake(tenant, seat => seat.At.No < end.No);
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            // Each reader finds out by reading, and ends its own stream: its client comes back when the store does.
            Wake(tenant, _ => true);
        }
    }

    private List<TenantId> Watched()
    {
        lock (watching)
            return [.. seats.Keys];
    }

    private void Wake(TenantId tenant, Func<Seat, bool> which)
    {
        lock (watching)
        {
            foreach (var seat in seats.GetValueOrDefault(tenant) ?? [])
            {
                if (which(seat))
                    seat.Wake();
            }
        }
    }

    private void Leave(Seat seat)
    {
        lock (watching)
        {
            if (seats.GetValueOrDefault(seat.Tenant) is not { } ofTenant || !ofTenant.Remove(seat))
                return;

            seatCount--;
            if (ofTenant.Count == 0)
                seats.Remove(seat.Tenant);
        }
    }

    /// <summary>One reader's place.</summary>
    internal sealed class Seat(SessionWatch watch, TenantId tenant) : IDisposable
    {
        private readonly SemaphoreSlim woken = new(0, 1);
        private FeedPosition at;

        public TenantId Tenant => tenant;

        /// <summary>Up to where the reader has read.</summary>
        public FeedPosition At
        {
            get
            {
                lock (woken)
                    return at;
            }
            set
            {
                lock (woken)
                    at = value;
            }
        }

        /// <summary>Until there may be more to read; a wake between the last read and this counts.</summary>
        /// <returns>False when nothing came within <paramref name="atMost"/>.</returns>
        public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancel) => woken.WaitAsync(atMost, cancel);

        public void Wake()
        {
            lock (woken)
            {
                if (woken.CurrentCount == 0)
                    woken.Release();
            }
        }

        public void Dispose()
        {
            watch.Leave(this);
            woken.Dispose();
        }
    }
}
