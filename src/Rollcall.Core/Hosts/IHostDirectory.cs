namespace Rollcall.Core.Hosts;

/// <summary>Something that hosts may have.</summary>
public enum HostTrait
{
    OpenSessions = 1,
    Late,
    Duplicate,
    Rejected,
}

/// <summary>Which hosts come first.</summary>
public enum HostOrder
{
    /// <summary>Names, folded, rising.</summary>
    ByName,

    /// <summary>Most open sessions first; those with as many by name.</summary>
    MostOpenSessions,
}

/// <summary>Which hosts to find in one tenant.</summary>
/// <param name="SkewLimit">What <see cref="IsSkewed"/> goes by.</param>
public sealed record HostQuery(TenantId Tenant, TimeSpan SkewLimit)
{
    /// <summary>Anywhere in the name, ignoring case; null means every name.</summary>
    public string? NameContains { get; init; }

    /// <summary>Exact; null means every group and none.</summary>
    public string? GroupId { get; init; }

    /// <summary>Exact: hosts of which this source sent something that was taken or rejected; null means every source.</summary>
    public string? Source { get; init; }

    /// <summary>Null means both.</summary>
    public bool? IsSilent { get; init; }

    /// <summary>A clock of which nothing can be told is not skewed. Null means both.</summary>
    public bool? IsSkewed { get; init; }

    /// <summary>At least one of these; null means all hosts.</summary>
    public HostTrait? Has { get; init; }

    public HostOrder Order { get; init; }
}

/// <summary>The machines of the fleet and how they are. A machine that was only signed in from is none of them.</summary>
public interface IHostDirectory
{
    /// <summary>
    /// One page by cursor, stable while hosts appear. Ordered by open sessions, a host of which some begin or end between two pages may be on both or on neither.
    /// </summary>
    /// <param name="query">The same for every page.</param>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="take">Rows at most.</param>
    /// <param name="count">Whether to count all matches as well.</param>
    /// <param name="cancel">Ends the query.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>cursor</c> when it was not given out by this directory.</exception>
    Task<Page<FleetHost>> FindAsync(HostQuery query, string? cursor, int take, bool count, CancellationToken cancel);

    /// <summary>By name, ignoring case; null when the tenant has no such host.</summary>
    Task<FleetHostDetail?> TryGetAsync(TenantId tenant, string name, CancellationToken cancel);

    /// <summary>Groups in the order of their ids.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>cursor</c>.</exception>
    Task<Page<HostGroup>> FindGroupsAsync(TenantId tenant, string? cursor, int take, bool count, CancellationToken cancel);
}
