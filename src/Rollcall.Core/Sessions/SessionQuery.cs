namespace Rollcall.Core.Sessions;

/// <summary>Which sessions to find in one tenant. Results come in <see cref="Sort"/>'s order, newest start first unless told otherwise, ties in one fixed order.</summary>
public sealed record SessionQuery(TenantId Tenant)
{
    public SessionSort Sort { get; init; }

    /// <summary>What had not ended by then sorts as an open session: so pages stay whole while sessions end. The end of time sorts by ends as they are.</summary>
    public DateTimeOffset SortedAt { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Compared with the start.</summary>
    public TimeRange Started { get; init; } = TimeRange.Always;

    /// <summary>Compared with the end; an open session has none and so lies outside any bound.</summary>
    public TimeRange Ended { get; init; } = TimeRange.Always;

    /// <summary>Exclusive: sessions that ended before it and open ones that started before it; null means no bound.</summary>
    public DateTimeOffset? EndedOrOpenBefore { get; init; }

    /// <summary>Sessions that were open at some instant of the range; a session of no length counts at its start.</summary>
    public TimeRange Overlapping { get; init; } = TimeRange.Always;

    /// <summary>Sessions that were open at this instant: begun by it and not ended by it. One that failed never was. Null means whenever.</summary>
    public DateTimeOffset? ActiveAt { get; init; }

    /// <summary>Exclusive: sessions that are still open and began before it; null means no bound.</summary>
    public DateTimeOffset? OpenSinceBefore { get; init; }

    /// <summary>Exact, ignoring case, as the source spelled it; null means everyone.</summary>
    public string? User { get; init; }

    /// <summary>Substring of the name as the source spelled it, ignoring case; null means everyone.</summary>
    public string? UserContains { get; init; }

    /// <summary>Exact, ignoring case: as spelled, or the plain name without its domain; null means everyone.</summary>
    public string? UserInAnyForm { get; init; }

    /// <summary>Exact, ignoring case; null means every host.</summary>
    public string? HostName { get; init; }

    /// <summary>Exact; null means every group.</summary>
    public string? HostGroupId { get; init; }

    /// <summary>Exact; null means every address.</summary>
    public string? HostIp { get; init; }

    /// <summary>Exact; null means every address.</summary>
    public string? PublicIp { get; init; }

    /// <summary>Of the newest connection's client. Null means every address; what is no address lies in no range.</summary>
    public AddressRange? ClientIpIn { get; init; }

    /// <summary>As <see cref="ClientIpIn"/>, of the egress address.</summary>
    public AddressRange? PublicIpIn { get; init; }

    /// <summary>Substring of the newest client's name, ignoring case; null means every client.</summary>
    public string? ClientContains { get; init; }

    /// <summary>Substring, ignoring case; null means every application and desktops.</summary>
    public string? AppContains { get; init; }

    /// <summary>Null means both kinds.</summary>
    public SessionKind? Kind { get; init; }

    /// <summary>Exact, ignoring case; null means every protocol.</summary>
    public string? Protocol { get; init; }

    /// <summary>Exact: sessions that failed with this code; null means all.</summary>
    public string? FailureCode { get; init; }

    /// <summary>Sessions whose end is known in this way; null means all, open ones too.</summary>
    public EndTimeSource? EndSource { get; init; }

    /// <summary>Any of these; empty means all.</summary>
    public IReadOnlyCollection<SessionState> States { get; init; } = [];

    /// <summary>True: any state but Failed; false: Failed only; null: all.</summary>
    public bool? Created { get; init; }
}

/// <summary>Reads the sessions that the ledger derived from its events.</summary>
public interface ISessionLedger
{
    /// <summary>One page by offset, with the exact number of matches.</summary>
    Task<Page<Session>> FindAsync(SessionQuery query, PageWindow window, CancellationToken cancel);

    /// <summary>One page by cursor, stable while rows arrive.</summary>
    /// <param name="query">The same for every page.</param>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="take">Rows at most.</param>
    /// <param name="count">Whether to count all matches as well.</param>
    /// <param name="cancel">Ends the query.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>cursor</c> when it was not given out by this ledger.</exception>
    Task<Page<Session>> FindAsync(SessionQuery query, string? cursor, int take, bool count, CancellationToken cancel);

    /// <summary>Null when the tenant has no such session. An id under which a session was once known finds it still.</summary>
    Task<SessionDetail?> TryGetAsync(TenantId tenant, string sessionId, CancellationToken cancel);

    /// <summary>
    /// Every match, streamed, with their exact number: from one snapshot, which rows that arrive meanwhile do not tear. The caller disposes it. One object
    /// stands for each row in turn.
    /// </summary>
    Task<RowStream<ScannedSession>> OpenAsync(SessionQuery query, CancellationToken cancel);

    Task<long> CountAsync(SessionQuery query, CancellationToken cancel);
}
