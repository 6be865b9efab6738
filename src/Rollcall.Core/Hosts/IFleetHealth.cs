using Rollcall.Core.Sessions;

namespace Rollcall.Core.Hosts;

/// <summary>What counts as a worry in one tenant.</summary>
/// <param name="SkewLimit">Clocks further off than this, either way.</param>
/// <param name="OpenSince">Open sessions that started before this.</param>
/// <param name="Take">Lines of each list at most; the counts are exact.</param>
public sealed record HealthQuery(TenantId Tenant, TimeSpan SkewLimit, DateTimeOffset OpenSince, int Take);

/// <summary>A count and the first of what was counted.</summary>
public sealed record Worry<T>(long Count, IReadOnlyList<T> First);

/// <summary>A session that has been open for long.</summary>
public sealed record OpenSession(string Id, string User, string Host, SessionState State, DateTimeOffset StartedAt);

/// <summary>A source and what became of what it sent about all hosts.</summary>
/// <param name="Source">Null: of what was rejected, no source could be read.</param>
/// <param name="LastLateAt">Arrival of the newest late event; null when there was none.</param>
public sealed record SourceCounts(string? Source, EventCounts Events, DateTimeOffset? LastLateAt, DateTimeOffset? LastDuplicateAt, DateTimeOffset? LastRejectedAt);

/// <summary>The event that arrived last.</summary>
public sealed record NewestArrival(string Source, string Host, DateTimeOffset At, DateTimeOffset ReceivedAt)
{
    /// <summary>Milliseconds from its time to its arrival; negative when its clock is ahead.</summary>
    public long LagMs => (long)(ReceivedAt - At).TotalMilliseconds;
}

/// <summary>How the ledger is fed.</summary>
public sealed record FleetHealth
{
    public required long Hosts { get; init; }

    public required long Beating { get; init; }

    public required long NoBeats { get; init; }

    /// <summary>In the order of names.</summary>
    public required Worry<FleetHost> Silent { get; init; }

    /// <summary>In the order of names.</summary>
    public required Worry<FleetHost> Skewed { get; init; }

    /// <summary>The longest open first.</summary>
    public required Worry<OpenSession> OpenLong { get; init; }

    /// <summary>Of all sources since the ledger began to count.</summary>
    public required EventCounts Events { get; init; }

    /// <summary>Sources of which something was late, sent again or rejected: the newest late or rejected arrival first, then those that only repeat.</summary>
    public required Worry<SourceCounts> Sources { get; init; }

    /// <summary>Null when no event has come since the ledger began to count.</summary>
    public NewestArrival? Newest { get; init; }
}

/// <summary>Reads how the ledger is fed: who fell silent, whose clock is off, what came late, twice or not at all.</summary>
public interface IFleetHealth
{
    /// <summary>From one snapshot.</summary>
    Task<FleetHealth> ReadAsync(HealthQuery query, CancellationToken cancel);
}
