using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Core.Sessions;

/// <summary>What a host told of itself, and what that shows of a session that nobody ended (design 4).</summary>
/// <param name="events">Boots, shutdowns and judged silences, in order.</param>
/// <param name="beats">Its beats.</param>
internal sealed class HostStory(IReadOnlyList<LedgerEvent> events, IBeatHistory beats)
{
    /// <summary>
    /// The end that the earliest evidence after the last proof of life shows; without any, silence if the host was judged silent; null
    /// while nothing shows the session gone. With it the last proof of life, and the beat that shows the end; null when something else does.
    /// </summary>
    public (DateTimeOffset AliveAt, SessionEnd? End, DateTimeOffset? BeatAt) EndOf(Epoch epoch)
    {
        var (aliveAt, absence) = Rosters(epoch);
        var shown = new[] { Unknown(epoch, aliveAt), Stop(epoch, aliveAt), Boot(epoch, aliveAt), absence, NextLogon(epoch, aliveAt) }
            .Where(end => end is not null)
            .MinBy(end => end!.Value.ShownAt);
        return (aliveAt, shown?.End ?? Silence(aliveAt), shown is not null && shown == absence ? absence.Value.ShownAt : null);
    }

    /// <summary>
    /// The last proof of life, an event of the session's own or the newest roster that names it, and the oldest beat after it that
    /// shows it gone: one of another boot, or whose roster lacks it.
    /// </summary>
    private (DateTimeOffset AliveAt, Evidence? Absence) Rosters(Epoch epoch)
    {
        HostBeat? absence = null, tied = null;
        var (bootId, osSessionId, userKey) = (epoch.BootId, epoch.OsSessionId, epoch.UserKey);
        foreach (var beat in beats.NewestFirst(after: epoch.LastEventAt, before: epoch.SupersededAt))
        {
            // Of beats of one instant, from several sources, one that names the session outweighs all that do not.
            if (tied is not null && beat.At < tied.At)
                (absence, tied) = (tied, null);
            var isOtherBoot = IsOther(beat.BootId, bootId);
            if (!isOtherBoot && beat.Names(osSessionId, userKey))
                return (beat.At, Absent(absence, beat.At, bootId));
            if (isOtherBoot || (beat.Roster is not null && !IsOther(tied?.BootId, bootId)))
                tied = beat;
        }

        return (epoch.LastEventAt, Absent(tied ?? absence, epoch.LastEventAt, bootId));
    }

    private static Evidence? Absent(HostBeat? beat, DateTimeOffset aliveAt, string? bootId) => beat switch
    {
        null => null,
        _ when IsOther(beat.BootId, bootId) => new Evidence(beat.At, End(aliveAt, EndTimeSource.HostEvent, aliveAt, beat.At, "host_lost")),
        _ => new Evidence(beat.At, End(aliveAt, EndTimeSource.Roster, aliveAt, beat.At, "not_in_roster")),
    };

    /// <summary>A source knows that it is over, and not since when.</summary>
    private static Evidence? Unknown(Epoch epoch, DateTimeOffset aliveAt) => epoch.Events[^1].Event is { EndLatest: { } latest } told && latest >= aliveAt
        ? new Evidence(latest, End(aliveAt, EndTimeSource.Unknown, aliveAt, latest, told.Reason))
        : null;

    /// <summary>The shutdown of its own boot is the session's end; that of another boot shows only that the session's was over by then.</summary>
    private Evidence? Stop(Epoch epoch, DateTimeOffset aliveAt)
    {
        if (events.FirstOrDefault(e => e.Kind is EventKind.HostStopped && e.At >= aliveAt) is not { } stop)
            return null;

        return IsOther(stop.Host.BootId, epoch.BootId)
            ? new Evidence(stop.At, End(aliveAt, EndTimeSource.HostEvent, aliveAt, stop.At, "host_lost"))
            : new Evidence(stop.At, End(stop.At, EndTimeSource.HostEvent, stop.At, stop.At, "host_shutdown"));
    }

    private Evidence? Boot(Epoch epoch, DateTimeOffset aliveAt)
    {
        var boot = events.FirstOrDefault(e => e.Kind is EventKind.HostStarted && e.At > aliveAt && (e.Host.BootId is null || e.Host.BootId != epoch.BootId));
        return boot is null ? null : new Evidence(boot.At, End(aliveAt, EndTimeSource.HostEvent, aliveAt, boot.At, "host_lost"));
    }

    private static Evidence? NextLogon(Epoch epoch, DateTimeOffset aliveAt) => epoch.SupersededAt is { } next
        ? new Evidence(next, End(aliveAt, EndTimeSource.Superseded, aliveAt, next, "superseded"))
        : null;

    /// <summary>
    /// Judged silent, and no beat has come since: gone after the last proof of life and before the lease of the newest beat ran out.
    /// The instants follow from beat and proof of life alone, so that it does not matter when the server came to judge.
    /// </summary>
    private SessionEnd? Silence(DateTimeOffset aliveAt)
    {
        var judged = events.Where(e => e.Kind is EventKind.HostSilent).MaxBy(e => (e.BeatAt, e.At));
        if (judged is null || judged.At < aliveAt || beats.NewestFirst(after: judged.BeatAt!.Value, before: null).Any())
            return null;

        var lease = TimeSpan.FromSeconds(judged.LeaseSeconds!.Value);
        var leaseEndsAt = Instants.After(judged.BeatAt.Value, lease);
        var latest = leaseEndsAt >= aliveAt ? leaseEndsAt : Instants.After(aliveAt, lease);
        return End(aliveAt, EndTimeSource.Heartbeat, aliveAt, latest, "host_silent");
    }

    private static bool IsOther(string? bootId, string? ofSession) => bootId is not null && ofSession is not null && bootId != ofSession;

    private static SessionEnd End(DateTimeOffset at, EndTimeSource source, DateTimeOffset earliest, DateTimeOffset latest, string? reason) =>
        new(Instants.ToMilliseconds(at), source, Instants.ToMilliseconds(earliest), Instants.ToMilliseconds(latest), reason);

    /// <summary>An end, and the instant that shows it.</summary>
    private readonly record struct Evidence(DateTimeOffset ShownAt, SessionEnd End);
}
