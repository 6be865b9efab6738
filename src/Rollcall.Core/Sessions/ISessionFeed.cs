namespace Rollcall.Core.Sessions;

/// <summary>What changed of a tenant's sessions, in the order of the commits. It is kept on disk, and its oldest part goes when it grows long.</summary>
public interface ISessionFeed
{
    /// <summary>Behind the newest change.</summary>
    Task<FeedPosition> EndAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>
    /// What follows a position, oldest first, without gaps; empty at the end. Null when the feed does not hold the position, so that changes after
    /// it may be gone: it is too old, or of another ledger.
    /// </summary>
    /// <param name="tenant">Whose feed.</param>
    /// <param name="after">From an earlier answer, of whatever process.</param>
    /// <param name="take">Changes at most.</param>
    /// <param name="cancel">Ends the question.</param>
    Task<IReadOnlyList<SessionChange>?> TryReadAsync(TenantId tenant, FeedPosition after, int take, CancellationToken cancel);

    /// <summary>Calls back after each commit of this process that lengthened a tenant's feed, until disposed. Other processes' commits are not told.</summary>
    /// <param name="tell">Must be quick: the writer waits for it.</param>
    IDisposable OnCommit(Action<TenantId> tell);
}

/// <summary>A place in a tenant's feed.</summary>
/// <param name="No">Of the change before it; 0 at the beginning.</param>
/// <param name="AtMs">When that change was written, milliseconds since 1970: a ledger that was put back from a copy gives a number again, but not with its time.</param>
public readonly record struct FeedPosition(long No, long AtMs);

/// <summary>One session that was written, or that went: joined with another one, or taken away by retention.</summary>
/// <param name="Position">Behind this change.</param>
/// <param name="Session">As it is when the feed is read, which may be newer than the change; null when it went, then or since.</param>
public sealed record SessionChange(FeedPosition Position, Session? Session)
{
    /// <summary>The id of the session that went; null when the change is another one.</summary>
    public string? GoneId { get; init; }

    /// <summary>The id of the session that it is now part of, set with <see cref="GoneId"/> only; null when that one is no more either, or retention took it away.</summary>
    public string? JoinedId { get; init; }
}
