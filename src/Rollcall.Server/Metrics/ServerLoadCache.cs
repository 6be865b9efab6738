using Rollcall.Core.Statistics;

namespace Rollcall.Server.Metrics;

/// <summary>Counts of the whole ledger, kept for some seconds: however often somebody asks, the store is not asked more often.</summary>
internal sealed class ServerLoadCache(IServerLoad load, TimeProvider clock) : IDisposable
{
    /// <summary>Our choice: below the interval at which metrics are usually fetched, so that each fetch sees news.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1, 1);
    private long countedAt;
    private bool hasCounted;

    /// <summary>Null when nobody counted yet, or when the store could not be asked.</summary>
    public ServerLoad? Latest { get; private set; }

    public async Task RefreshAsync(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            if (hasCounted && clock.GetElapsedTime(countedAt) < FreshFor)
                return;

            (Latest, hasCounted, countedAt) = (await TryCountAsync(cancel), true, clock.GetTimestamp());
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private async Task<ServerLoad?> TryCountAsync(CancellationToken cancel)
    {
        try
        {
            return await load.CountAsync(cancel);
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            // That it could not be asked is itself a metric, and the others are needed most just then.
            return null;
        }
    }
}
