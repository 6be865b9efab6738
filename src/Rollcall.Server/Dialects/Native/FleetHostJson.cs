using System.Diagnostics.CodeAnalysis;
using Rollcall.Core.Hosts;

namespace Rollcall.Server.Dialects.Native;

/// <summary>A host on the wire. Null means not known, or never.</summary>
internal record FleetHostJson
{
    public required string Name { get; init; }
    public string? Sid { get; init; }
    public string? Ip { get; init; }
    public string? GroupId { get; init; }
    public string? GroupName { get; init; }

    /// <summary>Arrival of the first thing said of it, by the server's clock.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>By the host's clock.</summary>
    public DateTimeOffset? LastBeat { get; init; }

    /// <summary>By the server's.</summary>
    public DateTimeOffset? LastBeatReceivedAt { get; init; }

    public int? LeaseSeconds { get; init; }

    /// <summary>beating, silent or no_beats.</summary>
    public required string State { get; init; }

    /// <summary>When its lease ran out, by the server's clock.</summary>
    public DateTimeOffset? SilentSince { get; init; }

    public required long OpenSessions { get; init; }

    /// <summary>Ahead of the server by so many milliseconds, negative when behind.</summary>
    public long? SkewMs { get; init; }

    /// <summary>What it was read from: beats, or events, of which it is a lower bound.</summary>
    public string? SkewFrom { get; init; }

    public DateTimeOffset? SkewAt { get; init; }
    public required bool SkewExceeded { get; init; }
    public required long Beats { get; init; }
    public required EventCountsJson Events { get; init; }

    public FleetHostJson()
    {
    }

    [SetsRequiredMembers]
    protected FleetHostJson(FleetHost host, HealthLimits limits)
    {
        (Name, Sid, Ip, GroupId, GroupName) = (host.Name, host.Sid, host.Ip, host.GroupId, host.GroupName);
        (FirstSeen, LastSeen, LastBeat, LastBeatReceivedAt) = (host.FirstSeenAt, host.LastSeenAt, host.LastBeatAt, host.LastBeatReceivedAt);
        (LeaseSeconds, State, SilentSince, OpenSessions) = (host.LeaseSeconds, HostWords.Of(host.State), host.SilentSince, host.OpenSessions);
        (SkewMs, SkewFrom, SkewAt) = (host.Skew?.Ms, HostWords.Of(host.Skew?.Basis), host.Skew?.At);
        SkewExceeded = host.Skew?.Exceeds(limits.ClockSkew) ?? false;
        (Beats, Events) = (host.Beats, EventCountsJson.From(host.Events));
    }

    public static FleetHostJson From(FleetHost host, HealthLimits limits) => new(host, limits);
}

/// <summary>A host with its sources.</summary>
internal sealed record FleetHostDetailJson : FleetHostJson
{
    /// <summary>Heard last first; the first hundred.</summary>
    public required IReadOnlyList<HostSourceJson> Sources { get; init; }

    public required long SourceCount { get; init; }

    [SetsRequiredMembers]
    public FleetHostDetailJson(FleetHostDetail detail, HealthLimits limits)
        : base(detail.Host, limits) =>
        (Sources, SourceCount) = ([.. detail.Sources.Select(HostSourceJson.From)], detail.SourceCount);
}

/// <summary>What became of events that were sent; beats accepted are not among them.</summary>
internal sealed record EventCountsJson(long Accepted, long Duplicate, long Late, long Backfilled, long Rejected)
{
    public static EventCountsJson From(EventCounts counts) =>
        new(counts.Accepted, counts.Duplicate, counts.Late, counts.Backfilled, counts.Rejected);
}

/// <summary>What one source said of one host.</summary>
/// <param name="Source">Null: it could not be read.</param>
internal sealed record HostSourceJson(
    string? Source, bool SendsBeats, EventCountsJson Events, DateTimeOffset? FirstReceivedAt, DateTimeOffset? LastReceivedAt, DateTimeOffset? NewestEvent,
    long? SkewMs, string? SkewFrom, DateTimeOffset? SkewAt)
{
    public static HostSourceJson From(HostSource source) => new(
        source.Source, source.SendsBeats, EventCountsJson.From(source.Events), source.FirstReceivedAt, source.LastReceivedAt, source.NewestAt,
        source.Skew?.Ms, HostWords.Of(source.Skew?.Basis), source.Skew?.At);
}

internal sealed record HostGroupJson(string Id, string? Name, long Hosts, long OpenSessions)
{
    public static HostGroupJson From(HostGroup group) => new(group.Id, group.Name, group.Hosts, group.OpenSessions);
}

/// <summary>The native API's words for how hosts are.</summary>
internal static class HostWords
{
    public static string Of(HostState state) => state switch
    {
        HostState.Beating => "beating",
        HostState.Silent => "silent",
        HostState.NoBeats => "no_beats",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not a state"),
    };

    public static string? Of(SkewBasis? basis) => basis switch
    {
        null => null,
        SkewBasis.Beats => "beats",
        SkewBasis.Events => "events",
        _ => throw new ArgumentOutOfRangeException(nameof(basis), basis, "not a basis"),
    };
}
