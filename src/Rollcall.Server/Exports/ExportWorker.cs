using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Exports;

/// <summary>Runs export tasks one after another. A worker that dies loses its lease, and the next one begins the task anew.</summary>
internal sealed class ExportWorker(
    IExportTaskStore tasks, ExportContents contents, ExportFiles files, ExportSignal signal, ServerOptions options, TimeProvider clock,
    ILogger<ExportWorker> log) : BackgroundService
{
    /// <summary>How long a dead worker's task waits: our choice, three renewals.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>A task that brings its worker down this often is given up.</summary>
    private const int AttemptsMax = 5;

    private const int ExpireBatch = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isSwept = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!isSwept)
                    await files.SweepAsync(async (tenant, id) => await tasks.TryGetAsync(tenant, id, stoppingToken) is { State: ExportState.Finished });
                isSwept = true;
                await ExpireAsync(stoppingToken);
                while (await tasks.TryLeaseAsync(clock.GetUtcNow(), Lease, stoppingToken) is { } task)
                    await RunAsync(task, stoppingToken);
            }
            catch (Exception cause) when (cause is not OperationCanceledException)
            {
                // A busy or broken store ends no task and not the worker: the leases run out and the next turn goes on.
                ExportLog.TurnFailed(log, cause);
            }

            await signal.WaitAsync(LookEvery, stoppingToken);
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
                files.Delete(task.Tenant, task.Id);
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

    /// <summary>Rows written.</summary>
    private async Task<long> WriteAsync(ExportTask task, Stream file, CancellationToken cancel)
    {
        var sheet = contents.Of(task).Open(task, cancel);
        await using var table = new XlsxTableWriter(file, sheet.Columns, new XlsxTableOptions
        {
            SheetName = sheet.Name,
            Title = task.FileName,
            CreatedAt = task.CreatedAt,
            Compression = options.Exports.XlsxCompression(),
        });
        var renewAt = clock.GetUtcNow() + RenewEvery;
        await foreach (var row in sheet.Rows.WithCancellation(cancel))
        {
            await table.WriteRowAsync(row, cancel);
            if (clock.GetUtcNow() < renewAt)
                continue;

            renewAt = clock.GetUtcNow() + RenewEvery;
            if (!await tasks.RenewLeaseAsync(task, clock.GetUtcNow(), Lease, cancel))
                throw new LeaseLostException();
        }

        await table.CompleteAsync(cancel);
        return table.RowCount;
    }

    private async Task ExpireAsync(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - TimeSpan.FromHours(options.Exports.KeepHours);
        foreach (var (tenant, id) in await tasks.ExpireAsync(before, ExpireBatch, cancel))
            files.Delete(tenant, id);
    }

    /// <summary>What the caller may know of a failure: a full disk by name, anything else by the log.</summary>
    private static string ReasonOf(Exception cause)
    {
        const int DiskFull = 28; // ENOSPC, errno.h
        return cause is IOException && (cause.HResult & 0xFFFF) == DiskFull
            ? "The server's disk is full"
            : "The export failed; the server's log has the cause under this task's id";
    }

    /// <summary>The task was deleted, or another worker has it.</summary>
    private sealed class LeaseLostException : Exception;
}

/// <summary>What the export worker says. Event ids 3100-3199.</summary>
internal static partial class ExportLog
{
    [LoggerMessage(3101, LogLevel.Information, "Export {TaskId} finished: {RowCount} rows, {SizeBytes} bytes")]
    public static partial void Finished(ILogger log, string taskId, long rowCount, long sizeBytes);

    [LoggerMessage(3102, LogLevel.Information, "Export {TaskId} was deleted or taken over while it ran")]
    public static partial void Lost(ILogger log, string taskId);

    [LoggerMessage(3104, LogLevel.Warning, "The export worker could not do its turn and will try again")]
    public static partial void TurnFailed(ILogger log, Exception cause);

    [LoggerMessage(3103, LogLevel.Error, "Export {TaskId} failed")]
    public static partial void Failed(ILogger log, string taskId, Exception cause);
}
