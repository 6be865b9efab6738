namespace Rollcall.Cli.Imports;

/// <summary>A stream that can be read once, kept so that it can be read again; it goes with this object.</summary>
internal sealed class Spool : IAsyncDisposable
{
    /// <summary>Bytes kept at most, so that a stream without an end does not fill the disk.</summary>
    private const long BytesMax = 8L * 1024 * 1024 * 1024;

    private const int BufferBytes = 128 * 1024;

    private readonly FileStream kept;

    private Spool(FileStream kept, string name) => (this.kept, File) = (kept, LogFile.At(kept.Name) with { Name = name });

    public LogFile File { get; }

    public static async Task<Spool> FillAsync(Stream from, string name, CancellationToken cancel)
    {
        // Made for its owner alone to read: logs name people.
        var path = Path.GetTempFileName();
        var spool = new Spool(new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, BufferBytes, FileOptions.DeleteOnClose), name);
        try
        {
            await spool.CopyAsync(from, cancel);
            return spool;
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => kept.DisposeAsync();

    private async Task CopyAsync(Stream from, CancellationToken cancel)
    {
        var buffer = new byte[BufferBytes];
        for (int count; (count = await from.ReadAsync(buffer, cancel)) > 0;)
        {
            if (kept.Position + count > BytesMax)
                throw new UsageException($"{File.Name} is larger than {BytesMax / 1024 / 1024 / 1024} GiB: import it in parts.");

            await kept.WriteAsync(buffer.AsMemory(0, count), cancel);
        }

        await kept.FlushAsync(cancel);
    }
}
