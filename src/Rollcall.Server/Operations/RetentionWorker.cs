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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        do
        {
            try
            {
                foreach (var tenant in await retention.TenantsAsync(stoppingToken))
                    await RunIfDueAsync(tenant, stoppingToken);
            }
            catch (Exception cause) when (cause is not OperationCanceledException)
            {
                // A busy or broken store: what is due stays due.
                RetentionLog.TurnFailed(log, cause);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RunIfDueAsync(TenantId tenant, CancellationToken cancel)
    {
        var state = await retention.ReadAsync(tenant, cancel);
        var now = clock.GetUtcNow();
        var days = state.KeepDays ?? options.Retention.KeepDays;
        var before = now - TimeSpan.FromDays(days);
        // Whether an hour has passed or less is kept from now on.
        var isDue = state.FinishedAt is null || state.FinishedAt < state.RunAt || state.KeptFrom + TimeSpan.FromMinutes(options.Retention.EveryMinutes) <= before;
        if (days == 0 || !isDue)
            return;

        var run = new RetentionRun(tenant, before, worker, days, options.Retention.KeepDays);
        var taken = default(RetentionCounts);
        RetentionPlace? at = null;
        while (at is not { IsDone: true })
        {
            at = await retention.StepAsync(run, at, cancel);
            if (at is null)
                return; // another server does it, or more is to be kept by now

            taken += at.Taken;
            meter.Removed(at.Taken);
            if (at.Taken != default)
                await Task.Delay(TimeSpan.FromMilliseconds(options.Retention.PauseMs), clock, cancel);
        }

        if (taken != default)
            RetentionLog.Removed(log, tenant.Value, run.Before, taken.Sessions, taken.Connections, taken.Events, taken.Beats, taken.SignIns);
    }
}

/// <summary>What retention says. Event ids 2400-2499.</summary>
internal static partial class RetentionLog
{
    [LoggerMessage(2401, LogLevel.Information, "Retention of tenant {Tenant} took away what ended before {Before}: {Sessions} sessions, {Connections} connections, {Events} events, {Beats} beats, {SignIns} sign-ins")]
    public static partial void Removed(ILogger log, string tenant, DateTimeOffset before, long sessions, long connections, long events, long beats, long signIns);

    [LoggerMessage(2402, LogLevel.Warning, "Retention could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);
}
