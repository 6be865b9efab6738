namespace Rollcall.Core.Sessions;

/// <summary>In which order sessions come.</summary>
public enum SessionSort
{
    /// <summary>Newest start first.</summary>
    NewestStart = 0,

    /// <summary>Oldest start first.</summary>
    OldestStart,

    /// <summary>Open sessions first, then the newest end first.</summary>
    NewestEnd,

    /// <summary>Shortest first.</summary>
    Shortest,

    /// <summary>Longest first.</summary>
    Longest,
}

/// <summary>What orders mean, for stores and for sessions that were worked out alike.</summary>
public static class SessionSorts
{
    /// <summary>Sorts after every end: of sessions that are open.</summary>
    public const long OpenEndMs = long.MaxValue;

    public static bool IsDescending(this SessionSort sort) => sort is SessionSort.NewestStart or SessionSort.NewestEnd or SessionSort.Longest;

    /// <summary>The number that the query's order compares, milliseconds; ties come by the store's own number in the same direction.</summary>
    public static long SortKeyOf(this SessionQuery query, ISessionTimes session)
    {
        var (startedMs, sortedMs) = (session.StartedAt.ToUnixTimeMilliseconds(), query.SortedAt.ToUnixTimeMilliseconds());
        var endedMs = session.EndedAt?.ToUnixTimeMilliseconds() is { } ms && ms <= sortedMs ? ms : (long?)null;
        return query.Sort switch
        {
            SessionSort.NewestStart or SessionSort.OldestStart => startedMs,
            SessionSort.NewestEnd => endedMs ?? OpenEndMs,
            SessionSort.Shortest or SessionSort.Longest => Math.Max(0, (endedMs ?? sortedMs) - startedMs),
            _ => throw new ArgumentOutOfRangeException(nameof(query), query.Sort, "not an order"),
        };
    }

    /// <summary>Whether the first may stand right before the second.</summary>
    public static bool IsInOrder(this SessionQuery query, ISessionTimes first, ISessionTimes second) => query.IsInOrder(query.SortKeyOf(first), query.SortKeyOf(second));

    /// <summary>Whether a session with the first key may stand right before one with the second.</summary>
    public static bool IsInOrder(this SessionQuery query, long first, long second) => query.Sort.IsDescending() ? first >= second : first <= second;
}
