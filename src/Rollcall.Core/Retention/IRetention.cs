namespace Rollcall.Core.Retention;

/// <summary>How long a tenant's history is kept, and taking away what is older (ADR 0012).</summary>
public interface IRetention
{
    /// <summary>What is kept of a tenant, and what became of the rest; <see cref="RetentionState.Never"/> while nothing was ever said or done.</summary>
    Task<RetentionState> ReadAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>Says how long a tenant's history is kept. It holds for every step after this returns, of a run under way too.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="keepDays">Null: as the server is configured; 0: for ever.</param>
    /// <param name="cancel">Ends the wait for a turn.</param>
    Task SetAsync(TenantId tenant, int? keepDays, CancellationToken cancel);

    /// <summary>Every tenant that the ledger has, by id.</summary>
    Task<IReadOnlyList<TenantId>> TenantsAsync(CancellationToken cancel);

    /// <summary>
    /// Looks for what is to go, and takes a little of it away in one short transaction that yields to others; where there is nothing, nothing is written. To be called again with what it returned until that
    /// says it is done; a run that was broken off is begun anew.
    /// </summary>
    /// <param name="run">Whose, up to when, and by whom: one server at a time works for a tenant.</param>
    /// <param name="at">Where the run is; null begins it.</param>
    /// <param name="cancel">Ends the wait for a turn.</param>
    /// <returns>Null when another server works for the tenant, or more is to be kept by now than when the run began: nothing is taken away then.</returns>
    Task<RetentionPlace?> StepAsync(RetentionRun run, RetentionPlace? at, CancellationToken cancel);
}

/// <summary>One run for one tenant.</summary>
/// <param name="Tenant">Whose history.</param>
/// <param name="Before">Sessions and sign-ins that ended before this go, whenever they arrived; what belongs to neither when it happened, and events arrived, before this.</param>
/// <param name="Worker">Who works; a lease is its.</param>
/// <param name="Days">That were to be kept when it began, from 1.</param>
/// <param name="DefaultDays">That are kept of a tenant that says nothing itself; 0: for ever.</param>
public sealed record RetentionRun(TenantId Tenant, DateTimeOffset Before, string Worker, int Days, int DefaultDays);

/// <summary>Where a run is.</summary>
/// <param name="Phase">What is being taken away.</param>
/// <param name="Cursor">Up to where it was looked at, in the phase's own order.</param>
/// <param name="Taken">How much this step took away.</param>
public sealed record RetentionPlace(RetentionPhase Phase, long Cursor, RetentionCounts Taken)
{
    /// <summary>Of several things at one <see cref="Cursor"/> the last that was looked at.</summary>
    public long Tie { get; init; }

    public bool IsDone => Phase is RetentionPhase.Done;
}

/// <summary>In this order: what rests on something goes before it.</summary>
public enum RetentionPhase
{
    /// <summary>Sessions that are over, with their connections and events.</summary>
    Sessions,
    FailedSessions,
    SignIns,

    /// <summary>Events that are no session's: boots, silences, what was never understood, sign-ins at other consoles.</summary>
    LooseEvents,
    Beats,

    /// <summary>The beginning of the chain, up to the oldest event that stays.</summary>
    Chain,
    Done,
}

/// <summary>How many rows went.</summary>
public readonly record struct RetentionCounts(long Sessions, long Connections, long Events, long Beats, long SignIns)
{
    public static RetentionCounts operator +(RetentionCounts one, RetentionCounts other) => new(
        one.Sessions + other.Sessions, one.Connections + other.Connections, one.Events + other.Events, one.Beats + other.Beats, one.SignIns + other.SignIns);
}

/// <summary>What is kept of a tenant, and what became of the rest.</summary>
public sealed record RetentionState
{
    public static RetentionState Never { get; } = new();

    /// <summary>Null: as the server is configured; 0: for ever.</summary>
    public int? KeepDays { get; init; }

    /// <summary>What ended before this may be gone; null when nothing ever went.</summary>
    public DateTimeOffset? KeptFrom { get; init; }

    /// <summary>When the newest run began, the first time if it was broken off; null before the first.</summary>
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>When a run was last done to its end; null before the first.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What the newest run took away, so far or in all; what a run that was broken off took away is the next one's.</summary>
    public RetentionCounts Removed { get; init; }

    /// <summary>Sessions that ended before <see cref="KeptFrom"/> and are there: another that stays may rest on them (ADR 0012), or the run is not that far.</summary>
    public long Overdue { get; init; }

    /// <summary>The newest instant by a server's clock that the ledger has of the tenant: of an arrival or of a run; null when it has none.</summary>
    public DateTimeOffset? ClockSeenAt { get; init; }
}
