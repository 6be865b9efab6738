using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Core.Hosts;

/// <summary>A host said: I am alive, and these sessions are open.</summary>
/// <param name="At">By the host's clock.</param>
/// <param name="Lease">How long it may stay silent after this before it counts as lost.</param>
/// <param name="BootId">Null when the host did not say.</param>
/// <param name="Roster">Every open session; null when the host said only that it is alive.</param>
public sealed record HostBeat(DateTimeOffset At, TimeSpan Lease, string? BootId, IReadOnlyList<RosterEntry>? Roster)
{
    /// <summary>Whether the roster has this session; a user that the roster leaves out is anyone's.</summary>
    /// <param name="userKey">The folded plain name of the session's user.</param>
    public bool Names(string osSessionId, string userKey) => Roster is not null && Roster.Any(entry =>
        entry.OsSessionId == osSessionId
        && (entry.User is null || NameKey.OfPlain(entry.User) == userKey)
        && entry.State is not (SessionState.Ended or SessionState.Failed));
}

/// <summary>The beats of one host.</summary>
public interface IBeatHistory
{
    /// <summary>Beats after <paramref name="after"/> and before <paramref name="before"/>, both exclusive, newest first. Null means without bound.</summary>
    IEnumerable<HostBeat> NewestFirst(DateTimeOffset after, DateTimeOffset? before);
}
