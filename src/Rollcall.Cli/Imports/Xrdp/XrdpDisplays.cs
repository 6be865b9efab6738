namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>A client's detach from a session.</summary>
/// <param name="Session">That it left.</param>
/// <param name="Fact">The line that shows it.</param>
/// <param name="At">When, moved between its neighbours where two clocks of whole seconds would put it wrongly.</param>
/// <param name="BeforeNext">It has the time of the attach that followed it, and comes first all the same.</param>
internal sealed record XrdpDetach(XrdpSession Session, XrdpFact Fact, DateTimeOffset At, bool BeforeNext);

/// <summary>Finds the detaches, from xorgxrdp logs where there are any and from xrdp.log otherwise.</summary>
/// <param name="userIdOf">The numeric id of a user, null when nobody knows it. Only needed where logs know their owners.</param>
internal sealed class XrdpDisplays(XrdpSessions sessions, TimeSpan sameMoment, Tally tally, Func<string, uint?>? userIdOf = null)
{
    public List<XrdpDetach> Detaches(List<XrdpFact> facts, XrdpConnections connections)
    {
        // The display's own log names the session and counts milliseconds, so it is believed first. One that another account wrote is counted apart:
        // its clients would hide those of the display.
        var found = facts.OfType<DisplayChanged>().GroupBy(c => (c.Display, c.DisplayStartedAt, c.Owner)).SelectMany(FromDisplay).ToList();
        var known = found.ToLookup(d => d.Session);
        foreach (var (farewell, connection) in connections.Detaches())
        {
            var session = connection.Session!;
            if (known[session].Any(d => (d.At - farewell.At).Duration() <= sameMoment))
            {
                tally.Skip("says again what the display's own log said", farewell.Line.Spot);
                continue;
            }

            var overtaken = session.Attaches.Exists(a => a.At == farewell.At && a.At != connection.AttachedAt);
            found.Add(new XrdpDetach(session, farewell, farewell.At, BeforeNext: overtaken));
        }

        return found;
    }

    private IEnumerable<XrdpDetach> FromDisplay(IEnumerable<DisplayChanged> display)
    {
        var changes = display.OrderBy(c => c.At).ThenBy(c => c.Line.Spot.Line).ToList();
        var clients = 0;
        for (var i = 0; i < changes.Count; i++)
        {
            clients = Math.Max(0, clients + (changes[i].Attached ? 1 : -1));
            if (changes[i].Attached)
                continue;

            var (spot, session) = (changes[i].Line.Spot, SessionOf(changes[i]));
            if (clients > 0)
                tally.Skip("a client that another one had replaced: the session stayed connected", spot);
            else if (session is null)
                tally.Skip("a detach from a display whose session sesman.log does not show", spot);
            else
                yield return Placed(session, changes[i], changes.Skip(i + 1).FirstOrDefault(c => c.Attached));
        }
    }

    /// <summary>A display's server is started for one session and dies with it.</summary>
    public XrdpSession? SessionOf(DisplayChanged change)
    {
        var session = sessions.OnDisplay(change.Display).LastOrDefault(s => s.StartedAt <= change.DisplayStartedAt + sameMoment)
            ?? sessions.OnDisplay(change.Display).FirstOrDefault(s => s.StartedAt is null && !(s.EndedAt < change.At - sameMoment));
        return session is null || IsWrittenBy(session.User, change.Owner) ? session : null;
    }

    /// <summary>The log lies where its user can write: it may speak for that user's own display and no other, nor for a user whose number nobody knows.</summary>
    private bool IsWrittenBy(string user, uint? owner) => owner is null or 0 || userIdOf is null || userIdOf(user) == owner;

    /// <summary>
    /// Both clocks cut to whole seconds, each on its own, so neighbours within a second or two can seem to have changed places.
    /// The order within the display's log is certain: a detach stands after the attach before it and before the one that follows.
    /// </summary>
    private XrdpDetach Placed(XrdpSession session, DisplayChanged detach, DisplayChanged? next)
    {
        var at = detach.At;
        if (session.StartedAt > at)
            at = session.StartedAt.Value;

        if (session.EndedAt < at && at - session.EndedAt <= sameMoment)
            at = session.EndedAt.Value;

        var follower = next is null ? null : session.Attaches.Find(a => (a.At - next.At).Duration() <= sameMoment && a.At > session.StartedAt);
        return follower is not null && follower.At <= at
            ? new XrdpDetach(session, detach, follower.At, BeforeNext: true)
            : new XrdpDetach(session, detach, at, BeforeNext: false);
    }
}
