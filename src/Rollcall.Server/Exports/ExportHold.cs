using Rollcall.Core;
using Rollcall.Core.Exports;

namespace Rollcall.Server.Exports;

/// <summary>
/// A worker's hold on its task: renewed beside the work, however long one step of it takes, and let go by disposing. Whoever loses it
/// is told by <see cref="Token"/>.
/// </summary>
internal sealed class ExportHold : IAsyncDisposable
{
    /// <summary>How long a dead worker's task waits: our choice, many renewals.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>Progress is told, and a cancelled task noticed, this often.</summary>
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BusyWait = TimeSpan.FromMilliseconds(200);

    private readonly IExportTaskStore tasks;
    private readonly ExportTask task;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource source;
    private readonly Task renewing;
    private long rowCount;

    public ExportHold(IExportTaskStore tasks, ExportTask task, TimeProvider clock, CancellationToken cancel)
    {
        (this.tasks, this.task, this.clock) = (tasks, task, clock);
        source = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        renewing = RenewAsync(source.Token);
    }

    /// <summary>Cancelled when the task is somebody else's, was called off, or the server stops.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The task was deleted or cancelled, or another worker has it.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Written so far.</summary>
    public void Count(long rows) => Volatile.Write(ref rowCount, rows);

    /// <summary>Changes the task; a busy store is asked again while the hold lasts.</summary>
    public async Task<bool> ChangeAsync(Func<Task<bool>> change)
    {
        while (true)
        {
            try
            {
                return await change();
            }
            catch (FaultException busy) when (busy.Code is FaultCode.TooBusy)
            {
                await Task.Delay(BusyWait, Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await source.CancelAsync();
        await renewing;
        source.Dispose();
    }

    private async Task RenewAsync(CancellationToken cancel)
    {
        var renewedAt = clock.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(RenewEvery, cancel);
                if (await TryRenewAsync(cancel) is { } held)
                    (IsLost, renewedAt) = (!held, clock.GetTimestamp());
                else
                    IsLost = clock.GetElapsedTime(renewedAt) >= Lease;
                if (!IsLost)
                    continue;

                await source.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The work is over.
        }
    }

    /// <summary>Null when the store could not be asked; the lease still has some time.</summary>
    private async Task<bool?> TryRenewAsync(CancellationToken cancel)
    {
        try
        {
            return await tasks.RenewLeaseAsync(task, Volatile.Read(ref rowCount), clock.GetUtcNow(), Lease, cancel);
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            return null;
        }
    }
}
