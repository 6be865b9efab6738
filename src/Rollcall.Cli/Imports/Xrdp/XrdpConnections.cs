namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>One connection as xrdp.log tells it.</summary>
internal sealed class XrdpConnection(ConnectionReceived received)
{
    public XrdpPeer Peer { get; } = received.Peer;
    public DateTimeOffset ReceivedAt { get; } = received.At;
    public string File { get; } = received.Line.Spot.File;

    /// <summary>The lines it is known from.</summary>
    public List<XrdpFact> Facts { get; } = [received];

    /// <summary>When xrdp.log showed that its client went away; null while it did not.</summary>
    public DateTimeOffset? GoneAt { get; set; }

    /// <summary>The client's computer name; null for a connection that never spoke RDP, such as a health check.</summary>
    public string? ClientName { get; set; }

    /// <summary>The session it got into; null for a failed or unfinished logon.</summary>
    public XrdpSession? Session { get; set; }

    /// <summary>When it got into the session.</summary>
    public DateTimeOffset AttachedAt { get; set; }
}

/// <summary>Follows xrdp.log, most of whose lines do not say which connection they are of.</summary>
internal sealed class XrdpConnections(Tally tally)
{
    /// <summary>How far sesman's clock second may lie before xrdp's own of the same moment.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>How long somebody may sit at the logon window before the connection is presumed gone.</summary>
    private static readonly TimeSpan LogonMax = TimeSpan.FromMinutes(5);

    private readonly List<XrdpConnection> all = [];
    private readonly Dictionary<XrdpPeer, List<XrdpConnection>> byPeer = [];
    private readonly List<XrdpConnection> nameless = [];
    private readonly List<ConnectionClosed> farewells = [];

    public IReadOnlyList<XrdpConnection> All => all;

    public void Receive(ConnectionReceived received)
    {
        var connection = new XrdpConnection(received);
        all.Add(connection);
        nameless.Add(connection);
        if (!byPeer.TryGetValue(received.Peer, out var same))
            byPeer[received.Peer] = same = [];

        same.Add(connection);
    }

    /// <summary>A name belongs to the one connection that waits for it; when two wait, it belongs to neither.</summary>
    public void Name(ClientNamed named)
    {
        nameless.RemoveAll(c => c.File != named.Line.Spot.File || c.ReceivedAt < named.At - LogonMax);
        nameless.ForEach(c => c.Facts.Add(named));
        if (nameless.Count == 1)
            nameless[0].ClientName = named.Name;
        else
            tally.Skip("a client name that could be one of several connections'", named.Line.Spot);

        nameless.Clear();
    }

    public void Close(ConnectionClosed closed) => farewells.Add(closed);

    /// <summary>Puts the connections of several files in order; to be called once, when all are read.</summary>
    public void Seal() => all.Sort((a, b) => a.ReceivedAt.CompareTo(b.ReceivedAt));

    /// <summary>The connection behind a client address at an instant; null when xrdp.log was not given or does not show it.</summary>
    public XrdpConnection? At(XrdpPeer peer, DateTimeOffset at) =>
        byPeer.GetValueOrDefault(peer)?.FindLast(c => c.ReceivedAt <= at + Slack);

    /// <summary>The computer name behind a refused logon, which gives the address without a port; null unless only one client fits.</summary>
    public string? NameOfRefused(string ip, DateTimeOffset at)
    {
        var fits = ReceivedWithin(at - LogonMax, at).Where(c => c.Peer.Ip == ip && c.Session is null);
        var names = fits.Select(c => c.ClientName).Distinct(StringComparer.Ordinal).Take(2).ToList();
        return names.Count == 1 ? names[0] : null;
    }

    /// <summary>
    /// The detaches of clients from sessions that went on. A farewell is taken only when one single connection was there to say it.
    /// </summary>
    public IEnumerable<(ConnectionClosed Farewell, XrdpConnection Connection)> Detaches()
    {
        var (there, next) = (new List<XrdpConnection>(), 0);
        foreach (var farewell in farewells.OrderBy(f => f.At))
        {
            for (; next < all.Count && all[next].ReceivedAt <= farewell.At; next++)
                there.Add(all[next]);

            there.RemoveAll(c => !WasThere(c, farewell.At));
            if (TakeOnly(there, farewell) is { } gone)
                yield return (farewell, gone);
        }
    }

    private XrdpConnection? TakeOnly(List<XrdpConnection> there, ConnectionClosed farewell)
    {
        var reason = there switch
        {
            [] => "the end of a connection whose beginning the log does not show",
            [{ Session: null }] => "the end of a connection that never got a session",
            [_] => null,
            _ => "the end of a connection that could be one of several",
        };
        if (reason is not null)
            tally.Skip(reason, farewell.Line.Spot);

        var gone = there is [var one] ? one : null;
        if (gone is not null)
        {
            (gone.GoneAt, _) = (farewell.At, there.Remove(gone));
            gone.Facts.Add(farewell);
        }

        return reason is null ? gone : null;
    }

    private IEnumerable<XrdpConnection> ReceivedWithin(DateTimeOffset after, DateTimeOffset until)
    {
        var (low, high) = (0, all.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = all[middle].ReceivedAt > after ? (low, middle) : (middle + 1, high);
        }

        return all.Skip(low).TakeWhile(c => c.ReceivedAt <= until);
    }

    private static bool WasThere(XrdpConnection connection, DateTimeOffset at)
    {
        if (connection.ClientName is null)
            return false;

        if (connection.Session is not { } session)
            return connection.ReceivedAt > at - LogonMax;

        // Once the session ended, or another client took it over, xrdp closed this connection itself and wrote no farewell.
        return !(session.EndedAt < at) && !session.Attaches.Exists(a => a.At > connection.AttachedAt && a.At < at);
    }
}
