using System.IO.Compression;

namespace Rollcall.Core.Tabular.Deflate;

/// <summary>The base library's deflate at its fastest: the fall-back, and what the other is compared with.</summary>
internal sealed class StreamDeflate : IDeflate
{
    private readonly MemoryStream _packed = new();
    private DeflateStream? _stream;

    public void Add(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> marks, int columns, Utf8Buffer to)
    {
        _stream ??= new DeflateStream(_packed, CompressionLevel.Fastest, leaveOpen: true);
        _stream.Write(bytes);
        _stream.Flush();
        Move(to);
    }

    public void End(Utf8Buffer to)
    {
        if (_stream is null)
        {
            // A stream that was given nothing writes nothing, not even the final block.
            to.Add(DeflateFormat.EmptyFinalBlock);
            return;
        }

        _stream.Dispose();
        _stream = null;
        Move(to);
    }

    public void Dispose() => _stream?.Dispose();

    private void Move(Utf8Buffer to)
    {
        to.Add(_packed.GetBuffer().AsSpan(0, (int)_packed.Length));
        _packed.SetLength(0);
    }
}
