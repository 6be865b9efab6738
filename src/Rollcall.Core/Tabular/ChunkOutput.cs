namespace Rollcall.Core.Tabular;

/// <summary>How chunks leave a writer.</summary>
internal static class ChunkOutput
{
    /// <summary>Writes a chunk; one for an ordinary file on the calling thread.</summary>
    /// <remarks>The kernel takes such bytes into its cache at once. FileStream would hand them to a thread of the pool, and that waking and waiting costs a quarter of all the work.</remarks>
    public static ValueTask WriteChunkAsync(this Stream destination, ReadOnlyMemory<byte> chunk, CancellationToken cancel)
    {
        if (destination is not FileStream { IsAsync: false } file)
            return destination.WriteAsync(chunk, cancel);

        cancel.ThrowIfCancellationRequested();
        file.Write(chunk.Span);
        return default;
    }
}
