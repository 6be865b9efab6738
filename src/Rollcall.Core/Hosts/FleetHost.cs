namespace Rollcall.Core.Hosts;

/// <summary>Whether a host gives signs of life.</summary>
public enum HostState
{
    /// <summary>Its lease has not run out.</summary>
    Beating = 1,

    /// <summary>Its lease ran out and nothing has come since.</summary>
    Silent,

    /// <summary>It never sent a beat: whether it is alive cannot be told.</summary>
    NoBeats,
}

/// <summary>What became of the events sent, each counted in the transaction that stored or refused it.</summary>
/// <param name="Accepted">Stored in the ledger; beats are counted apart.</param>
/// <param name="Duplicate">Sent again, beats too; changed nothing.</param>
/// <param name="Late">Of the accepted: arrived more than the limit after their time, though their source reported in time by then.</param>
/// <param name="Backfilled">Of the accepted: arrived as late, from before the source first reported in time, as imports of old logs do.</param>
/// <param name="Rejected">Refused, beats too: malformed, a day ahead of the server, or of an id that is known with another time.</param>
public sealed record EventCounts(long Accepted, long Duplicate, long Late, long Backfilled, long Rejected)
{
    public static EventCounts None { get; } = new(0, 0, 0, 0, 0);
}

/// <summary>How far a clock is off, as far as can be told from outside.</summary>
/// <param name="Ms">Ahead of the server by so many milliseconds; negative when behind.</param>
/// <param name="Basis">What it was read from; of events it is a lower bound.</param>
/// <param name="At">Arrival of the newest beat or event that it takes in.</param>
public sealed record ClockSkew(long Ms, SkewBasis Basis, DateTimeOffset At)
{
    public bool Exceeds(TimeSpan limit) => Math.Abs((decimal)Ms) > (decimal)limit.TotalMilliseconds;
}

/// <summary>A machine that runs sessions, and how it is.</summary>
public sealed record FleetHost
{
    public required TenantId Tenant { get; init; }

    /// <summary>As its first event spelled it; unique in the tenant, ignoring case.</summary>
    public required string Name { get; init; }

    public string? Sid { get; init; }
    public string? Ip { get; init; }
    public string? GroupId { get; init; }
    public string? GroupName { get; init; }

    /// <summary>Arrival of the first thing said of it.</summary>
    public required DateTimeOffset FirstSeenAt { get; init; }

    /// <summary>Arrival of the newest.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>By the host's clock; null when it never sent a beat.</summary>
    public DateTimeOffset? LastBeatAt { get; init; }

    /// <summary>By the server's clock.</summary>
    public DateTimeOffset? LastBeatReceivedAt { get; init; }

    /// <summary>Null when it never sent a beat.</summary>
    public int? LeaseSeconds { get; init; }

    public required HostState State { get; init; }

    /// <summary>When its lease ran out, by the server's clock; null unless it is silent.</summary>
    public DateTimeOffset? SilentSince { get; init; }

    public required long OpenSessions { get; init; }

    /// <summary>Null when nothing can be told of its clock.</summary>
    public ClockSkew? Skew { get; init; }

    /// <summary>Beats taken.</summary>
    public required long Beats { get; init; }

    /// <summary>From all its sources.</summary>
    public EventCounts Events { get; init; } = EventCounts.None;
}

/// <summary>What one source said of one host.</summary>
/// <param name="Source">Null: of what was rejected, no source could be read.</param>
/// <param name="SendsBeats">Whether the host's newest beat is from it.</param>
/// <param name="FirstReceivedAt">Arrival of its first accepted event; null before.</param>
/// <param name="LastReceivedAt">Arrival of its newest accepted event; null before.</param>
/// <param name="NewestAt">Time of the newest event, by the source's clock; null before.</param>
/// <param name="Skew">Read from its events; null when they cannot tell.</param>
public sealed record HostSource(
    string? Source, bool SendsBeats, EventCounts Events, DateTimeOffset? FirstReceivedAt, DateTimeOffset? LastReceivedAt, DateTimeOffset? NewestAt, ClockSkew? Skew);

/// <summary>A host with its sources.</summary>
/// <param name="Sources">Heard last first, at most <see cref="SourcesMax"/>.</param>
/// <param name="SourceCount">Exact.</param>
public sealed record FleetHostDetail(FleetHost Host, IReadOnlyList<HostSource> Sources, long SourceCount)
{
    /// <summary>A host has one agent and a few importers.</summary>
    public const int SourcesMax = 100;
}

/// <summary>A pool of hosts, as its hosts name it.</summary>
/// <param name="Name">As the newest event tells it; null when none did.</param>
/// <param name="Hosts">Hosts whose newest facts name this group.</param>
/// <param name="OpenSessions">On those hosts.</param>
public sealed record HostGroup(TenantId Tenant, string Id, string? Name, long Hosts, long OpenSessions);
