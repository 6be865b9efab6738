using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;

namespace Rollcall.Server.Exports;

/// <summary>Where files of exports live. A partial one is never to be seen.</summary>
internal interface IExportFiles
{
    /// <summary>Writes the file and makes it durable under its name, whole. When <paramref name="write"/> throws, nothing is left behind.</summary>
    /// <param name="task">Whose file it is.</param>
    /// <param name="write">Writes the whole file, without seeking, and returns the table for its counts.</param>
    /// <param name="cancel">Ends it like a failure.</param>
    /// <exception cref="TornExportException">The store that it went to has not kept all of it; nothing is left behind.</exception>
    Task<ExportOutcome> WriteAsync(ExportTask task, Func<Stream, Task<ITableWriter>> write, CancellationToken cancel);

    /// <summary>A finished file, from any place in it; null when it is gone. The caller disposes it.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Failed"/> when it has another size than it was written with.</exception>
    Task<Stream?> TryOpenAsync(ExportTask task, CancellationToken cancel);

    /// <summary>Takes away what a crash or a failed deletion left behind: parts that nobody writes, and finished files that nobody wants.</summary>
    /// <param name="taskOf">By tenant and id; null when there is none.</param>
    /// <param name="cancel">Ends it.</param>
    Task SweepAsync(Func<TenantId, string, Task<ExportTask?>> taskOf, CancellationToken cancel);

    /// <summary>A file that is not there is no failure.</summary>
    Task DeleteAsync(ExportTask task, CancellationToken cancel);
}

/// <summary>How files are named below their tenant's folder.</summary>
internal static class ExportFileNames
{
    /// <summary>
    /// Of one attempt: a worker that lost its lease without noticing writes, replaces and deletes nothing but its own. Every part is a word or digits of
    /// ours: no caller's text reaches a path or a key.
    /// </summary>
    public static string Of(ExportTask task) => string.Create(
        CultureInfo.InvariantCulture, $"{Guid.ParseExact(task.Id, "N"):N}.{task.Attempts}.{TabularFormats.ExtensionOf(task.Format)}");

    /// <summary>As versions before attempts were named wrote it.</summary>
    public static string OldOf(ExportTask task) => $"{Guid.ParseExact(task.Id, "N"):N}.{TabularFormats.ExtensionOf(task.Format)}";

    /// <summary>Whether a file of this name is what a finished task serves, or what is being written for a running one.</summary>
    /// <param name="name">Whole, or that of a part without its suffix.</param>
    public static bool IsOf(ExportTask? task, string name) => task switch
    {
        { State: ExportState.Finished } => name == Of(task) || name == OldOf(task),
        { State: ExportState.Running } => name == Of(task),
        _ => false,
    };
}

/// <summary>Finished files as answers.</summary>
internal sealed class ExportFileAnswers(IExportTaskStore tasks, ILogger<ExportFileAnswers> log)
{
    /// <summary>
    /// The whole file, or the ranges that the request asks for; its tag is the file's SHA-256. It counts as a download once its first byte is about to be sent.
    /// </summary>
    public FileStreamHttpResult Answer(ExportTask task, Stream file) => TypedResults.File(
        new StartedStream(file, cancel => CountAsync(task, cancel)),
        TabularFormats.TypeOf(task.Format), task.FileName, task.EndedAt, new EntityTagHeaderValue($"\"{task.Sha256}\""), enableRangeProcessing: true);

    /// <summary>A full disk is when people want to fetch what there is and delete it: a count that fails ends no download.</summary>
    private async Task CountAsync(ExportTask task, CancellationToken cancel)
    {
        try
        {
            await tasks.CountDownloadAsync(task.Tenant, task.Id, cancel);
        }
        catch (Exception cause) when (cause is not OperationCanceledException)
        {
            ExportLog.NotCounted(log, task.Id, cause);
        }
    }
}
