namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>One session as sesman.log tells it.</summary>
internal sealed class XrdpSession(string display, string pid, string user)
{
    public string Display { get; } = display;

    /// <summary>Of sesman's child, which tells two sessions on one display apart within the log.</summary>
    public string Pid { get; } = pid;

    public string User { get; } = user;

    /// <summary>Null when the log begins later than the session.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>Null while the log shows no end.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The clients that came, in order.</summary>
    public List<XrdpAttach> Attaches { get; } = [];

    /// <summary>The lines it is known from, in order.</summary>
    public List<XrdpFact> Facts { get; } = [];
}

/// <summary>A client that got into a session.</summary>
internal sealed record XrdpAttach(DateTimeOffset At, XrdpPeer Peer);

/// <summary>Follows sesman.log and keeps its sessions.</summary>
internal sealed class XrdpSessions(Tally tally)
{
    private readonly Dictionary<(string Display, string Pid), XrdpSession> byPid = [];
    private readonly Dictionary<string, List<XrdpSession>> byDisplay = [];
    private readonly List<SessionCreated> pending = [];

    public IEnumerable<XrdpSession> OnDisplay(string display) => byDisplay.GetValueOrDefault(display) ?? [];

    public IEnumerable<XrdpSession> All => byDisplay.Values.SelectMany(s => s);

    public void Await(SessionCreated created) => pending.Add(created);

    /// <summary>The session, and the line that granted it; when a rotated log took that line away, the placing line itself.</summary>
    public (XrdpSession Session, XrdpFact Grant) Place(SessionPlaced placed)
    {
        var grant = pending.Find(p => p.Peer == placed.Peer && p.User == placed.User);
        if (grant is not null)
            pending.Remove(grant);

        XrdpFact line = grant is null ? placed : grant;
        var session = Add(placed.Display, placed.Pid, placed.User);
        session.StartedAt = line.At;
        session.Attaches.Add(new XrdpAttach(line.At, placed.Peer));
        session.Facts.AddRange(grant is null ? [placed] : [grant, placed]);
        return (session, line);
    }

    /// <summary>The open session; one that the log never saw begin is taken up here.</summary>
    public XrdpSession Get(string display, string pid, string user) =>
        byPid.TryGetValue((display, pid), out var session) && session.EndedAt is null && session.User == user
            ? session
            : Add(display, pid, user);

    /// <summary>Counts what was granted but never got a display.</summary>
    public void CountPending()
    {
        foreach (var created in pending)
            tally.Skip("a created session whose display the log does not name", created.Line.Spot);
    }

    private XrdpSession Add(string display, string pid, string user)
    {
        var session = new XrdpSession(display, pid, user);
        byPid[(display, pid)] = session;
        if (!byDisplay.TryGetValue(display, out var sessions))
            byDisplay[display] = sessions = [];

        sessions.Add(session);
        return session;
    }
}
