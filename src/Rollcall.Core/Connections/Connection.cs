using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Core.Connections;

/// <summary>One attach to detach of a client in a session, or one failed attempt.</summary>
public sealed record Connection
{
    public required TenantId Tenant { get; init; }

    /// <summary>32 lower-case hexadecimal digits, derived from the event that opened the connection.</summary>
    public required string Id { get; init; }

    public required string SessionId { get; init; }

    /// <summary>The session's.</summary>
    public required SessionKind Kind { get; init; }

    public required string User { get; init; }

    /// <summary>What the directory says of the user now; null when it knows no such user, or gives none.</summary>
    public string? Subproject { get; init; }

    public required HostFacts Host { get; init; }

    /// <summary>The session's.</summary>
    public string? AppName { get; init; }

    public ClientFacts? Client { get; init; }
    public string? TransactionId { get; init; }
    public string? AgentVersion { get; init; }

    /// <summary>When the client asked; equals <see cref="EstablishedAt"/> when no source saw the request.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Null when the attempt failed or has not come through yet.</summary>
    public DateTimeOffset? EstablishedAt { get; init; }

    /// <summary>Null while attached.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The newest of the three instants: when the connection came to be what it is.</summary>
    public DateTimeOffset ChangedAt => EndedAt ?? EstablishedAt ?? RequestedAt;

    public required bool IsReconnect { get; init; }

    /// <summary>Null when it did not fail.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Milliseconds; null when not measured.</summary>
    public int? NetworkRttMs { get; init; }

    /// <summary>Milliseconds; null when not measured.</summary>
    public int? EndToEndRttMs { get; init; }
}
