using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>Recognises the lines of sesman.log and xrdp.log by what they say. No sentence occurs in both, so nobody needs to tell the files apart.</summary>
/// <remarks>Source: the messages of xrdp 0.9.21, as its sesman and xrdp wrote them on a real host.</remarks>
internal static class XrdpLine
{
    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    private static readonly Regex Stamped = new(
        @"^\[(?<time>\d{8}-\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4})\] \[[A-Z]+ *\] (?<message>.*)$", Safe);

    private static readonly Regex Created = new(
        @"^\+\+ created session \(access granted\): username (?<user>.+), ip (?<peer>\S+)( - socket: \d+)?$", Safe);

    private static readonly Regex Placed = new(
        @"^Starting session: session_pid (?<pid>\d+), display :(?<display>\d+)(\.\d+)?, .*client ip (?<peer>\S+) - socket: \d+, user name (?<user>.+)$", Safe);

    private static readonly Regex Reconnected = new(
        @"^\+\+ reconnected session: username (?<user>.+), display :(?<display>\d+)(\.\d+)?, session_pid (?<pid>\d+), ip (?<peer>\S+)( - socket: \d+)?$", Safe);

    private static readonly Regex Terminated = new(
        @"^\+\+ terminated session: +username (?<user>.+), display :(?<display>\d+)(\.\d+)?, session_pid (?<pid>\d+), ip .*$", Safe);

    private static readonly Regex Refused = new(@"^AUTHFAIL: user=(?<user>.*) ip=(?<ip>\S*) time=(?<unix>\d{1,12})$", Safe);

    private static readonly Regex Received = new(
        @"^Socket \d+: AF_INET6? connection received from (?<ip>\S+) port (?<port>\d+)$", Safe);

    private static readonly Regex Named = new(@"^Connected client computer name: (?<name>.+)$", Safe);

    /// <summary>The last words of a connection whose client went away; it has no name on it.</summary>
    private const string Farewell = "Sending [ITU T.125] DisconnectProviderUltimatum failed";

    /// <summary>Splits a line; null when it has not the form of either log.</summary>
    public static (string Time, string Message)? TrySplit(string text) =>
        Stamped.Match(text) is { Success: true } match ? (match.Groups["time"].Value, match.Groups["message"].Value) : null;

    /// <summary>Times of 0.9 are local and need the host's zone; a log that writes its offset needs none.</summary>
    public static (DateTimeOffset? Instant, DateTime? Local) TimeOf(string text)
    {
        if (text.Length == 17)
        {
            return DateTime.TryParseExact(text, "yyyyMMdd-HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
                ? (null, local)
                : (null, null);
        }

        var colon = text.Insert(text.Length - 2, ":");
        return DateTimeOffset.TryParseExact(colon, "yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at)
            ? (at, null)
            : (null, null);
    }

    /// <summary>Makes the fact of a message, or null when it says nothing about a session or a connection.</summary>
    public static XrdpFact? FactOf(string message, FactLine line) => message switch
    {
        ['+', '+', ..] => SessionFactOf(message, line),
        ['S', 't', ..] => Placed.Match(message) is { Success: true } m
            ? new SessionPlaced(line, m.Groups["display"].Value, m.Groups["pid"].Value, PeerOf(m), m.Groups["user"].Value)
            : null,
        ['A', 'U', ..] => Refused.Match(message) is { Success: true } m
            ? new LogonRefused(line, m.Groups["user"].Value, m.Groups["ip"].Value, UnixTimeOf(m.Groups["unix"].Value))
            : null,
        ['S', 'o', ..] => Received.Match(message) is { Success: true } m
            ? new ConnectionReceived(line, new XrdpPeer(m.Groups["ip"].Value, m.Groups["port"].Value))
            : null,
        ['C', ..] => Named.Match(message) is { Success: true } m ? new ClientNamed(line, m.Groups["name"].Value.Trim()) : null,
        Farewell => new ConnectionClosed(line),
        _ => null,
    };

    private static XrdpFact? SessionFactOf(string message, FactLine line)
    {
        if (Created.Match(message) is { Success: true } created)
            return new SessionCreated(line, created.Groups["user"].Value, PeerOf(created));

        if (Reconnected.Match(message) is { Success: true } again)
            return new SessionReconnected(line, again.Groups["user"].Value, again.Groups["display"].Value, again.Groups["pid"].Value, PeerOf(again));

        return Terminated.Match(message) is { Success: true } over
            ? new SessionTerminated(line, over.Groups["user"].Value, over.Groups["display"].Value, over.Groups["pid"].Value)
            : null;
    }

    private static XrdpPeer PeerOf(Match match) => XrdpPeer.From(match.Groups["peer"].Value);

    private static DateTimeOffset? UnixTimeOf(string text) =>
        long.Parse(text, CultureInfo.InvariantCulture) is > 0 and < 253402300800 and var seconds
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
