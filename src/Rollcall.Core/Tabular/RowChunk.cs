using System.Buffers;

namespace Rollcall.Core.Tabular;

/// <summary>Rows of a sheet as XML, and where in it the value of each cell ends.</summary>
internal sealed class RowChunk(int chunkBytes, int columns) : IDisposable
{
    private int[] _marks = ArrayPool<int>.Shared.Rent(Math.Max(columns, MarksAtFirst));
    private int _markCount;

    /// <summary>Cells of session rows in a chunk of 1 MB; more of them make the array grow.</summary>
    private const int MarksAtFirst = 1 << 15;

    public Utf8Buffer Text { get; } = new(chunkBytes);

    public int Columns => columns;

    /// <summary>Ascending positions in <see cref="Text"/>, one a cell: just behind its value, or at its beginning when it has none.</summary>
    /// <remarks>The mark of the same column in the row before is <see cref="Columns"/> back: rows are whole.</remarks>
    public ReadOnlySpan<int> Marks => _marks.AsSpan(0, _markCount);

    /// <summary>Marks the place where the text ends now.</summary>
    public void Mark()
    {
        if (_markCount == _marks.Length)
            Grow();

        _marks[_markCount++] = Text.Length;
    }

    public void Clear()
    {
        Text.Clear();
        _markCount = 0;
    }

    public void Dispose()
    {
        Text.Dispose();
        ArrayPool<int>.Shared.Return(_marks);
        _marks = [];
        _markCount = 0;
    }

    // Bounded by the text: an empty cell takes four bytes of it.
    private void Grow()
    {
        var larger = ArrayPool<int>.Shared.Rent(_marks.Length * 2);
        Marks.CopyTo(larger);
        ArrayPool<int>.Shared.Return(_marks);
        _marks = larger;
    }
}
