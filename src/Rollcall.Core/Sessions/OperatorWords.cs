using Rollcall.Core.Events;

namespace Rollcall.Core.Sessions;

/// <summary>
/// What operators said of one session. A correction may contradict all that is told of times until it was said: clocks are wrong, and it says so.
/// A closing stands over what is inferred, and a goodbye that is reported replaces it. What happened after either was said takes the end
/// back that it gave: the operator could not know.
/// </summary>
/// <param name="inOrder">In the order in which they were said.</param>
/// <param name="beginsAt">The session's first event.</param>
/// <param name="aliveAt">Its goodbye or failure when one was reported, which nothing follows; else its last proof of life.</param>
internal sealed class OperatorWords(IReadOnlyList<StoredEvent> inOrder, DateTimeOffset beginsAt, DateTimeOffset aliveAt)
{
    public DateTimeOffset? StartAt => Corrections.LastOrDefault(e => e.Word!.StartAt is not null)?.Word!.StartAt;

    /// <summary>The end by the newest correction that stands; null when none does.</summary>
    public SessionEnd? CorrectedEnd => Corrections.LastOrDefault(e => e.Word!.EndAt is { } endAt && e.At >= aliveAt && !IsBeforeStart(endAt)) is { } corrected
        ? Exactly(corrected.Word!.EndAt!.Value, corrected.Reason)
        : null;

    /// <summary>The end by the newest closing that stands; null when none does.</summary>
    public SessionEnd? ClosedEnd
    {
        get
        {
            if (inOrder.LastOrDefault(stored => stored.Event.Kind is EventKind.SessionClosed && stored.Event.At >= aliveAt)?.Event is not { } closed)
                return null;

            // A time before the last proof of life was disproved by what came later: no such time is taken down. What is left of the word is that
            // the session was over when it was said.
            var alive = Instants.ToMilliseconds(aliveAt);
            return closed.Word!.EndAt is { } given && Instants.ToMilliseconds(given) >= alive
                ? Exactly(given, closed.Reason)
                : new SessionEnd(alive, EndTimeSource.Operator, alive, Instants.ToMilliseconds(closed.At), closed.Reason);
        }
    }

    private IEnumerable<LedgerEvent> Corrections => inOrder.Where(stored => stored.Event.Kind is EventKind.SessionCorrected).Select(stored => stored.Event);

    /// <summary>No such end is taken down: a late logon parted what it was said of, and this is the later part.</summary>
    private bool IsBeforeStart(DateTimeOffset endAt) => Instants.ToMilliseconds(endAt) < Instants.ToMilliseconds(StartAt ?? beginsAt);

    private static SessionEnd Exactly(DateTimeOffset at, string? reason)
    {
        var end = Instants.ToMilliseconds(at);
        return new SessionEnd(end, EndTimeSource.Operator, end, end, reason);
    }
}
