using Rollcall.Cli.Commands;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Exports;

/// <summary>Follows one export from the order to the checked file.</summary>
internal sealed class ExportRun(CliContext context, NativeSession session)
{
    /// <summary>Looks without an answer, one after the other: half a minute.</summary>
    private const int LooksMax = 15;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(2);

    public Task<ExportAnswer> OrderAsync(NewExportRequest request, CancellationToken cancel) => session.Client.PostAsync(
        session.Path("exports"), request, NativeJson.Default.NewExportRequest, NativeJson.Default.ExportAnswer, cancel);

    public Task<ExportAnswer> GetAsync(string id, CancellationToken cancel) =>
        session.Client.GetAsync(PathOf(id), NativeJson.Default.ExportAnswer, cancel);

    /// <param name="target">Where the file goes; null: the server's name for it, in the working folder.</param>
    public async Task SaveAsync(ExportAnswer export, string? target, CancellationToken cancel)
    {
        try
        {
            await ExportProgress.ShowAsync(context, async progress =>
            {
                export = await FinishAsync(export, progress, cancel);
                target = TargetOf(target, export);
                progress.Begin("Fetching", export.Bytes ?? 0, "bytes");
                await new ExportDownload(session.Client, PathOf(export.Id!) + "/file", export, context.Time).SaveAsync(target, progress.Show, cancel);
            });
        }
        catch (NativeException e) when (export.State is "queued" or "running" or "finished" && !e.Message.Contains(export.Id!, StringComparison.Ordinal))
        {
            throw new NativeException($"{e.Message}\nThe export is {export.Id}: rollcall export fetch {export.Id} gets its file.", e.Status);
        }
        catch (OperationCanceledException)
        {
            throw new NativeException($"Stopped. The export goes on at the server: rollcall export fetch {export.Id} gets its file, rollcall export cancel {export.Id} calls it off.");
        }

        context.Say($"{TextTable.Clean(target!)}: {export.Rows} rows, {export.Bytes} bytes, SHA-256 {export.Sha256}");
    }

    private async Task<ExportAnswer> FinishAsync(ExportAnswer export, ExportProgress progress, CancellationToken cancel)
    {
        progress.Begin("Writing", export.RowsExpected ?? 0, "rows");
        while (export.State is "queued" or "running")
        {
            await Task.Delay(LookEvery, context.Time, cancel);
            export = await LookAsync(export.Id!, cancel);
            progress.Begin("Writing", export.RowsExpected ?? 0, "rows");
            progress.Show(export.Rows ?? 0);
        }

        return export.State switch
        {
            "finished" => export,
            "failed" => throw new NativeException($"The export failed: {export.Failure}"),
            "expired" => throw new NativeException("The file has expired and is gone. Order the export again."),
            _ => throw new NativeException($"The export was {export.State}."),
        };
    }

    /// <summary>A server that restarts, or a network that is away for a moment, ends no wait.</summary>
    private async Task<ExportAnswer> LookAsync(string id, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await GetAsync(id, cancel);
            }
            catch (NativeException e) when (e.Status is null && attempt < LooksMax)
            {
                await Task.Delay(LookAgainAfter, context.Time, cancel);
            }
        }
    }

    private string PathOf(string id) => session.Path($"exports/{Uri.EscapeDataString(id)}");

    /// <summary>A name that the server gives names a file in this folder, and nothing else.</summary>
    private static string TargetOf(string? target, ExportAnswer export)
    {
        if (target is not null)
            return target;

        var name = export.FileName ?? string.Empty;
        var isPlain = name.Length is > 0 and <= 128 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && name[0] != '.';
        return isPlain ? name : throw new UsageException("The server's name for the file cannot be used here: say -o FILE.");
    }
}
