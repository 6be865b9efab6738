using System.Globalization;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Exports;

/// <summary>Takes orders for exports; the id is given out after the task is durable.</summary>
internal sealed class ExportDesk(IExportTaskStore tasks, ExportSignal signal, ServerOptions options, TimeProvider clock)
{
    /// <param name="filter">The dialect's own JSON, complete: defaults that depend on now are filled in already.</param>
    public async Task<string> OrderAsync(TenantId tenant, Caller caller, IExportContent content, string filter, CancellationToken cancel) =>
        (await OrderAsync(tenant, caller, content, filter, ExportFormat.Xlsx, cancel)).Id;

    public async Task<ExportTask> OrderAsync(
        TenantId tenant, Caller caller, IExportContent content, string filter, ExportFormat format, CancellationToken cancel)
    {
        var now = Instants.ToMilliseconds(clock.GetUtcNow());
        var id = Guid.NewGuid().ToString("N");
        var task = new ExportTask
        {
            Tenant = tenant,
            Id = id,
            Kind = content.Kind,
            Filter = filter,
            FileName = FileNameOf(content.Kind, now, id, format),
            Format = format,
            State = ExportState.Queued,
            RequestedBy = caller.Name,
            CreatedAt = now,
        };
        await tasks.AddAsync(task, options.Exports.Limits(), cancel);
        signal.Raise();
        return task;
    }

    /// <summary>What, when and which: sorts by time and never collides.</summary>
    private static string FileNameOf(string kind, DateTimeOffset now, string id, ExportFormat format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{ExportContents.RowsOf(kind)}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{id[..8]}.{TabularFormats.ExtensionOf(format)}");
}

/// <summary>Wakes the worker when there is something to do.</summary>
internal sealed class ExportSignal : IDisposable
{
    private readonly SemaphoreSlim raised = new(0, 1);

    public void Raise()
    {
        try
        {
            raised.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is raised already: the worker will look at every task.
        }
    }

    /// <summary>Returns when raised, or after <paramref name="atMost"/>.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => raised.WaitAsync(atMost, cancel);

    public void Dispose() => raised.Dispose();
}
