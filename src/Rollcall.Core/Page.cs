namespace Rollcall.Core;

/// <summary>Rows to skip and rows to take. The dialect has already checked both against its own limits.</summary>
public readonly record struct PageWindow(int Skip, int Take)
{
    public static PageWindow Everything { get; } = new(0, int.MaxValue);
}

/// <summary>One page of an answer.</summary>
/// <param name="Items">At most as many as asked for, in the query's order.</param>
/// <param name="Total">Exact number of rows that match the whole query; null when it was not asked for.</param>
/// <param name="NextCursor">Where the next page begins; null after the last row.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, long? Total, string? NextCursor = null);
