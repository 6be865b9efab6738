namespace Rollcall.Core;

/// <summary>Rows that are read while they are consumed, and how many match in all: both from one snapshot, which disposing lets go.</summary>
/// <param name="total">Exact number of rows that match the whole query, those outside the window included.</param>
/// <param name="rows">In the query's order; can be read once, before disposing.</param>
/// <param name="release">Lets the snapshot go.</param>
public sealed class RowStream<T>(long total, IAsyncEnumerable<T> rows, Func<ValueTask> release) : IAsyncDisposable
{
    public long Total => total;

    public IAsyncEnumerable<T> Rows => rows;

    public ValueTask DisposeAsync() => release();
}
