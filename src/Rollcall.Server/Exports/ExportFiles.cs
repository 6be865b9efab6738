using System.Security.Cryptography;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Exports;

/// <summary>Where files of exports live. A file is written beside its place and moved there whole: a partial one is never served.</summary>
internal sealed class ExportFiles(DataFolder folder)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Writes the file and makes it durable. When <paramref name="write"/> throws, nothing is left behind.</summary>
    public async Task<ExportOutcome> WriteAsync(ExportTask task, Func<Stream, Task<long>> write, CancellationToken cancel)
    {
        var path = PathOf(task.Tenant, task.Id);
        var part = path + ".part";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            long rows;
            await using (var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes, useAsync: false))
            {
                rows = await write(file);
                file.Flush(flushToDisk: true);
            }

            var outcome = await DescribeAsync(part, rows, cancel);
            File.Move(part, path, overwrite: true);
            return outcome;
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    public bool Exists(ExportTask task) => File.Exists(PathOf(task.Tenant, task.Id));

    public FileStream Open(ExportTask task) =>
        new(PathOf(task.Tenant, task.Id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, useAsync: true);

    /// <summary>Files that a crash left behind: parts, and finished ones whose task is not there or not finished.</summary>
    public async Task SweepAsync(Func<TenantId, string, Task<bool>> isWanted)
    {
        foreach (var path in Directory.EnumerateFiles(folder.Exports, "*", SearchOption.AllDirectories))
        {
            var isOurs = TenantId.TryParse(Path.GetFileName(Path.GetDirectoryName(path)), out var tenant);
            var isWhole = path.EndsWith(".xlsx", StringComparison.Ordinal);
            if (!isOurs || !isWhole || !await isWanted(tenant, Path.GetFileNameWithoutExtension(path)))
                File.Delete(path);
        }
    }

    public void Delete(TenantId tenant, string taskId)
    {
        var path = PathOf(tenant, taskId);
        if (File.Exists(path))
            File.Delete(path);
    }

    private static async Task<ExportOutcome> DescribeAsync(string path, long rows, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, useAsync: true);
        return new ExportOutcome(rows, file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel)));
    }

    /// <summary>Both parts are hexadecimal digits of ours: no caller's text reaches a path.</summary>
    private string PathOf(TenantId tenant, string taskId) => Path.Combine(folder.Exports, tenant.Value, Guid.ParseExact(taskId, "N").ToString("N") + ".xlsx");
}
