using Amazon.Runtime;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Exports;

/// <summary>Runs export tasks, some side by side. A worker that dies loses its lease, and the next one begins the task anew.</summary>
internal sealed class ExportWorker(
    IExportTaskStore tasks, ExportContents contents, IExportFiles files, ExportSignal signal, ServerOptions options, TimeProvider clock,
    ILogger<ExportWorker> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(6);

    private const int ExpireBatch = 100;

    /// <summary>Records forgotten in one transaction; the next turn takes the next ones.</summary>
    private const int PurgeBatch = 200;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TurnAsync(tasks.RecoverAsync, stoppingToken);
        await TurnAsync(SweepAsync, stoppingToken);
        await Task.WhenAll([SweepNowAndThenAsync(stoppingToken), .. Enumerable.Range(0, options.Exports.WorkersMax).Select(_ => WorkAsync(stoppingToken))]);
    }

    /// <summary>What could not be deleted when it should have been, because the store was away or refused.</summary>
    private async Task SweepNowAndThenAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await Task.Delay(SweepEvery, clock, cancel);
            await TurnAsync(SweepAsync, cancel);
        }
    }

    private Task SweepAsync(CancellationToken cancel) => files.SweepAsync((tenant, id) => tasks.TryGetAsync(tenant, id, cancel), cancel);

    private async Task WorkAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await TurnAsync(ExpireAsync, cancel);
            await TurnAsync(PurgeAsync, cancel);
            await TurnAsync(RunAllAsync, cancel);
            await signal.WaitAsync(LookEvery, cancel);
        }
    }

    /// <summary>A busy or broken store ends no task and not the worker: the leases run out and the next turn goes on.</summary>
    private async Task TurnAsync(Func<CancellationToken, Task> turn, CancellationToken cancel)
    {
        try
        {
            await turn(cancel);
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            ExportLog.TurnFailed(log, cause);
        }
    }

    private async Task RunAllAsync(CancellationToken cancel)
    {
        while (await tasks.TryLeaseAsync(options.Exports.Limits(), clock.GetUtcNow(), ExportHold.Lease, cancel) is { } task)
        {
            signal.Raise(); // the next worker may find another
            await RunAsync(task, cancel);
        }
    }

    private async Task RunAsync(ExportTask task, CancellationToken cancel)
    {
        if (task.Attempts > options.Exports.AttemptsMax)
        {
            await tasks.FailAsync(task, $"Given up after {options.Exports.AttemptsMax} attempts", clock.GetUtcNow(), cancel);
            return;
        }

        await using var hold = new ExportHold(tasks, task, clock, cancel);
        try
        {
            await FinishAsync(task, await files.WriteAsync(task, file => WriteAsync(task, hold, file), hold.Token), hold);
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            await tasks.ReleaseAsync(task, CancellationToken.None);
            cancel.ThrowIfCancellationRequested();
        }
        catch (Exception cause) when (hold.IsLost || cause is LeaseLostException)
        {
            ExportLog.Lost(log, task.Id);
        }
        catch (Exception cause) when (cause is not FaultException { Code: FaultCode.TooBusy or FaultCode.Unavailable }) // those pass: the lease runs out and it is begun anew
        {
            ExportLog.Failed(log, task.Id, cause);
            await hold.ChangeAsync(async () =>
            {
                await tasks.FailAsync(task, ReasonOf(cause), clock.GetUtcNow(), cancel);
                return true;
            });
        }
    }

    /// <summary>The file is whole. Unless the task is now finished by it, it goes, whatever stood in the way: nobody would ever fetch it.</summary>
    private async Task FinishAsync(ExportTask task, ExportOutcome outcome, ExportHold hold)
    {
        try
        {
            if (!await hold.ChangeAsync(() => tasks.FinishAsync(task, outcome, clock.GetUtcNow(), hold.Token)))
                throw new LeaseLostException();
        }
        catch (Exception)
        {
            if (!await IsFinishedAsync(task))
            {
                await files.DeleteAsync(task, CancellationToken.None);
                throw;
            }
        }

        ExportLog.Finished(log, task.Id, outcome.RowCount, outcome.SizeBytes);
    }

    /// <summary>By this very attempt: the answer to a commit may be lost, and its file is then what people fetch. A store that cannot say it keeps the file for the sweep.</summary>
    private async Task<bool> IsFinishedAsync(ExportTask task) =>
        await tasks.TryGetAsync(task.Tenant, task.Id, CancellationToken.None) is { State: ExportState.Finished } stored && stored.Attempts == task.Attempts;

    /// <summary>The finished table, for its counts.</summary>
    private async Task<ITableWriter> WriteAsync(ExportTask task, ExportHold hold, Stream file)
    {
        // Read before the snapshot is taken: everything that was acknowledged by then is in it.
        var snapshotAt = Instants.ToMilliseconds(clock.GetUtcNow());
        await using var opened = await contents.Of(task).OpenAsync(task, snapshotAt, hold.Token);
        if (!await hold.ChangeAsync(() => tasks.BeginAsync(task, snapshotAt, opened.RowsExpected, hold.Token)))
            throw new LeaseLostException();

        await using var table = TabularFormats.WriterOf(task, opened, file, options.Exports.XlsxCompression());
        await foreach (var row in opened.Sheet.Rows.WithCancellation(hold.Token))
        {
            await table.WriteRowAsync(row, hold.Token);
            hold.Count(table.RowCount);
        }

        if (table.RowCount != opened.RowsExpected)
            throw new InvalidOperationException($"{opened.RowsExpected} rows were counted and {table.RowCount} were read, in one snapshot");

        await table.CompleteAsync(hold.Token);
        return table;
    }

    private async Task ExpireAsync(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - TimeSpan.FromHours(options.Exports.KeepHours);
        foreach (var expired in await tasks.ExpireAsync(before, ExpireBatch, cancel))
            await TurnAsync(stop => files.DeleteAsync(expired, stop), cancel); // one that cannot be deleted keeps none of the others; the sweep takes it
    }

    private async Task PurgeAsync(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - TimeSpan.FromDays(options.Exports.KeepRecordDays);
        if (await tasks.PurgeAsync(before, PurgeBatch, cancel) is > 0 and var purged)
            ExportLog.Purged(log, purged, options.Exports.KeepRecordDays);
    }

    /// <summary>What the caller may know of a failure: a full disk by name, anything else by the log.</summary>
    private static string ReasonOf(Exception cause)
    {
        const int DiskFull = 28, QuotaFull = 122; // ENOSPC and EDQUOT, errno.h
        return cause switch
        {
            TornExportException => cause.Message,
            IOException when (cause.HResult & 0xFFFF) is DiskFull or QuotaFull => "The server's disk is full",
            AmazonServiceException or AmazonClientException or HttpRequestException => "The store of exported files cannot be reached or refuses; the server's log says which",
            _ => "The export failed; the server's log has the cause under this task's id",
        };
    }

    /// <summary>The task was deleted or cancelled, or another worker has it.</summary>
    private sealed class LeaseLostException : Exception;
}

/// <summary>What the export worker says. Event ids 3100-3199.</summary>
internal static partial class ExportLog
{
    [LoggerMessage(3101, LogLevel.Information, "Export {TaskId} finished: {RowCount} rows, {SizeBytes} bytes")]
    public static partial void Finished(ILogger log, string taskId, long rowCount, long sizeBytes);

    [LoggerMessage(3102, LogLevel.Information, "Export {TaskId} was deleted, cancelled or taken over while it ran")]
    public static partial void Lost(ILogger log, string taskId);

    [LoggerMessage(3105, LogLevel.Information, "The records of {Count} exports that ended more than {Days} days ago are purged")]
    public static partial void Purged(ILogger log, int count, int days);

    [LoggerMessage(3106, LogLevel.Warning, "A download of export {TaskId} could not be counted and goes on")]
    public static partial void NotCounted(ILogger log, string taskId, Exception cause);

    [LoggerMessage(3104, LogLevel.Warning, "The export worker could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);

    [LoggerMessage(3103, LogLevel.Error, "Export {TaskId} failed")]
    public static partial void Failed(ILogger log, string taskId, Exception cause);
}
