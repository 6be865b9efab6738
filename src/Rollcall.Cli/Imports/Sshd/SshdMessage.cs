using System.Text.RegularExpressions;

namespace Rollcall.Cli.Imports.Sshd;

/// <summary>What one line of sshd says about a logon, a logoff or an attempt.</summary>
internal abstract record SshdMessage
{
    /// <summary>Longest disconnect text kept, in characters: the client chooses it freely.</summary>
    private const int ReasonLengthMax = 200;

    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    private static readonly Regex AcceptedForm = new(
        @"^Accepted \S+ for (?<user>\S+) from (?<ip>\S+) port (?<port>\d+)( .*)?$", Safe);

    private static readonly Regex OpenedForm = new(@"^pam_\w+\(sshd:session\): session opened for user ", Safe);

    private static readonly Regex ClosedForm = new(@"^pam_\w+\(sshd:session\): session closed for user (?<user>\S+)$", Safe);

    private static readonly Regex ReceivedForm = new(
        @"^Received disconnect from (?<ip>\S+) port (?<port>\d+):\d+: ?(?<why>.*)$", Safe);

    private static readonly Regex TimeoutForm = new(
        @"^Timeout, client not responding from user (?<user>\S+) (?<ip>\S+) port (?<port>\d+)$", Safe);

    private static readonly Regex DisconnectedForm = new(
        @"^Disconnected from user (?<user>\S+) (?<ip>\S+) port (?<port>\d+)$", Safe);

    // The name comes first and is whatever a stranger typed, blanks and " from 6.6.6.6" included: the greedy match
    // leaves the address and the port to the words that sshd itself put at the end.
    private static readonly Regex InvalidForm = new(@"^Invalid user (?<user>.*) from (?<ip>\S+)( port (?<port>\d+))?$", Safe);

    private static readonly Regex FailedForm = new(
        @"^Failed (?<method>\S+) for (?<invalid>invalid user )?(?<user>.*) from (?<ip>\S+) port (?<port>\d+)( ssh\d.*)?$", Safe);

    private static readonly Regex GaveUpForm = new(
        @"^(Connection closed by|Connection reset by|Disconnected from|Disconnecting) (?<kind>invalid|authenticating) user (?<user>.*) (?<ip>\S+) port (?<port>\d+)(: (?<why>.*))? \[preauth\]$", Safe);

    private static readonly Regex BarredForm = new(@"^User (?<user>.*) from (?<ip>\S+) not allowed because (?<why>.*)$", Safe);

    private static readonly Regex TooManyForm = new(
        @"^error: maximum authentication attempts exceeded for (?<invalid>invalid user )?(?<user>.*) from (?<ip>\S+) port (?<port>\d+)( ssh\d.*)?$", Safe);

    /// <summary>Null for a line about neither.</summary>
    public static SshdMessage? TryParse(string text) => text switch
    {
        ['A', ..] => AcceptedForm.Match(text) is { Success: true } m ? new Accepted(m.Groups["user"].Value, PeerOf(m)) : null,
        ['p', 'a', 'm', ..] => FromPam(text),
        ['R', ..] => ReceivedForm.Match(text) is { Success: true } m ? new Reason(PeerOf(m), Shortened(m.Groups["why"].Value)) : null,
        ['T', ..] => TimeoutForm.Match(text) is { Success: true } m ? new Reason(PeerOf(m), "client not responding") : null,
        ['D', ..] when DisconnectedForm.Match(text) is { Success: true } m => new Disconnected(PeerOf(m)),
        _ => AttemptOf(text),
    };

    private static SshdMessage? FromPam(string text)
    {
        if (ClosedForm.Match(text) is { Success: true } closed)
            return new Closed(closed.Groups["user"].Value);

        return OpenedForm.IsMatch(text) ? new Opened() : null;
    }

    private static Attempt? AttemptOf(string text)
    {
        if (InvalidForm.Match(text) is { Success: true } invalid)
            return AttemptOf(invalid, "unknown_user", "no such user");

        if (GaveUpForm.Match(text) is { Success: true } gone)
        {
            return gone.Groups["kind"].Value == "invalid"
                ? AttemptOf(gone, "unknown_user", "no such user")
                : AttemptOf(gone, "not_authenticated", gone.Groups["why"].Success
                    ? Shortened(gone.Groups["why"].Value)
                    : "the connection closed before authentication");
        }

        if (BarredForm.Match(text) is { Success: true } barred)
            return AttemptOf(barred, "not_allowed", Shortened(barred.Groups["why"].Value));

        if (TooManyForm.Match(text) is { Success: true } many)
            return AttemptOf(many, "authentication_failed", "too many attempts");

        // A key or method that was tried and refused is no failed logon yet: the next one may be accepted, and
        // the line that ends the attempt speaks for itself. A refused password is one: somebody typed it.
        return FailedForm.Match(text) is { Success: true } failed && failed.Groups["method"].Value is "password" or "keyboard-interactive/pam"
            ? AttemptOf(FailedForm.Match(text), "authentication_failed", "password refused")
            : null;
    }

    private static Attempt AttemptOf(Match match, string code, string reason)
    {
        var unknown = match.Groups["invalid"].Success;
        return new Attempt(match.Groups["user"].Value, PeerOf(match), unknown ? "unknown_user" : code, unknown ? "no such user" : reason);
    }

    private static SshdPeer PeerOf(Match match) =>
        new(match.Groups["ip"].Value, match.Groups["port"].Success ? match.Groups["port"].Value : null);

    private static string Shortened(string text) => text.Length <= ReasonLengthMax ? text : text[..ReasonLengthMax];

    internal sealed record Accepted(string User, SshdPeer Peer) : SshdMessage;

    internal sealed record Opened : SshdMessage;

    internal sealed record Closed(string User) : SshdMessage;

    /// <summary>Why the client went, from the child that held its connection. Not an end by itself.</summary>
    internal sealed record Reason(SshdPeer Peer, string Why) : SshdMessage;

    internal sealed record Disconnected(SshdPeer Peer) : SshdMessage;

    internal sealed record Attempt(string User, SshdPeer Peer, string Code, string Why) : SshdMessage;
}

/// <summary>The other end of a connection. The port is null where sshd does not write it.</summary>
internal sealed record SshdPeer(string Ip, string? Port);
