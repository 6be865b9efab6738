using Rollcall.Core;
using Rollcall.Core.Retention;
using Rollcall.Server.Configuration;
using Rollcall.Server.Metrics;

namespace Rollcall.Server.Operations;

/// <summary>Takes away what tenants no longer keep: a little at a time, with pauses, one server at a time for each tenant.</summary>
internal sealed class RetentionWorker(IRetention retention, ServerOptions options, ServerMeter meter, TimeProvider clock, ILogger<RetentionWorker> log) : BackgroundService
{
    /// <summary>How often settings and due runs are looked at.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>The embedded ledger has one server: started anew it need not wait until the lease of the one before runs out.</summary>
    private readonly string worker = options.Store == ServerOptions.EmbeddedStore ? ServerOptions.EmbeddedStore : Guid.NewGuid().ToString("N");

    /// <summary>After a failure of a tenant's; doubled by each that follows, up to the longest.</summary>
    private static readonly TimeSpan WaitFirst = TimeSpan.FromSeconds(2), WaitMax = TimeSpan.FromMinutes(10);

    private readonly Dictionary<TenantId, (long At, TimeSpan Wait)> failures = [];
    private readonly ClockWatch clockWatch = new(clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        do
        {
            foreach (var tenant in await TenantsAsync(stoppingToken))
                await TurnAsync(tenant, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<IReadOnlyList<TenantId>> TenantsAsync(CancellationToken cancel)
    {
        try
        {
            return await retention.TenantsAsync(cancel);
        }
        catch (Exception cause) when (!cancel.IsCancellationRequested)
        {
            // A busy or broken store: what is due stays due.
            RetentionLog.TurnFailed(log, cause);
            return [];
        }
    }

    /// <summary>What fails for one tenant is tried again later and later, and keeps no other from its turn.</summary>
    private async Task TurnAsync(TenantId tenant, CancellationToken cancel)
    {
        if (failures.TryGetValue(tenant, out var failed) && clock.GetElapsedTime(failed.At) < failed.Wait)
            return;

        try
        {
            await RunIfDueAsync(tenant, cancel);
            failures.Remove(tenant);
        }
        catch (Exception cause) when (!cancel.IsCancellationRequested)
        {
            var wait = failed.Wait == TimeSpan.Zero ? WaitFirst : failed.Wait * 2;
            failures[tenant] = (clock.GetTimestamp(), wait < WaitMax ? wait : WaitMax);
            RetentionLog.TenantFailed(log, tenant.Value, failures[tenant].Wait, cause);
        }
    }

    private async Task RunIfDueAsync(TenantId tenant, CancellationToken cancel)
    {
        // Read at each turn: a run for another tenant may have taken hours.
        var state = await retention.ReadAsync(tenant, cancel);
        var now = clock.GetUtcNow();
        var days = state.KeepDays ?? options.Retention.KeepDays;
        var before = now - TimeSpan.FromDays(days);
        // Whether an hour has passed or less is kept from now on.
        var isDue = state.FinishedAt is null || state.FinishedAt < state.RunAt || state.KeptFrom + TimeSpan.FromMinutes(options.Retention.EveryMinutes) <= before;
        var clockOf = clockWatch.Look(tenant, state.ClockSeenAt);
        if (days > 0 && clockOf.LeptFrom is { } seenAt)
            RetentionLog.Held(log, tenant.Value, now, seenAt, ClockWatch.Pause);
        if (days > 0 && isDue && !clockOf.IsHeld)
            await RunAsync(new RetentionRun(tenant, before, worker, days, options.Retention.KeepDays), cancel);
    }

    private async Task RunAsync(RetentionRun run, CancellationToken cancel)
    {
        var taken = default(RetentionCounts);
        RetentionPlace? at = null;
        while (at is not { IsDone: true })
        {
            at = await retention.StepAsync(run, at, cancel);
            if (at is null)
                return; // another server does it, or more is to be kept by now

            taken += at.Taken;
            meter.Removed(at.Taken);
            await Task.Delay(TimeSpan.FromMilliseconds(options.Retention.PauseMs), clock, cancel);
        }

        if (taken != default)
            RetentionLog.Removed(log, run.Tenant.Value, run.Before, taken.Sessions, taken.Connections, taken.Events, taken.Beats, taken.SignIns);
    }
}

/// <summary>
/// A server whose clock is years ahead would take away all there is at its first turn. A clock that is much later than anything the ledger has seen, or that leapt, is not believed
/// for a while, in which somebody can put it right.
/// </summary>
internal sealed class ClockWatch(TimeProvider clock)
{
    /// <summary>Longer than a server is off for an upgrade, shorter than what anybody keeps.</summary>
    private static readonly TimeSpan LeapMax = TimeSpan.FromDays(7);

    /// <summary>A day of work, measured by the time that passes.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    private readonly Dictionary<TenantId, (DateTimeOffset SeenAt, long? HeldSince)> tenants = [];

    /// <param name="tenant">Whose history is to go.</param>
    /// <param name="seenAt">The newest instant that the ledger has of it; counts at the first look.</param>
    /// <returns>Whether to wait, and the instant from which the clock leapt when it did so since the last look.</returns>
    public (bool IsHeld, DateTimeOffset? LeptFrom) Look(TenantId tenant, DateTimeOffset? seenAt)
    {
        var now = clock.GetUtcNow();
        var (before, since) = tenants.TryGetValue(tenant, out var known) ? known : (seenAt ?? now, null);
        var isNew = now - before > LeapMax;
        since = isNew ? clock.GetTimestamp() : since;
        tenants[tenant] = (now, since);
        return (since is { } start && clock.GetElapsedTime(start) < Pause, isNew ? before : null);
    }
}

/// <summary>What retention says. Event ids 2400-2499.</summary>
internal static partial class RetentionLog
{
    [LoggerMessage(2401, LogLevel.Information, "Retention of tenant {Tenant} took away what ended before {Before}: {Sessions} sessions, {Connections} connections, {Events} events, {Beats} beats, {SignIns} sign-ins")]
    public static partial void Removed(ILogger log, string tenant, DateTimeOffset before, long sessions, long connections, long events, long beats, long signIns);

    [LoggerMessage(2403, LogLevel.Warning, "Retention of tenant {Tenant} failed and will be tried again in {Wait}")]
    public static partial void TenantFailed(ILogger log, string tenant, TimeSpan wait, Exception cause);

    [LoggerMessage(2404, LogLevel.Warning, "Retention of tenant {Tenant} waits {Pause}: this server's clock says {Now}, the newest that the ledger has of the tenant is of {SeenAt}; is the clock right?")]
    public static partial void Held(ILogger log, string tenant, DateTimeOffset now, DateTimeOffset seenAt, TimeSpan pause);

    [LoggerMessage(2402, LogLevel.Warning, "Retention could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);
}
