using Rollcall.Core.Tabular.Deflate;

namespace Rollcall.Core.Tabular;

/// <summary>Compresses a sheet's chunks on another core, one at a time, while the next is being filled.</summary>
/// <remarks>
/// Two chunks are all there are: one being filled, one being compressed. Whoever fills faster waits. When a chunk is handed over
/// what became of the one before goes into the archive, so that order and bytes do not depend on who was faster.
/// </remarks>
internal sealed class ChunkPacker(ZipWriter zip, IDeflate deflate, int chunkBytes, int columns) : IDisposable
{
    private readonly Utf8Buffer _packed = new(chunkBytes / 2);
    private RowChunk _idle = new(chunkBytes, columns);
    private Task _underWay = Task.CompletedTask;
    private uint _crc;
    private long _sizeBytes;

    /// <summary>Begins to compress a full chunk and returns the empty one to fill.</summary>
    public async ValueTask<RowChunk> ExchangeAsync(RowChunk full)
    {
        await CollectAsync();
        var empty = _idle;
        _idle = full;
        _underWay = Task.Run(Pack);
        return empty;
    }

    /// <summary>Waits for the last chunk and closes the entry.</summary>
    public async ValueTask EndAsync()
    {
        await CollectAsync();
        deflate.End(_packed);
        MovePacked();
        zip.End(_crc, _sizeBytes);
        (_crc, _sizeBytes) = (0, 0);
    }

    /// <summary>Waits for a chunk that is being compressed, whose buffers would otherwise go back to the pool while in use.</summary>
    public async ValueTask StopAsync() => await _underWay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose()
    {
        deflate.Dispose();
        _packed.Dispose();
        _idle.Dispose();
    }

    private void Pack()
    {
        var bytes = _idle.Text.Waiting.Span;
        _crc = Crc32.Append(_crc, bytes);
        _sizeBytes += bytes.Length;
        deflate.Add(bytes, _idle.Marks, _idle.Columns, _packed);
    }

    private async ValueTask CollectAsync()
    {
        await _underWay;
        _underWay = Task.CompletedTask;
        _idle.Clear();
        MovePacked();
    }

    private void MovePacked()
    {
        zip.Add(_packed.Waiting.Span);
        _packed.Clear();
    }
}
