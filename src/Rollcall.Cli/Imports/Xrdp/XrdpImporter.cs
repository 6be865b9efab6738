using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>Joins sesman.log (sessions), xrdp.log (connections) and xorgxrdp logs (displays) of one host into events.</summary>
/// <remarks>
/// The OS session id is the display, which is what every one of the three logs and the host's own tools call a session.
/// Displays are reused at once; the ledger tells two logons on one display apart by their beginnings, as it does for
/// the session numbers of Windows.
/// </remarks>
/// <param name="host">Whose logs these are: they do not say.</param>
/// <param name="zone">Of the host; null refuses lines that carry no offset.</param>
/// <param name="userIdOf">The numeric id of a user; null where logs do not know their owners.</param>
internal sealed class XrdpImporter(string host, TimeZoneInfo? zone, Func<string, uint?>? userIdOf = null) : ILogImporter
{
    /// <summary>The most that two logs' times of one moment may differ: each is cut to the second on its own.</summary>
    private static readonly TimeSpan SameMoment = TimeSpan.FromSeconds(2);

    private readonly string source = EventIds.SourceOf("xrdp", host);

    public IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally) => Join(new XrdpReader(zone, tally).Read(files), tally).Events;

    /// <summary>What the lines of all logs make together.</summary>
    /// <param name="facts">Each log's in its order, of the same kind the oldest first.</param>
    public XrdpStory Join(List<XrdpFact> facts, Tally tally)
    {
        var connections = new XrdpConnections(tally);
        ReadConnections(facts, connections);
        if (facts.Count > 0 && !facts.Exists(f => f is SessionCreated or SessionPlaced or SessionReconnected or SessionTerminated or LogonRefused))
            tally.Note("no line of sesman.log, which alone names the sessions: give it in the same run", facts[0].Line.Spot);

        var sessions = new XrdpSessions(tally);
        var taken = new List<ImportedEvent>();
        foreach (var fact in facts)
        {
            if (FromSesman(fact, sessions, connections, tally) is { } made)
                taken.Add(made);
        }

        sessions.CountPending();
        var refused = facts.OfType<LogonRefused>().Select(f => Refuse(f, connections, tally)).OfType<ImportedEvent>();
        var displays = new XrdpDisplays(sessions, SameMoment, tally, userIdOf);
        var detaches = displays.Detaches(facts, connections).Select(Detach);
        return new XrdpStory(
            [.. taken.Concat(refused).Concat(detaches).OrderBy(e => e.Event.Time).ThenBy(e => e.Event.Id, StringComparer.Ordinal)],
            [.. sessions.All],
            connections.All,
            displays.SessionOf);
    }

    private static void ReadConnections(List<XrdpFact> facts, XrdpConnections connections)
    {
        foreach (var fact in facts)
        {
            if (fact is ConnectionReceived received)
                connections.Receive(received);
            else if (fact is ClientNamed named)
                connections.Name(named);
            else if (fact is ConnectionClosed closed)
                connections.Close(closed);
        }

        connections.Seal();
    }

    private ImportedEvent? FromSesman(XrdpFact fact, XrdpSessions sessions, XrdpConnections connections, Tally tally)
    {
        switch (fact)
        {
            case SessionCreated created:
                sessions.Await(created);
                return null;
            case SessionPlaced placed:
                var (session, grant) = sessions.Place(placed);
                if (!ReferenceEquals(grant, placed))
                    tally.Skip("names the display of a session that another line created", placed.Line.Spot);

                return Attach(session, grant, placed.Peer, connections, EventTypes.SessionStarted, Rank.Began);
            case SessionReconnected again:
                var open = sessions.Get(again.Display, again.Pid, again.User);
                open.Attaches.Add(new XrdpAttach(again.At, again.Peer));
                open.Facts.Add(again);
                return Attach(open, again, again.Peer, connections, EventTypes.SessionReconnected, Rank.Attached);
            case SessionTerminated over:
                var ended = sessions.Get(over.Display, over.Pid, over.User);
                ended.EndedAt = over.At;
                ended.Facts.Add(over);
                return EventOf(over, EventTypes.SessionEnded, Rank.OfEnd(over.At, ended.StartedAt), DataOf(ended));
            default:
                return null;
        }
    }

    private ImportedEvent Attach(XrdpSession session, XrdpFact fact, XrdpPeer peer, XrdpConnections connections, string type, int rank)
    {
        var connection = connections.At(peer, fact.At);
        if (connection is not null)
            (connection.Session, connection.AttachedAt) = (session, fact.At);

        return EventOf(fact, type, rank, DataOf(session) with { Client = ClientAddress.From(peer.Ip, connection?.ClientName) });
    }

    private ImportedEvent? Refuse(LogonRefused refused, XrdpConnections connections, Tally tally)
    {
        if (refused.User.Length == 0)
        {
            tally.Skip("a refused logon without a user name", refused.Line.Spot);
            return null;
        }

        // This one line gives its time in both clocks, so it can tell when the zone is wrong for all the others.
        var at = refused.UnixTime ?? refused.At;
        if ((at - refused.At).Duration() > SameMoment)
            tally.Note("a line whose own universal time contradicts --time-zone: check it before you rely on these times", refused.Line.Spot);

        var (content, occurrence) = (refused.Line.Content, refused.Line.Occurrence);
        return EventOf(refused with { Line = refused.Line with { At = at } }, EventTypes.SessionFailed, Rank.Began, new EventData
        {
            Host = new EventHost { Name = host },
            OsSessionId = EventIds.AttemptOf(source, content, occurrence, at),
            User = refused.User,
            Protocol = "RDP",
            Client = ClientAddress.From(refused.Ip, connections.NameOfRefused(refused.Ip, refused.At)),
            Failure = new EventFailure { Code = "authentication_failed", Reason = "sesman refused the name or the password (AUTHFAIL)" },
        });
    }

    private ImportedEvent Detach(XrdpDetach detach)
    {
        var attached = detach.Session.Attaches.FindLast(a => a.At <= detach.At)?.At;
        var fact = detach.Fact with { Line = detach.Fact.Line with { At = detach.At } };
        return EventOf(fact, EventTypes.SessionDisconnected, detach.BeforeNext ? Rank.DetachOfEarlier : Rank.OfDetach(detach.At, attached), DataOf(detach.Session));
    }

    private ImportedEvent EventOf(XrdpFact fact, string type, int rank, EventData data) => new(
        new LedgerEvent
        {
            Id = EventIds.Of(source, fact.Line.Content, fact.Line.Occurrence, rank),
            Source = source,
            Type = type,
            Time = fact.At,
            Data = data,
        },
        fact.Line.Spot);

    private EventData DataOf(XrdpSession session) => new()
    {
        Host = new EventHost { Name = host },
        OsSessionId = session.Display,
        User = session.User,
        Protocol = "RDP",
    };
}

/// <summary>What the logs of a host make together: the events, in order of time, and what they were made from.</summary>
/// <param name="SessionOf">The session that a display's line is about; null when the logs do not show it.</param>
internal sealed record XrdpStory(
    IReadOnlyList<ImportedEvent> Events,
    IReadOnlyList<XrdpSession> Sessions,
    IReadOnlyList<XrdpConnection> Connections,
    Func<DisplayChanged, XrdpSession?> SessionOf);
