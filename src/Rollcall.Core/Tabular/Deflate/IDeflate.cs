namespace Rollcall.Core.Tabular.Deflate;

/// <summary>Turns the chunks of one ZIP entry after another into deflate streams (RFC 1951). Used by one thread at a time.</summary>
internal interface IDeflate : IDisposable
{
    /// <summary>Appends a chunk as whole blocks that end on a byte, so that what follows may have been compressed elsewhere.</summary>
    /// <param name="marks">What the writer knows of its rows, see <see cref="RowChunk.Marks"/>. A hint: any marks give the same bytes back.</param>
    /// <param name="columns">Marks a row.</param>
    void Add(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> marks, int columns, Utf8Buffer to);

    /// <summary>Appends the final block. The next chunk begins another stream.</summary>
    void End(Utf8Buffer to);
}
