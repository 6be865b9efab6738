namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>A line placed in time.</summary>
/// <param name="At">UTC, whole milliseconds.</param>
/// <param name="Content">The line itself, its time as written included.</param>
/// <param name="Occurrence">From 1, among equal lines of the file.</param>
/// <param name="Spot">Where it stood.</param>
internal sealed record FactLine(DateTimeOffset At, string Content, int Occurrence, Spot Spot);

/// <summary>What one line of an xrdp host's logs says.</summary>
internal abstract record XrdpFact(FactLine Line)
{
    public DateTimeOffset At => Line.At;
}

// What sesman.log knows: sessions.

/// <summary>Access was granted. Names no display: the session's next line does.</summary>
internal sealed record SessionCreated(FactLine Line, string User, XrdpPeer Peer) : XrdpFact(Line);

/// <summary>The display and the process of the session that was just created.</summary>
internal sealed record SessionPlaced(FactLine Line, string Display, string Pid, XrdpPeer Peer, string User) : XrdpFact(Line);

internal sealed record SessionReconnected(FactLine Line, string User, string Display, string Pid, XrdpPeer Peer) : XrdpFact(Line);

/// <summary>The session ended. The address on its line is the first client's, so it is not read.</summary>
internal sealed record SessionTerminated(FactLine Line, string User, string Display, string Pid) : XrdpFact(Line);

internal sealed record LogonRefused(FactLine Line, string User, string Ip, DateTimeOffset? UnixTime) : XrdpFact(Line);

// What xrdp.log knows: connections.

internal sealed record ConnectionReceived(FactLine Line, XrdpPeer Peer) : XrdpFact(Line);

/// <summary>The client's computer name, on a line that does not say which connection it is of.</summary>
internal sealed record ClientNamed(FactLine Line, string Name) : XrdpFact(Line);

/// <summary>A connection went down, on a line that does not say which.</summary>
internal sealed record ConnectionClosed(FactLine Line) : XrdpFact(Line);

// What an xorgxrdp log knows: one display.

/// <summary>A client attached to the display's X server, or detached from it.</summary>
internal sealed record DisplayChanged(FactLine Line, string Display, DateTimeOffset DisplayStartedAt, bool Attached) : XrdpFact(Line)
{
    /// <summary>Whose file said so, a numeric user id: the log lies in the user's own folder. Null when nobody looked.</summary>
    public uint? Owner { get; init; }
}

/// <summary>The client's end of a connection: xrdp writes both, and the pair names the connection while it lasts.</summary>
internal readonly record struct XrdpPeer(string Ip, string Port)
{
    /// <summary>From <c>address:port</c>; the address may hold colons itself.</summary>
    public static XrdpPeer From(string text)
    {
        var cut = text.LastIndexOf(':');
        return cut < 0 ? new XrdpPeer(text, "") : new XrdpPeer(text[..cut], text[(cut + 1)..]);
    }
}
