using Rollcall.Core.Events;

namespace Rollcall.Core.Sessions;

/// <summary>
/// What the ledger would have answered at an earlier instant: the reduction of what had arrived by then, the server's own judgements included.
/// An instant that is not past gives the present answer.
/// </summary>
/// <remarks>Worked out anew from the events, so that nothing is stored twice; sessions carry revision 0 unless their readings were counted.</remarks>
public interface ISessionHistory
{
    /// <summary>One page of the sessions as known at <paramref name="knownAt"/>, newest start first; the filter applies to them as they were known.</summary>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="take">Rows at most.</param>
    /// <param name="count">Whether to count all matches as well.</param>
    /// <exception cref="FaultException">
    /// <see cref="FaultCode.Malformed"/> on <c>as_known_at</c> when more would have to be read than the named limits allow, or on <c>cursor</c>.
    /// </exception>
    Task<Page<Session>> FindAsync(SessionQuery query, DateTimeOffset knownAt, string? cursor, int take, bool count, CancellationToken cancel);

    /// <summary>The session with its timeline and every reading up to <paramref name="knownAt"/>; null when the ledger did not know it by then.</summary>
    /// <param name="knownAt">Null for the session as it is.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>as_known_at</c> when more would have to be read than the named limits allow; never without an instant.</exception>
    Task<SessionAccount?> TryGetAsync(TenantId tenant, string sessionId, DateTimeOffset? knownAt, CancellationToken cancel);
}

/// <summary>A session as known at an instant, and how it came to be known.</summary>
/// <param name="Detail">Its revision is the ledger's own count, or for an earlier instant the number of its readings.</param>
/// <param name="Readings">Every reading the ledger showed, oldest first.</param>
/// <param name="IsWhole">False when more arrivals touched the session than are played again: the oldest readings and the newest are there.</param>
/// <param name="Rosters">Null when no roster named it.</param>
public sealed record SessionAccount(SessionDetail Detail, IReadOnlyList<SessionReading> Readings, bool IsWhole, RosterProof? Rosters);

/// <summary>What the ledger said of a session from one arrival to the next that changed it.</summary>
/// <param name="KnownFrom">Arrival of what made it so, by the server's clock.</param>
/// <param name="KnownUntil">Arrival of what changed it; null while it stands.</param>
/// <param name="Cause">What arrived; null when it was about another session of the same host and number.</param>
public sealed record SessionReading(DateTimeOffset KnownFrom, DateTimeOffset? KnownUntil, Session Session, ReadingCause? Cause);

/// <param name="Id">The event's; null of a beat, whose ids are not kept.</param>
/// <param name="At">When it happened by the source's clock.</param>
public sealed record ReadingCause(EventKind Kind, string Source, string? Id, DateTimeOffset At);

/// <summary>The first and the newest roster that names a session; those between say the same.</summary>
public sealed record RosterProof(SeenBeat First, SeenBeat Newest);

/// <param name="At">By the host's clock.</param>
/// <param name="ReceivedAt">By the server's.</param>
public sealed record SeenBeat(DateTimeOffset At, DateTimeOffset ReceivedAt, string Source);
