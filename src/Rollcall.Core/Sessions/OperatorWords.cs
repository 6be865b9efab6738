using Rollcall.Core.Events;

namespace Rollcall.Core.Sessions;

/// <summary>
/// What operators said of one session. A correction stands over everything but a newer one. A closing stands over what is inferred; a goodbye
/// that is reported replaces it, and proof of life after it was said takes it back: the operator could not know.
/// </summary>
internal sealed class OperatorWords(IReadOnlyList<StoredEvent> inOrder)
{
    public DateTimeOffset? StartAt { get; } = Corrections(inOrder).LastOrDefault(e => e.Word!.StartAt is not null)?.Word!.StartAt;

    public DateTimeOffset? EndAt { get; } = Corrections(inOrder).LastOrDefault(e => e.Word!.EndAt is not null)?.Word!.EndAt;

    /// <summary>The end that operators' words give; null when none does.</summary>
    /// <param name="aliveAt">The session's last proof of life.</param>
    public SessionEnd? EndGiven(DateTimeOffset aliveAt)
    {
        if (EndAt is { } corrected)
            return Exactly(corrected, Corrections(inOrder).Last(e => e.Word!.EndAt is not null).Reason);
        if (inOrder.LastOrDefault(stored => stored.Event.Kind is EventKind.SessionClosed)?.Event is not { } closed || closed.At < aliveAt)
            return null;

        // A time before the last proof of life was disproved by what came later: no such time is taken down. What is left of the word is that
        // the session was over when it was said.
        var alive = Instants.ToMilliseconds(aliveAt);
        return closed.Word!.EndAt is { } given && Instants.ToMilliseconds(given) >= alive
            ? Exactly(given, closed.Reason)
            : new SessionEnd(alive, EndTimeSource.Operator, alive, Instants.ToMilliseconds(closed.At), closed.Reason);
    }

    private static SessionEnd Exactly(DateTimeOffset at, string? reason)
    {
        var end = Instants.ToMilliseconds(at);
        return new SessionEnd(end, EndTimeSource.Operator, end, end, reason);
    }

    private static IEnumerable<LedgerEvent> Corrections(IReadOnlyList<StoredEvent> words) =>
        words.Where(stored => stored.Event.Kind is EventKind.SessionCorrected).Select(stored => stored.Event);
}
