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

    /// <summary>Null when the file is not there.</summary>
    public FileStream? TryOpen(ExportTask task)
    {
        try
        {
            return new FileStream(PathOf(task.Tenant, task.Id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, useAsync: true);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
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
