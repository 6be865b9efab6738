using Rollcall.Core.Sessions;

namespace Rollcall.Core.Connections;

/// <summary>
/// Which connections to find in one tenant. Results come newest request first, ties in one fixed order. A filter that is
/// null asks for nothing; where a connection lacks the fact that a filter asks about, it does not match.
/// </summary>
public sealed record ConnectionQuery(TenantId Tenant)
{
    /// <summary>Compared with <see cref="Connection.RequestedAt"/>.</summary>
    public TimeRange Requested { get; init; } = TimeRange.Always;

    /// <summary>Compared with <see cref="Connection.ChangedAt"/>.</summary>
    public TimeRange Changed { get; init; } = TimeRange.Always;

    /// <summary>Exact.</summary>
    public string? Id { get; init; }

    public SessionKind? Kind { get; init; }

    /// <summary>Exact, ignoring case, as the source spelled it.</summary>
    public string? User { get; init; }

    /// <summary>Exact, ignoring case: as spelled, or the plain name without its domain.</summary>
    public string? UserInAnyForm { get; init; }

    /// <summary>Substring of the name as the source spelled it, ignoring case.</summary>
    public string? UserContains { get; init; }

    /// <summary>
    /// Exact, ignoring case: the domain in <c>DOMAIN\name</c> or <c>name@domain</c>; for a name without one, the domain that the
    /// directory has for it.
    /// </summary>
    public string? UserDomain { get; init; }

    /// <summary>Exact; see <see cref="Connection.Subproject"/>.</summary>
    public string? Subproject { get; init; }

    /// <summary>Exact, ignoring case.</summary>
    public string? HostName { get; init; }

    /// <summary>Exact.</summary>
    public string? HostSid { get; init; }

    /// <summary>Exact.</summary>
    public string? HostIp { get; init; }

    /// <summary>Exact.</summary>
    public string? HostGroupId { get; init; }

    /// <summary>Exact, ignoring case.</summary>
    public string? HostGroupName { get; init; }

    /// <summary>Substring, ignoring case.</summary>
    public string? AppNameContains { get; init; }

    /// <summary>Exact, ignoring case.</summary>
    public string? ClientName { get; init; }

    /// <summary>Exact, ignoring case.</summary>
    public string? ClientType { get; init; }

    /// <summary>Substring, ignoring case.</summary>
    public string? ClientTypeContains { get; init; }

    /// <summary>Exact.</summary>
    public string? ClientVersion { get; init; }

    /// <summary>Exact.</summary>
    public string? PublicIp { get; init; }

    /// <summary>What the client says its own address is; what is no address lies in no range.</summary>
    public AddressRange? ClientIpIn { get; init; }

    /// <summary>True: failed attempts only; false: all others.</summary>
    public bool? IsFailed { get; init; }

    /// <summary>Exact.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>Exact.</summary>
    public string? FailureCode { get; init; }

    /// <summary>Exact.</summary>
    public string? FailureReason { get; init; }

    /// <summary>Inclusive, in milliseconds.</summary>
    public int? NetworkRttMsMin { get; init; }

    /// <summary>Inclusive, in milliseconds.</summary>
    public int? NetworkRttMsMax { get; init; }

    /// <summary>Inclusive, in milliseconds.</summary>
    public int? EndToEndRttMsMin { get; init; }

    /// <summary>Inclusive, in milliseconds.</summary>
    public int? EndToEndRttMsMax { get; init; }
}

/// <summary>Reads the connections that the ledger derived from its events.</summary>
public interface IConnectionLog
{
    /// <summary>One page by offset, with the exact number of matches, both of one snapshot.</summary>
    Task<Page<Connection>> FindAsync(ConnectionQuery query, PageWindow window, CancellationToken cancel);

    /// <summary>One page by cursor, stable while rows arrive.</summary>
    /// <param name="query">The same for every page.</param>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="take">Rows at most.</param>
    /// <param name="count">Whether to count all matches as well.</param>
    /// <param name="cancel">Ends the query.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>cursor</c> when it was not given out by this log.</exception>
    Task<Page<Connection>> FindAsync(ConnectionQuery query, string? cursor, int take, bool count, CancellationToken cancel);

    /// <summary>Streams every match from one snapshot: rows that arrive meanwhile do not tear it.</summary>
    IAsyncEnumerable<Connection> ScanAsync(ConnectionQuery query, CancellationToken cancel);

    /// <summary>The same with their exact number, from the same snapshot. The caller disposes it.</summary>
    Task<RowStream<Connection>> OpenAsync(ConnectionQuery query, CancellationToken cancel);

    Task<long> CountAsync(ConnectionQuery query, CancellationToken cancel);
}
