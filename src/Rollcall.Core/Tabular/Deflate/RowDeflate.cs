namespace Rollcall.Core.Tabular.Deflate;

/// <summary>The deflate that knows the rows: chunk by chunk, and no chunk refers to another.</summary>
internal sealed class RowDeflate : IDeflate
{
    private readonly RowMatches _matches = new();
    private readonly DeflateBlock _block = new();

    public void Add(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> marks, int columns, Utf8Buffer to)
    {
        _matches.Begin();
        _block.Begin();
        for (var at = 0; at < bytes.Length;)
        {
            var end = _matches.Find(bytes, marks, columns, at);
            _block.Add(bytes[at..end], _matches, to);
            at = end;
        }

        _block.Flush(to);
    }

    public void End(Utf8Buffer to) => to.Add(DeflateFormat.EmptyFinalBlock);

    public void Dispose()
    {
        // Nothing here outlives the garbage collector's care.
    }
}
