using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Core.Events;

/// <summary>One immutable fact sent by a source.</summary>
/// <remarks>Identity is (tenant, <see cref="Source"/>, <see cref="Id"/>), for ever.</remarks>
public sealed record LedgerEvent
{
    /// <summary>Who says so: an agent, an importer, a script.</summary>
    public required string Source { get; init; }

    public required string Id { get; init; }

    public required EventKind Kind { get; init; }

    /// <summary>When it happened by the source's clock, UTC, kept to the microsecond.</summary>
    public required DateTimeOffset At { get; init; }

    public required HostFacts Host { get; init; }

    /// <summary>The operating system's own session number or name, reused by it; null on host and sign-in events.</summary>
    public string? OsSessionId { get; init; }

    /// <summary>As the source wrote it: UPN, <c>DOMAIN\name</c> or plain; null on host and sign-in events.</summary>
    public string? User { get; init; }

    public SessionKind? SessionKind { get; init; }

    public string? Protocol { get; init; }

    public string? AppName { get; init; }

    public ClientFacts? Client { get; init; }

    /// <summary>Why a session was disconnected or ended, in the source's words.</summary>
    public string? Reason { get; init; }

    public Failure? Failure { get; init; }

    public string? TransactionId { get; init; }

    /// <summary>On an end whose time nobody knows: it lies between the event's time and this. Null on an end that was reported.</summary>
    public DateTimeOffset? EndLatest { get; init; }

    /// <summary>Milliseconds; null when not measured.</summary>
    public int? NetworkRttMs { get; init; }

    /// <summary>Milliseconds; null when not measured.</summary>
    public int? EndToEndRttMs { get; init; }

    public string? SessionStamp { get; init; }

    public string? AgentVersion { get; init; }

    /// <summary>Seconds until a silent host counts as lost; on beats only.</summary>
    public int? LeaseSeconds { get; init; }

    /// <summary>The sessions the host says are open; on beats only.</summary>
    public IReadOnlyList<RosterEntry>? Roster { get; init; }

    /// <summary>The newest beat by which a host was judged silent; on such judgements only. A newer beat voids them.</summary>
    public DateTimeOffset? BeatAt { get; init; }

    /// <summary>What an operator says of a session; on an operator's words only.</summary>
    public OperatorWord? Word { get; init; }

    public SignInFacts? SignIn { get; init; }
}

/// <summary>One line of a beat's roster.</summary>
public sealed record RosterEntry(string OsSessionId, string? User, SessionState? State);

/// <summary>An operator's word about a session, which is named by one of its events: sessions may be joined, events stay.</summary>
/// <param name="AboutSource">With <paramref name="AboutId"/>, the identity of that event.</param>
/// <param name="StartAt">The true start; null when the word is not about it.</param>
/// <param name="EndAt">The true end; null when the word is not about it, or the operator does not know it.</param>
public sealed record OperatorWord(string AboutSource, string AboutId, DateTimeOffset? StartAt, DateTimeOffset? EndAt);

/// <summary>What a sign-in event says about another console's sign-in.</summary>
/// <param name="ConsoleType">The other console's number for itself; unknown numbers pass through.</param>
/// <param name="BrowserSessionId">That console's own number of the browser session; 0 when it has none.</param>
public sealed record SignInFacts(string Operator, int ConsoleType, long BrowserSessionId);

/// <summary>An event the ledger holds.</summary>
/// <param name="Sequence">Rises with arrival within the tenant; never reused.</param>
/// <param name="ReceivedAt">When it arrived by the server's clock.</param>
public sealed record StoredEvent(long Sequence, DateTimeOffset ReceivedAt, LedgerEvent Event);
