using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Exports;

/// <summary>Where files of exports live. A file is written beside its place and moved there whole: a partial one is never served.</summary>
internal sealed class ExportFiles(DataFolder folder)
{
    private const int BufferBytes = 128 * 1024;

    private const string PartSuffix = ".part";

    /// <summary>Writes the file and makes it durable. When <paramref name="write"/> throws, nothing is left behind.</summary>
    public async Task<ExportOutcome> WriteAsync(ExportTask task, Func<Stream, Task<ITableWriter>> write)
    {
        var path = PathOf(task);
        var part = path + PartSuffix;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            ExportOutcome outcome;
            await using (var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: false))
            await using (var hashed = new HashingStream(file))
            {
                var table = await write(hashed);
                outcome = new ExportOutcome(
                    table.RowCount, table.SheetCount, table.CellsCut, hashed.SizeBytes, hashed.Sha256(), ProgramVersion.Text);
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: true);
            return outcome;
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    public bool Exists(ExportTask task) => File.Exists(PathOf(task));

    /// <summary>The whole file, or the ranges that the request asks for; its tag is the file's SHA-256.</summary>
    public FileStreamHttpResult Answer(ExportTask task) => TypedResults.File(
        new FileStream(PathOf(task), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, useAsync: true),
        TabularFormats.TypeOf(task.Format),
        task.FileName,
        task.EndedAt,
        new EntityTagHeaderValue($"\"{task.Sha256}\""),
        enableRangeProcessing: true);

    /// <summary>Files that a crash left behind: parts, and finished ones whose task is not there or not finished.</summary>
    public async Task SweepAsync(Func<TenantId, string, Task<bool>> isWanted)
    {
        foreach (var path in Directory.EnumerateFiles(folder.Exports, "*", SearchOption.AllDirectories))
        {
            var isOurs = TenantId.TryParse(Path.GetFileName(Path.GetDirectoryName(path)), out var tenant);
            var isWhole = !path.EndsWith(PartSuffix, StringComparison.Ordinal);
            if (!isOurs || !isWhole || !await isWanted(tenant, Path.GetFileNameWithoutExtension(path)))
                File.Delete(path);
        }
    }

    public void Delete(ExportTask task)
    {
        var path = PathOf(task);
        if (File.Exists(path))
            File.Delete(path);
    }

    /// <summary>Every part is a word or digits of ours: no caller's text reaches a path.</summary>
    private string PathOf(ExportTask task) => Path.Combine(
        folder.Exports, task.Tenant.Value, $"{Guid.ParseExact(task.Id, "N"):N}.{TabularFormats.ExtensionOf(task.Format)}");
}
