using Rollcall.Core.Users;

namespace Rollcall.Core.Sessions;

/// <summary>How many users had a session open, bucket by bucket.</summary>
/// <param name="From">Where the first bucket begins.</param>
/// <param name="Bucket">The length of each bucket, in whole milliseconds.</param>
/// <param name="Count">How many buckets there are, at least one; they follow one another.</param>
/// <param name="Now">Nothing is said of what comes after it: an open session counts up to it.</param>
public sealed record PresenceQuery(TenantId Tenant, DateTimeOffset From, TimeSpan Bucket, int Count, DateTimeOffset Now)
{
    /// <summary>Exclusive: the end of the last bucket.</summary>
    public DateTimeOffset To => From + (Bucket * Count);
}

/// <summary>How much each user was connected in <c>[From, To)</c>. Results come by connected time, ties by name.</summary>
/// <param name="Now">A connection that is still attached counts up to it.</param>
public sealed record UsageQuery(TenantId Tenant, DateTimeOffset From, DateTimeOffset To, DateTimeOffset Now)
{
    /// <summary>Substring, ignoring case; null means everyone.</summary>
    public string? UserContains { get; init; }

    /// <summary>Inclusive, in milliseconds.</summary>
    public long? ConnectedMsMin { get; init; }

    /// <summary>Inclusive, in milliseconds.</summary>
    public long? ConnectedMsMax { get; init; }

    /// <summary>By the directory; whom it does not know has no subproject.</summary>
    public SubprojectFilter? Subproject { get; init; }

    /// <summary>By the directory; exact, ignoring the case of ASCII letters.</summary>
    public string? Domain { get; init; }

    /// <summary>Whether the least connected come first rather than the most.</summary>
    public bool LeastFirst { get; init; }
}

/// <summary>What one user did in a span of time.</summary>
public sealed record UserUsage
{
    /// <summary>As the newest connection in the span spelled it.</summary>
    public required string User { get; init; }

    /// <summary>By the directory; null when it gives none.</summary>
    public string? Subproject { get; init; }

    /// <summary>Milliseconds within the span with a client attached to any session; time in two sessions at once counts once.</summary>
    public required long ConnectedMs { get; init; }

    /// <summary>Attempts to connect that began within the span; one that neither came through nor failed is in neither of the two below.</summary>
    public required long Attempts { get; init; }

    public required long Established { get; init; }
    public required long Failed { get; init; }
}

/// <summary>Counts over the sessions and connections that the ledger derived from its events.</summary>
public interface ISessionStatistics
{
    /// <summary>
    /// For each bucket, in order, the users who had a session open at some instant of it, each once. A session of no length counts at its
    /// start, one that never came to be does not count.
    /// </summary>
    Task<IReadOnlyList<long>> CountPresentAsync(PresenceQuery query, CancellationToken cancel);

    /// <summary>One page by offset, with the exact number of users who connected or were connected in the span.</summary>
    Task<Page<UserUsage>> FindUsageAsync(UsageQuery query, PageWindow window, CancellationToken cancel);
}
