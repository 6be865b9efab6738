using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Exports;

/// <summary>Files of exports in the data folder. Each is written beside its place and moved there whole.</summary>
internal sealed class FolderExportFiles(DataFolder folder) : IExportFiles
{
    private const int BufferBytes = 128 * 1024;

    private const string PartSuffix = ".part";

    public async Task<ExportOutcome> WriteAsync(ExportTask task, Func<Stream, Task<ITableWriter>> write, CancellationToken cancel)
    {
        var path = PathOf(task);
        var part = path + PartSuffix;
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            DurableFolder.Sync(folder.Exports);
        }

        try
        {
            ExportOutcome outcome;
            await using (var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: false))
            await using (var hashed = new HashingStream(file))
            {
                outcome = hashed.OutcomeOf(await write(hashed));
                file.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: true);
            DurableFolder.Sync(Path.GetDirectoryName(path)!);
            return outcome;
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    public Task<Stream?> TryOpenAsync(ExportTask task, CancellationToken cancel)
    {
        try
        {
            var file = new FileStream(StoredPathOf(task), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, useAsync: true);
            return Task.FromResult<Stream?>(ExportFileSize.Check(task, file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    /// <summary>The folder is this process's own: a part in it is a dead one unless its task runs now.</summary>
    public async Task SweepAsync(Func<TenantId, string, Task<ExportTask?>> taskOf, CancellationToken cancel)
    {
        foreach (var path in Directory.EnumerateFiles(folder.Exports, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetFileName(path);
            var isOurs = TenantId.TryParse(Path.GetFileName(Path.GetDirectoryName(path)), out var tenant);
            var isPart = name.EndsWith(PartSuffix, StringComparison.Ordinal);
            var task = isOurs ? await taskOf(tenant, name.Split('.')[0]) : null;
            var isWanted = isPart ? task is { State: ExportState.Running } && ExportFileNames.IsOf(task, name[..^PartSuffix.Length]) : ExportFileNames.IsOf(task, name);
            if (!isWanted)
                File.Delete(path);
        }
    }

    public Task DeleteAsync(ExportTask task, CancellationToken cancel)
    {
        var path = StoredPathOf(task);
        if (File.Exists(path))
            File.Delete(path);
        return Task.CompletedTask;
    }

    private string PathOf(ExportTask task) => Path.Combine(folder.Exports, task.Tenant.Value, ExportFileNames.Of(task));

    private string StoredPathOf(ExportTask task)
    {
        var path = PathOf(task);
        return File.Exists(path) ? path : Path.Combine(folder.Exports, task.Tenant.Value, ExportFileNames.OldOf(task));
    }
}
