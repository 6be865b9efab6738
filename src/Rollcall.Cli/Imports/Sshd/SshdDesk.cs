using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.Sshd;

/// <summary>Remembers the open connections of sshd and says what each message makes of them.</summary>
internal sealed class SshdDesk(Tally tally)
{
    private readonly Dictionary<(string Host, string Pid), SshdLogon> open = [];
    private readonly Dictionary<(string Host, SshdPeer Peer), SshdLogon> byPeer = [];

    // Process numbers are reused, so an entry is replaced in time and the table stays as small as the host's range of numbers.
    private readonly Dictionary<(string Host, string Pid), (string? Port, DateTimeOffset At)> attempts = [];

    /// <summary>The logons without an end so far.</summary>
    public IEnumerable<SshdLogon> Open => open.Values;

    /// <summary>The newest attempt of each process.</summary>
    public IEnumerable<SshdAttempt> Attempts => attempts.Select(a => new SshdAttempt(a.Key.Host, a.Key.Pid, a.Value.Port, a.Value.At));

    /// <summary>Takes up what an earlier desk left.</summary>
    public void Resume(IEnumerable<SshdLogon> logons, IEnumerable<SshdAttempt> tried)
    {
        foreach (var logon in logons)
            open[(logon.Host, logon.Pid)] = byPeer[(logon.Host, new SshdPeer(logon.Ip, logon.Port))] = logon;
        foreach (var attempt in tried)
            attempts[(attempt.Host, attempt.Pid)] = (attempt.Port, attempt.At);
    }

    /// <summary>Forgets what can have no next line: attempts of long ago, and logons whose end the log will never tell.</summary>
    public void Forget(DateTimeOffset attemptsBefore, Predicate<SshdLogon> isLost)
    {
        foreach (var (key, _) in attempts.Where(a => a.Value.At < attemptsBefore).ToList())
            attempts.Remove(key);
        foreach (var (key, logon) in open.Where(o => isLost(o.Value)).ToList())
        {
            open.Remove(key);
            byPeer.Remove((logon.Host, new SshdPeer(logon.Ip, logon.Port)));
        }
    }

    /// <summary>Null when the message makes no event; then it was counted, or is remembered for the event that follows.</summary>
    public LedgerEvent? Take(SshdMessage message, SshdFact fact) => message switch
    {
        SshdMessage.Accepted accepted => Start(accepted, fact),
        SshdMessage.Opened => Opened(fact),
        SshdMessage.Closed closed => Close(closed, fact),
        SshdMessage.Reason reason => Explain(reason, fact),
        SshdMessage.Disconnected gone => Disconnect(gone, fact),
        SshdMessage.Attempt attempt => Fail(attempt, fact),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "not a message of sshd"),
    };

    private LedgerEvent Start(SshdMessage.Accepted accepted, SshdFact fact)
    {
        var logon = new SshdLogon(fact.Host, fact.Pid, accepted.User, accepted.Peer.Ip, accepted.Peer.Port, fact.At);
        open[(fact.Host, fact.Pid)] = logon;
        byPeer[(fact.Host, accepted.Peer)] = logon;
        return EventOf(fact, EventTypes.SessionStarted, accepted.User, Rank.Began) with
        {
            Data = DataOf(fact, accepted.User) with { Client = ClientAddress.From(accepted.Peer.Ip) },
        };
    }

    private LedgerEvent? Opened(SshdFact fact)
    {
        if (open.TryGetValue((fact.Host, fact.Pid), out var logon))
            logon.HasPam = true;

        tally.Skip("says again what \"Accepted\" said", fact.Spot);
        return null;
    }

    private LedgerEvent Close(SshdMessage.Closed closed, SshdFact fact)
    {
        open.Remove((fact.Host, fact.Pid), out var logon);
        return End(fact, closed.User, fact.Pid, logon);
    }

    private LedgerEvent? Explain(SshdMessage.Reason reason, SshdFact fact)
    {
        if (byPeer.TryGetValue((fact.Host, reason.Peer), out var logon))
            logon.Reason = reason.Why;

        tally.Skip("gives the reason of an end that has its own line", fact.Spot);
        return null;
    }

    private LedgerEvent? Disconnect(SshdMessage.Disconnected gone, SshdFact fact)
    {
        // Where PAM keeps the books its "session closed" is the end. A host without PAM has this line only.
        if (byPeer.TryGetValue((fact.Host, gone.Peer), out var logon) && !logon.HasPam)
        {
            open.Remove((fact.Host, logon.Pid));
            return End(fact, logon.User, logon.Pid, logon);
        }

        tally.Skip("gives the reason of an end that has its own line", fact.Spot);
        return null;
    }

    private LedgerEvent End(SshdFact fact, string user, string pid, SshdLogon? logon)
    {
        if (logon is not null && byPeer.TryGetValue((fact.Host, new SshdPeer(logon.Ip, logon.Port)), out var held) && ReferenceEquals(held, logon))
            byPeer.Remove((fact.Host, new SshdPeer(logon.Ip, logon.Port)));

        return EventOf(fact, EventTypes.SessionEnded, user, Rank.OfEnd(fact.At, logon?.StartedAt)) with
        {
            Data = DataOf(fact, user) with { OsSessionId = pid, Reason = logon?.Reason },
        };
    }

    private LedgerEvent? Fail(SshdMessage.Attempt attempt, SshdFact fact)
    {
        var key = (fact.Host, fact.Pid);
        var (port, known) = (attempt.Peer.Port, attempts.TryGetValue(key, out var before));
        attempts[key] = (port ?? before.Port, fact.At);
        if (known && (before.Port is null || port is null || before.Port == port))
        {
            tally.Skip("says again that the same attempt failed", fact.Spot);
            return null;
        }

        if (attempt.User.Length == 0)
        {
            tally.Skip("an attempt without a user name", fact.Spot);
            return null;
        }

        return EventOf(fact, EventTypes.SessionFailed, attempt.User, Rank.Began) with
        {
            Data = DataOf(fact, attempt.User) with
            {
                Client = ClientAddress.From(attempt.Peer.Ip),
                Failure = new EventFailure { Code = attempt.Code, Reason = attempt.Why },
            },
        };
    }

    private static LedgerEvent EventOf(SshdFact fact, string type, string user, int rank)
    {
        var source = SshdImporter.SourceOf(fact.Host);
        return new LedgerEvent
        {
            Id = EventIds.Of(source, fact.Content, fact.Occurrence, rank),
            Source = source,
            Type = type,
            Time = fact.At,
            Data = DataOf(fact, user),
        };
    }

    private static EventData DataOf(SshdFact fact, string user) => new()
    {
        Host = new EventHost { Name = fact.Host },
        OsSessionId = fact.Pid,
        User = user,
        Protocol = "SSH",
    };
}

/// <summary>A logon of sshd that has no end yet.</summary>
internal sealed class SshdLogon(string host, string pid, string user, string ip, string? port, DateTimeOffset startedAt)
{
    public string Host { get; } = host;
    public string Pid { get; } = pid;
    public string User { get; } = user;
    public string Ip { get; } = ip;
    public string? Port { get; } = port;
    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>PAM opened a session for it and will say when it closed.</summary>
    public bool HasPam { get; set; }

    /// <summary>Null until the log says why the client went; a killed client never says.</summary>
    public string? Reason { get; set; }
}

/// <summary>An attempt that failed; later lines of the same process and port are the same attempt.</summary>
internal sealed record SshdAttempt(string Host, string Pid, string? Port, DateTimeOffset At);
