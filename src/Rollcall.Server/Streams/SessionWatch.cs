using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Streams;

/// <summary>
/// Wakes who waits for changes of sessions: at once after a commit of this server, within a second after one of another server on the same
/// store. Holds no changes but those that a tenant's readers read last: each reads at its own pace.
/// </summary>
internal sealed class SessionWatch(ISessionFeed feed, NativeOptions options) : BackgroundService
{
    private const int RetryAfterSeconds = 30;

    /// <summary>How often the store is asked for what others wrote, once for each tenant that has readers.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock watching = new();
    private readonly Dictionary<TenantId, Company> companies = [];
    private int seatCount;
    private IDisposable? listening;

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
            var company = companies.GetValueOrDefault(tenant) ?? new Company();
            if (company.Seats.Count >= options.StreamsPerTenantMax)
                throw FaultException.TooBusy($"This tenant has {options.StreamsPerTenantMax} streams open, as many as it may", RetryAfterSeconds);
            if (seatCount >= options.StreamsMax)
                throw FaultException.TooBusy($"The server has {options.StreamsMax} streams open, as many as it may", RetryAfterSeconds);

            var seat = new Seat(this, tenant, company);
            company.Seats.Add(seat);
            companies[tenant] = company;
            seatCount++;
            return seat;
        }
    }

    /// <summary>Hears of every commit from the start on: what comes after it runs on a thread of its own, some time later.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        listening = feed.OnCommit(tenant => Wake(tenant, _ => true));
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        listening?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
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
            return [.. companies.Keys];
    }

    private void Wake(TenantId tenant, Func<Seat, bool> which)
    {
        lock (watching)
        {
            if (companies.GetValueOrDefault(tenant) is not { } company || company.Seats.Where(which).ToList() is not { Count: > 0 } late)
                return;

            company.Forget(); // before anybody reads again
            foreach (var seat in late)
                seat.Wake();
        }
    }

    private void Leave(Seat seat)
    {
        lock (watching)
        {
            if (!seat.Company.Seats.Remove(seat))
                return;

            seatCount--;
            if (seat.Company.Seats.Count == 0)
                companies.Remove(seat.Tenant);
        }
    }

    /// <summary>A tenant's readers. Most of the time they stand at one place: what one of them reads there the others take over.</summary>
    internal sealed class Company
    {
        private readonly Lock reading = new();
        private FeedPosition lastAfter;
        private Task<IReadOnlyList<ToldChange>?>? last;

        /// <summary>Under the watch's lock.</summary>
        public List<Seat> Seats { get; } = [];

        /// <summary>What was read after the position since anything came, or what <paramref name="read"/> reads there now. A failure is nobody else's.</summary>
        public Task<IReadOnlyList<ToldChange>?> ReadOnceAsync(FeedPosition after, Func<Task<IReadOnlyList<ToldChange>?>> read)
        {
            lock (reading)
            {
                if (last is { IsFaulted: false, IsCanceled: false } && lastAfter == after)
                    return last;

                // On another thread: whoever comes next must not wait at the lock for the store.
                (lastAfter, last) = (after, Task.Run(read));
                return last;
            }
        }

        /// <summary>To be called when there may be more behind the same position.</summary>
        public void Forget()
        {
            lock (reading)
                last = null;
        }
    }

    /// <summary>One reader's place.</summary>
    internal sealed class Seat(SessionWatch watch, TenantId tenant, Company company) : IDisposable
    {
        private readonly SemaphoreSlim woken = new(0, 1);
        private FeedPosition at;

        public TenantId Tenant => tenant;

        public Company Company => company;

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
