using Rollcall.Cli.Commands;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Exports;

/// <summary>Follows one export from the order to the checked file.</summary>
internal sealed class ExportRun(CliContext context, NativeSession session)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

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
            export = await GetAsync(export.Id!, cancel);
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
