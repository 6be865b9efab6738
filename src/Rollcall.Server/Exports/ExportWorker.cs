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
    /// <summary>How long a dead worker's task waits: our choice, many renewals.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>Progress is told, and a cancelled task noticed, this often.</summary>
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>A task that brings its worker down this often is given up.</summary>
    private const int AttemptsMax = 5;

    /// <summary>Rows between two looks at the clock.</summary>
    private const int RowsBetweenLooks = 256;

    private const int ExpireBatch = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TurnAsync(SweepAsync, stoppingToken);
        await Task.WhenAll(Enumerable.Range(0, options.Exports.WorkersMax).Select(_ => WorkAsync(stoppingToken)));
    }

    private Task SweepAsync(CancellationToken cancel) => files.SweepAsync(
        async (tenant, id) => await tasks.TryGetAsync(tenant, id, cancel) is { State: ExportState.Finished }, cancel);

    private async Task WorkAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await TurnAsync(ExpireAsync, cancel);
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
        while (await tasks.TryLeaseAsync(options.Exports.Limits(), clock.GetUtcNow(), Lease, cancel) is { } task)
        {
            signal.Raise(); // the next worker may find another
            await RunAsync(task, cancel);
        }
    }

    private async Task RunAsync(ExportTask task, CancellationToken cancel)
    {
        if (task.Attempts > AttemptsMax)
        {
            await tasks.FailAsync(task, $"Given up after {AttemptsMax} attempts", clock.GetUtcNow(), cancel);
            return;
        }

        try
        {
            var outcome = await files.WriteAsync(task, file => WriteAsync(task, file, cancel), cancel);
            if (await tasks.FinishAsync(task, outcome, clock.GetUtcNow(), cancel))
                ExportLog.Finished(log, task.Id, outcome.RowCount, outcome.SizeBytes);
            else
                await files.DeleteAsync(task, cancel);
        }
        catch (LeaseLostException)
        {
            ExportLog.Lost(log, task.Id);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await tasks.ReleaseAsync(task, CancellationToken.None);
            throw;
        }
        catch (Exception cause) when (cause is not FaultException { Code: FaultCode.TooBusy })
        {
            ExportLog.Failed(log, task.Id, cause);
            await tasks.FailAsync(task, ReasonOf(cause), clock.GetUtcNow(), cancel);
        }
    }

    /// <summary>The finished table, for its counts.</summary>
    private async Task<ITableWriter> WriteAsync(ExportTask task, Stream file, CancellationToken cancel)
    {
        // Read before the snapshot is taken: everything that was acknowledged by then is in it.
        var snapshotAt = Instants.ToMilliseconds(clock.GetUtcNow());
        await using var opened = await contents.Of(task).OpenAsync(task, snapshotAt, cancel);
        if (!await tasks.BeginAsync(task, snapshotAt, opened.RowsExpected, cancel))
            throw new LeaseLostException();

        await using var table = TabularFormats.WriterOf(task, opened, file);
        await WriteRowsAsync(task, opened, table, cancel);
        if (table.RowCount != opened.RowsExpected)
            throw new InvalidOperationException($"{opened.RowsExpected} rows were counted and {table.RowCount} were read, in one snapshot");

        await table.CompleteAsync(cancel);
        return table;
    }

    private async Task WriteRowsAsync(ExportTask task, OpenedExport opened, ITableWriter table, CancellationToken cancel)
    {
        var renewAt = clock.GetUtcNow() + RenewEvery;
        await foreach (var row in opened.Sheet.Rows.WithCancellation(cancel))
        {
            await table.WriteRowAsync(row, cancel);
            if (table.RowCount % RowsBetweenLooks != 0 || clock.GetUtcNow() < renewAt)
                continue;

            renewAt = clock.GetUtcNow() + RenewEvery;
            if (!await tasks.RenewLeaseAsync(task, table.RowCount, clock.GetUtcNow(), Lease, cancel))
                throw new LeaseLostException();
        }
    }

    private async Task ExpireAsync(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - TimeSpan.FromHours(options.Exports.KeepHours);
        foreach (var expired in await tasks.ExpireAsync(before, ExpireBatch, cancel))
            await files.DeleteAsync(expired, cancel);
    }

    /// <summary>What the caller may know of a failure: a full disk by name, anything else by the log.</summary>
    private static string ReasonOf(Exception cause)
    {
        const int DiskFull = 28; // ENOSPC, errno.h
        return cause switch
        {
            IOException when (cause.HResult & 0xFFFF) == DiskFull => "The server's disk is full",
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

    [LoggerMessage(3104, LogLevel.Warning, "The export worker could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);

    [LoggerMessage(3103, LogLevel.Error, "Export {TaskId} failed")]
    public static partial void Failed(ILogger log, string taskId, Exception cause);
}
