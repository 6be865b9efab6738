using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Core.Sessions;

/// <summary>What is shared. The numbers are stored: never renumber.</summary>
public enum SessionKind
{
    Desktop = 1,
    Application = 2,
}

/// <summary>Where a session stands. The numbers are stored: never renumber.</summary>
public enum SessionState
{
    Initializing = 1,
    Active = 2,
    Disconnected = 3,
    Ended = 4,
    Failed = 5,
}

/// <summary>How an end time is known. The numbers are stored: never renumber.</summary>
public enum EndTimeSource
{
    Reported = 1,
    Heartbeat = 2,
    HostEvent = 3,
    Roster = 4,
    Superseded = 5,
    Operator = 6,
    Unknown = 7,
}

/// <summary>The user's endpoint, as the newest connection showed it. Untrusted text throughout.</summary>
public sealed record ClientFacts
{
    public string? Name { get; init; }

    /// <summary>What the client says its own address is.</summary>
    public string? Ip { get; init; }

    /// <summary>The egress address.</summary>
    public string? PublicIp { get; init; }

    public string? Mac { get; init; }

    /// <summary>The peer address that the host saw.</summary>
    public string? SourceIp { get; init; }

    public string? Type { get; init; }
    public string? Version { get; init; }

    /// <summary>These facts, with what <paramref name="older"/> knew where these say nothing.</summary>
    public ClientFacts Over(ClientFacts? older) => older is null ? this : this with
    {
        Name = Name ?? older.Name,
        Ip = Ip ?? older.Ip,
        PublicIp = PublicIp ?? older.PublicIp,
        Mac = Mac ?? older.Mac,
        SourceIp = SourceIp ?? older.SourceIp,
        Type = Type ?? older.Type,
        Version = Version ?? older.Version,
    };
}

/// <summary>Why a logon or an attach failed.</summary>
public sealed record Failure(string? Code, string? Reason);

/// <summary>When a session ended, and how that is known.</summary>
/// <param name="At">The end itself; the last proof of life when nobody said goodbye.</param>
/// <param name="Earliest">The end is not before this.</param>
/// <param name="Latest">The end is not after this.</param>
/// <param name="Reason">Why, in the source's words or ours; null when nobody said.</param>
public sealed record SessionEnd(DateTimeOffset At, EndTimeSource Source, DateTimeOffset Earliest, DateTimeOffset Latest, string? Reason);

/// <summary>From logon to logoff on one host: a function of its events.</summary>
public sealed record Session : ISessionTimes
{
    public required TenantId Tenant { get; init; }

    /// <summary>32 lower-case hexadecimal digits; never changes, whatever arrives late.</summary>
    public required string Id { get; init; }

    public required string User { get; init; }
    public required SessionKind Kind { get; init; }
    public required SessionState State { get; init; }
    public required HostFacts Host { get; init; }
    public required string OsSessionId { get; init; }
    public string? Protocol { get; init; }
    public string? AppName { get; init; }

    /// <summary>The newest connection's client; null when no event told of one.</summary>
    public ClientFacts? Client { get; init; }

    /// <summary>When it was asked for; null when no source saw the request.</summary>
    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>The logon; until it came, or when it never came, the request, the failure or the first sign of life.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Null while open.</summary>
    public SessionEnd? End { get; init; }

    DateTimeOffset? ISessionTimes.EndedAt => End?.At;

    public Failure? Failure { get; init; }

    /// <summary>When <see cref="State"/> was entered.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Milliseconds with a client attached, up to <see cref="ChangedAt"/>.</summary>
    public required long ConnectedMs { get; init; }

    /// <summary>Milliseconds without a client, up to <see cref="ChangedAt"/>.</summary>
    public required long DisconnectedMs { get; init; }

    public string? AgentVersion { get; init; }

    /// <summary>As the source sent it; null when it sent none.</summary>
    public string? SessionStamp { get; init; }

    /// <summary>Rises with every change of what the ledger says of this session; 1 at first.</summary>
    public required int Revision { get; init; }
}

/// <summary>A session with everything that led to it.</summary>
/// <param name="Timeline">Every event of the session in the order of its time.</param>
public sealed record SessionDetail(Session Session, IReadOnlyList<Connection> Connections, IReadOnlyList<StoredEvent> Timeline);
