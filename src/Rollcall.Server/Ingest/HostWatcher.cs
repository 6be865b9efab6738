using Rollcall.Core.Hosts;

namespace Rollcall.Server.Ingest;

/// <summary>Looks every second for hosts whose lease has run out. After its own start or a break it waits one whole lease first (design 4).</summary>
internal sealed class HostWatcher(IHostWatch hosts, TimeProvider clock, ILogger<HostWatcher> log) : BackgroundService
{
    /// <summary>Hosts judged in one transaction: a second's work, so that events wait no longer for their turn.</summary>
    private const int TurnHostsMax = 100;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>A turn that comes this late shows that the process stood still, or the clock was set: nothing was heard meanwhile.</summary>
    private static readonly TimeSpan BreakMin = TimeSpan.FromSeconds(15);

    private DateTimeOffset listeningSince = clock.GetUtcNow();
    private DateTimeOffset lookedAt = clock.GetUtcNow();
    private bool isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await LookAsync(stoppingToken);
    }

    /// <summary>One turn; a store that fails counts as a break, since events were lost meanwhile as well.</summary>
    internal async Task LookAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (isFailing || (now - lookedAt).Duration() > BreakMin)
            listeningSince = now;
        try
        {
            while (await hosts.JudgeSilenceAsync(now, listeningSince, TurnHostsMax, cancel) is var judged and > 0)
            {
                HostWatchLog.Judged(log, judged);
                if (judged < TurnHostsMax)
                    break;
            }

            isFailing = false;
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            isFailing = true;
            HostWatchLog.TurnFailed(log, cause);
        }

        lookedAt = clock.GetUtcNow();
    }
}

/// <summary>What the watch over hosts says. Event ids 2100-2199.</summary>
internal static partial class HostWatchLog
{
    [LoggerMessage(2101, LogLevel.Information, "{HostCount} hosts went silent past their lease")]
    public static partial void Judged(ILogger log, int hostCount);

    [LoggerMessage(2102, LogLevel.Warning, "The watch over hosts could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);
}
