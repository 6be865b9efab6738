using System.Globalization;
using System.Xml;
using Rollcall.Core.Hosts;
using Rollcall.Server.Ingest;

namespace Rollcall.Server.Dialects.Native;

/// <summary>How the ledger is fed. Each part has the path that leads to its rows.</summary>
/// <param name="LastPurge">When retention was last done to its end; null before the first time, or while everything is kept.</param>
internal sealed record FleetHealthJson(
    DateTimeOffset AsOf, HostTotalsJson Hosts, SilentHostsJson SilentHosts, SkewedHostsJson SkewedHosts, LongOpenJson OpenSessions, HealthEventsJson Events,
    LagJson? Lag, DateTimeOffset? LastPurge)
{
    public static FleetHealthJson From(FleetHealth health, HealthQuery query, HealthLimits limits, DateTimeOffset now, DateTimeOffset? lastPurge)
    {
        var tenant = $"/api/v1/tenants/{query.Tenant.Value}";
        return new FleetHealthJson(
            now,
            new HostTotalsJson(health.Hosts, health.Beating, health.NoBeats, $"{tenant}/hosts"),
            new SilentHostsJson(health.Silent.Count, [.. health.Silent.First.Select(SilentHostJson.From)], $"{tenant}/hosts?silent=true"),
            new SkewedHostsJson(health.Skewed.Count, limits.ClockSkewMs, [.. health.Skewed.First.Select(SkewedHostJson.From)], $"{tenant}/hosts?skewed=true"),
            LongOpenJson.From(health.OpenLong, query, now, tenant),
            HealthEventsJson.From(health, limits, tenant),
            LagJson.From(health.Newest),
            lastPurge);
    }
}

internal sealed record HostTotalsJson(long Count, long Beating, long NoBeats, string Path);

internal sealed record SilentHostsJson(long Count, IReadOnlyList<SilentHostJson> First, string Path);

internal sealed record SilentHostJson(string Name, DateTimeOffset? SilentSince, DateTimeOffset? LastBeat, long OpenSessions)
{
    public static SilentHostJson From(FleetHost host) => new(host.Name, host.SilentSince, host.LastBeatAt, host.OpenSessions);
}

/// <param name="LimitMs">Of the setting <c>Ledger:ClockSkewWarningSeconds</c>.</param>
internal sealed record SkewedHostsJson(long Count, long LimitMs, IReadOnlyList<SkewedHostJson> First, string Path);

internal sealed record SkewedHostJson(string Name, long SkewMs, string SkewFrom, DateTimeOffset SkewAt)
{
    public static SkewedHostJson From(FleetHost host) => new(host.Name, host.Skew!.Ms, HostWords.Of(host.Skew.Basis)!, host.Skew.At);
}

/// <summary>Sessions that have been open longer than asked about, the longest first.</summary>
internal sealed record LongOpenJson(long Count, string LongerThan, IReadOnlyList<OpenSessionJson> First, string Path)
{
    public static LongOpenJson From(Worry<OpenSession> open, HealthQuery query, DateTimeOffset now, string tenant)
    {
        var since = query.OpenSince.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        return new LongOpenJson(
            open.Count,
            XmlConvert.ToString(now - query.OpenSince),
            [.. open.First.Select(session => new OpenSessionJson(session.Id, session.User, session.Host, SessionWords.Of(session.State), session.StartedAt))],
            $"{tenant}/sessions?state=initializing&state=active&state=disconnected&range=starts_in&to={since}");
    }
}

internal sealed record OpenSessionJson(string Id, string User, string Host, string State, DateTimeOffset StartTime);

/// <summary>What became of events since the ledger began to count.</summary>
/// <param name="LateAfterMs">Of the setting <c>Ledger:LateSeconds</c>.</param>
internal sealed record HealthEventsJson(
    long Accepted, CountJson Duplicate, CountJson Late, long LateAfterMs, long Backfilled, CountJson Rejected, HealthSourcesJson Sources)
{
    public static HealthEventsJson From(FleetHealth health, HealthLimits limits, string tenant) => new(
        health.Events.Accepted,
        new CountJson(health.Events.Duplicate, $"{tenant}/hosts?has=duplicate"),
        new CountJson(health.Events.Late, $"{tenant}/hosts?has=late"),
        limits.LateMs,
        health.Events.Backfilled,
        new CountJson(health.Events.Rejected, $"{tenant}/hosts?has=rejected"),
        new HealthSourcesJson(health.Sources.Count, [.. health.Sources.First.Select(source => HealthSourceJson.From(source, tenant))]));
}

/// <param name="Path">To the hosts that have any; what could not be ascribed to a host stands in the sources alone.</param>
internal sealed record CountJson(long Count, string Path);

/// <summary>Sources of which something was late, sent again or rejected: the newest late or rejected arrival first, then those that only repeat.</summary>
internal sealed record HealthSourcesJson(long Count, IReadOnlyList<HealthSourceJson> First);

/// <param name="Source">Null: it could not be read.</param>
/// <param name="Path">To the hosts it spoke of; null when it could not be read.</param>
internal sealed record HealthSourceJson(
    string? Source, EventCountsJson Events, DateTimeOffset? LastLateAt, DateTimeOffset? LastDuplicateAt, DateTimeOffset? LastRejectedAt, string? Path)
{
    public static HealthSourceJson From(SourceCounts source, string tenant) => new(
        source.Source, EventCountsJson.From(source.Events), source.LastLateAt, source.LastDuplicateAt, source.LastRejectedAt,
        source.Source is { } name ? $"{tenant}/hosts?source={Uri.EscapeDataString(name)}" : null);
}

/// <summary>Of the event that arrived last: how long after its time. Negative when its clock is ahead.</summary>
internal sealed record LagJson(long LagMs, DateTimeOffset Time, DateTimeOffset ReceivedAt, string Source, string Host)
{
    public static LagJson? From(NewestArrival? newest) =>
        newest is null ? null : new LagJson(newest.LagMs, newest.At, newest.ReceivedAt, newest.Source, newest.Host);
}
