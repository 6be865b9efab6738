using System.Globalization;

namespace Rollcall.Core.Statistics;

/// <summary>In which order users come. Ties come by key.</summary>
public enum ActivityOrder
{
    ByUser = 0,

    /// <summary>The most time first.</summary>
    MostTime,

    /// <summary>Those never seen first, then those not seen for longest.</summary>
    LastSeen,
}

/// <summary>What each user did in <c>[From, To)</c>, and when each was last seen by <paramref name="Now"/>.</summary>
/// <param name="From">A whole millisecond.</param>
/// <param name="To">A whole millisecond.</param>
/// <param name="Now">A whole millisecond: what comes after it is not told; an open session counts up to it.</param>
public sealed record ActivityQuery(TenantId Tenant, DateTimeOffset From, DateTimeOffset To, DateTimeOffset Now)
{
    /// <summary>Substring of the directory's name or the name as the source spelled it, ignoring case; null means everyone.</summary>
    public string? UserContains { get; init; }

    /// <summary>Only users who had no session open at or after it; those never seen are among them. Null means everyone.</summary>
    public DateTimeOffset? NotSeenSince { get; init; }

    public ActivityOrder Order { get; init; }

    /// <summary>As <see cref="ConcurrencyQuery.Until"/>.</summary>
    public DateTimeOffset Until => To < Now ? To : Now > From ? Now : From;
}

/// <summary>One user: a person of the directory with all spellings that mean them, or a name that the directory does not know.</summary>
public sealed record UserActivity
{
    /// <summary>The directory's name, else as the source of the newest session spelled it.</summary>
    public required string User { get; init; }

    /// <summary>Null when the directory does not know the name.</summary>
    public string? UserId { get; init; }

    /// <summary>Sessions that began in the span and neither failed nor are still initializing.</summary>
    public required long Logons { get; init; }

    /// <summary>Milliseconds within the span with at least one session open; two at once count once.</summary>
    public required long OpenMs { get; init; }

    /// <summary>The last instant by the question at which a session of theirs was open, whatever the span; null when none ever was.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }
}

/// <summary>A user before there are words for it.</summary>
/// <param name="Group">As in <see cref="SessionSpans.Groups"/>.</param>
/// <param name="SortKey">Orders the rows, ordinally, and is where a page ends.</param>
public sealed record ActivityRow(int Group, string SortKey, long Logons, long OpenMs, long? LastSeenMs);

/// <summary>Adds up what each user did. Pure.</summary>
public static class ActivityFold
{
    /// <param name="spans">Within the query's span; users are the groups.</param>
    /// <param name="users">What was counted of each while the spans were read.</param>
    /// <returns>Every match in the query's order.</returns>
    public static List<ActivityRow> Run(SessionSpans spans, IReadOnlyList<UserTally> users, ActivityQuery query)
    {
        var sorted = new SortedSpans(spans, users.Count);
        var part = query.UserContains is { } text ? NameKey.Of(text) : null;
        var seenBeforeMs = query.NotSeenSince is { } since ? Instants.ToUnixMillisecondsUp(since) : (long?)null;
        var rows = new List<ActivityRow>();
        for (var group = 0; group < users.Count; group++)
        {
            var user = users[group];
            var isAsked = part is null || user.Key.Contains(part, StringComparison.Ordinal);
            if (!isAsked || (seenBeforeMs is not null && user.LastSeenMs >= seenBeforeMs))
                continue;

            var openMs = UnionOf(sorted.Starts(group), sorted.Ends(group));
            rows.Add(new ActivityRow(group, SortKeyOf(query.Order, user, openMs), user.Logons, openMs, user.LastSeenMs));
        }

        rows.Sort((one, other) => string.CompareOrdinal(one.SortKey, other.SortKey));
        return rows;
    }

    private static long UnionOf(ReadOnlySpan<long> starts, ReadOnlySpan<long> ends)
    {
        var (ms, since) = (0L, 0L);
        for (var (begun, over) = (0, 0); over < ends.Length;)
        {
            var depth = begun - over;
            if (begun < starts.Length && starts[begun] <= ends[over])
            {
                since = depth == 0 ? starts[begun] : since;
                begun++;
                continue;
            }

            ms += depth == 1 ? ends[over] - since : 0;
            over++;
        }

        return ms;
    }

    /// <summary>Fixed width, so that numbers sort as text does.</summary>
    private static string SortKeyOf(ActivityOrder order, UserTally user, long openMs) => order switch
    {
        ActivityOrder.ByUser => user.Key,
        ActivityOrder.MostTime => Text(long.MaxValue - openMs) + user.Key,
        ActivityOrder.LastSeen => Text(user.LastSeenMs ?? long.MinValue) + user.Key,
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "not an order"),
    };

    private static string Text(long number) => ((ulong)(number - long.MinValue)).ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>What is counted of one user while sessions are read.</summary>
/// <param name="key">Folded; unique.</param>
public sealed class UserTally(string key)
{
    public string Key => key;

    public long Logons { get; set; }

    /// <summary>Milliseconds since 1970; null while no session was seen.</summary>
    public long? LastSeenMs { get; private set; }

    public void SeenAt(long ms) => LastSeenMs = Math.Max(ms, LastSeenMs ?? long.MinValue);
}
