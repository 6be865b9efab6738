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
    public required string User { get; init; }
    public required HostFacts Host { get; init; }
    public ClientFacts? Client { get; init; }
    public string? TransactionId { get; init; }
    public string? AgentVersion { get; init; }

    /// <summary>When the client asked; equals <see cref="EstablishedAt"/> when no source saw the request.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Null when the attempt failed or has not come through yet.</summary>
    public DateTimeOffset? EstablishedAt { get; init; }

    /// <summary>Null while attached.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public required bool IsReconnect { get; init; }

    /// <summary>Null when it did not fail.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Milliseconds; null when not measured.</summary>
    public int? NetworkRttMs { get; init; }

    /// <summary>Milliseconds; null when not measured.</summary>
    public int? EndToEndRttMs { get; init; }
}

/// <summary>Which connections to find in one tenant. Results come newest request first.</summary>
public sealed record ConnectionQuery(TenantId Tenant)
{
    /// <summary>Compared with <see cref="Connection.RequestedAt"/>.</summary>
    public TimeRange Requested { get; init; } = TimeRange.Always;

    /// <summary>Exact, ignoring case; null means everyone.</summary>
    public string? User { get; init; }

    /// <summary>Exact, ignoring case; null means every host.</summary>
    public string? HostName { get; init; }

    /// <summary>Exact, ignoring case; null means every client.</summary>
    public string? ClientType { get; init; }
}

/// <summary>Reads the connections that the ledger derived from its events.</summary>
public interface IConnectionLog
{
    /// <summary>Streams every match from one snapshot: rows that arrive meanwhile do not tear it.</summary>
    IAsyncEnumerable<Connection> ScanAsync(ConnectionQuery query, CancellationToken cancel);

    Task<long> CountAsync(ConnectionQuery query, CancellationToken cancel);
}
