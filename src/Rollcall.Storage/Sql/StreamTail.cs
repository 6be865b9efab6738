using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>A session as the ledger has it.</summary>
/// <param name="MemberCount">Events that are its own.</param>
/// <param name="Members">Those events; null when they were not read.</param>
/// <param name="Connections">As they are stored; null when they were not read.</param>
internal sealed record KnownSession(
    Session Session, SessionPlace Place, int MemberCount, IReadOnlyList<StoredEvent>? Members = null, IReadOnlyList<Connection>? Connections = null)
{
    /// <summary>Milliseconds since 1970; the far future while it is open.</summary>
    public long OverMs => Session.End?.Latest.ToUnixTimeMilliseconds() ?? long.MaxValue;
}

/// <summary>The newest part of a stream: all that has to be read to take in an event that is newer than every other.</summary>
/// <param name="FloorUs">The beginning of an epoch; no session that began before it has an event from it on.</param>
/// <param name="Events">Of the stream from there on.</param>
/// <param name="HostEvents">Of the host from there on.</param>
/// <param name="Sessions">That began there or later.</param>
/// <param name="Below">What is to be known of the sessions before it.</param>
internal sealed record StreamTail(
    long FloorUs, IReadOnlyList<StoredEvent> Events, IReadOnlyList<StoredEvent> HostEvents, IReadOnlyList<KnownSession> Sessions, OlderSessions Below)
{
    /// <summary>A stream with more of them is read anew: our choice, of a session with a day of reconnects.</summary>
    private const int EventsMax = 64;

    /// <summary>The one source of the stream's events; null when there are several, or it is not known.</summary>
    public long? SourceNo { get; init; }

    /// <summary>The host's story that <see cref="HostEvents"/> is of; null when it is not known.</summary>
    public int? StoryVersion { get; init; }

    /// <summary>Whether it may be remembered: a stream of several sources may share a logon anywhere in it.</summary>
    public bool IsLasting => SourceNo is not null && StoryVersion is not null && Events.Count <= EventsMax && HostEvents.Count <= EventsMax && Below.IsSmall;

    /// <summary>The tail with what is new; null when more has to be read than is here.</summary>
    public StreamTail? With(StreamChange change, DateTimeOffset receivedAt, int? storyVersion)
    {
        var isNewer = change.AddedCount > 0 && !change.HasWord && change.SinceUs > NewestUs;
        if (!isNewer || change.SourceNo != SourceNo || storyVersion != StoryVersion || Below.IsReachedBy(change))
            return null;

        var floorUs = FloorFor(change);
        var before = Sessions.Where(session => session.Place.EpochUs < floorUs);
        return this with
        {
            FloorUs = floorUs,
            Events = [.. Events.Where(stored => Us(stored) >= floorUs), .. change.Added(receivedAt)],
            HostEvents = [.. HostEvents.Where(stored => Us(stored) >= floorUs)],
            Sessions = [.. Sessions.Where(session => session.Place.EpochUs >= floorUs)],
            Below = before.Aggregate(Below, (below, session) => below.With(session)),
        };
    }

    private long NewestUs => Events.Count == 0 ? long.MaxValue : Events.Max(Us);

    /// <summary>As <see cref="SessionProjection"/> finds it in the store, among the sessions that are here.</summary>
    private long FloorFor(StreamChange change)
    {
        var newestUs = NewestUs;
        var floorUs = Sessions
            .Where(session => session.OverMs >= change.SinceUs / 1000 || session.Members!.Any(stored => Us(stored) == newestUs))
            .Select(session => session.Place.EpochUs)
            .Append(change.SinceUs)
            .Min();
        foreach (var boot in change.Boots)
            floorUs = Sessions.LastOrDefault(session => session.Place.EpochBoot == boot && session.Place.EpochUs < floorUs)?.Place.EpochUs ?? floorUs;
        while (Sessions.FirstOrDefault(session => session.Place.EpochUs < floorUs && session.Members!.Any(stored => Us(stored) >= floorUs)) is { } reached)
            floorUs = reached.Place.EpochUs;
        return floorUs;
    }

    private static long Us(StoredEvent stored) => Instants.ToUnixMicroseconds(stored.Event.At);
}

/// <summary>What is to be known of sessions that are not read: whether a new event may be about one of them.</summary>
/// <param name="OverMs">When the last of them was over at the latest, milliseconds since 1970; the far past when there are none.</param>
internal sealed record OlderSessions(long OverMs, IReadOnlySet<string> Boots)
{
    /// <summary>Of a host that is started anew every day: two months.</summary>
    private const int BootsMax = 64;

    public static OlderSessions None { get; } = new(long.MinValue, new HashSet<string>(StringComparer.Ordinal));

    public bool IsSmall => Boots.Count <= BootsMax;

    public bool IsReachedBy(StreamChange change) => OverMs >= change.SinceUs / 1000 || change.Boots.Overlaps(Boots);

    public OlderSessions With(KnownSession session) => new(
        Math.Max(OverMs, session.OverMs),
        session.Place.EpochBoot is { } boot && !Boots.Contains(boot) ? new HashSet<string>(Boots, StringComparer.Ordinal) { boot } : Boots);
}
