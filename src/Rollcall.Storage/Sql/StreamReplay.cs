using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Plays the arrivals that touched one session again, and notes every reading they gave.</summary>
internal sealed class StreamReplay(KnownStream stream, ReducedSession session, DateTimeOffset knownAt)
{
    /// <summary>Arrivals played at most, and events reduced in all: some tenths of a second.</summary>
    private const int ArrivalsMax = 500, ReducedMax = 500_000;

    /// <summary>Arrivals on a host and session number that are played whatever they are about.</summary>
    private const int AllMax = 60;

    private string Id => session.Session.Id;

    public SessionAccount Account(CancellationToken cancel)
    {
        var arrivals = Arrivals();
        var take = Math.Clamp(ReducedMax / Math.Max(1, stream.Events.Count), 1, ArrivalsMax);
        var readings = new List<SessionReading>();
        foreach (var arrival in arrivals.Take(take))
        {
            cancel.ThrowIfCancellationRequested();
            Note(readings, stream.At(arrival.At).FirstOrDefault(known => known.Session.Id == Id)?.Session, arrival);
        }

        Note(readings, session.Session, new Arrival(arrivals.Count > 0 ? arrivals[^1].At : knownAt, Cause: null));
        var told = session.Session with { Revision = readings.Count };
        var detail = new SessionDetail(told, session.Connections, [.. session.Events.Order(EventOrder.Instance)]);
        return new SessionAccount(detail, readings, arrivals.Count <= take, Rosters());
    }

    private static void Note(List<SessionReading> readings, Session? known, Arrival arrival)
    {
        if (known is null || (readings is [.., var before] && before.Session with { Revision = 0 } == known))
            return;

        if (readings.Count > 0)
            readings[^1] = readings[^1] with { KnownUntil = arrival.At };
        readings.Add(new SessionReading(arrival.At, KnownUntil: null, known with { Revision = readings.Count + 1 }, arrival.Cause));
    }

    /// <summary>From what gave the session its id on: every arrival while they are few, else those in the session's own time.</summary>
    private List<Arrival> Arrivals()
    {
        var members = session.Events.Where(stored => !stored.Event.Kind.IsOperatorWord()).ToList();
        var bornAt = stream.BornAt(Id);
        var all = Once(stream.Events.Concat(stream.Host.Events).Select(Of).Concat(Beats(DateTimeOffset.MinValue, next: null, (bornAt, knownAt), AllMax + 1)), bornAt);
        return all.Count <= AllMax ? all : Once(InTime(members, bornAt), bornAt);
    }

    /// <summary>
    /// Its own events, those of its number and what its host told, up to the next logon, and beyond it what had arrived before that logon did.
    /// After a reported end has arrived the host has no more to say.
    /// </summary>
    private IEnumerable<Arrival> InTime(List<StoredEvent> members, DateTimeOffset bornAt)
    {
        // What it was first known by may be another session's since.
        var firstAt = members.Concat(stream.Events.Where(stored => stored.ReceivedAt == bornAt)).Min(stored => stored.Event.At);
        var next = NextLogon(members.Max(stored => stored.Event.At));
        var absorbedAt = session.Session.End is { Source: EndTimeSource.Reported } ? members.Max(stored => stored.ReceivedAt) : knownAt;

        bool IsInTime(StoredEvent stored) => stored.Event.At >= firstAt && (next is null || stored.Event.At <= next.Event.At || stored.ReceivedAt <= next.ReceivedAt);
        var own = stream.Events.Where(stored => stored.Event.Kind.IsOperatorWord() || IsInTime(stored)).Select(Of);
        var host = stream.Host.Events.Where(stored => IsInTime(stored) && stored.ReceivedAt <= absorbedAt).Select(Of);
        return own.Concat(host).Concat(Beats(firstAt, next, (bornAt, absorbedAt), ArrivalsMax + 1));
    }

    /// <summary>What arrived together was one change, and is told by the first of it: an event of the session's number before its host's.</summary>
    private static List<Arrival> Once(IEnumerable<Arrival> arrivals, DateTimeOffset bornAt) =>
    [
        .. arrivals.Where(arrival => arrival.At >= bornAt)
            .GroupBy(arrival => arrival.At)
            .OrderBy(together => together.Key)
            .Select(together => together.First()),
    ];

    private StoredEvent? NextLogon(DateTimeOffset lastAt) => stream.Events
        .Where(stored => stored.Event.Kind.OpensEpoch() && stored.Event.At > lastAt)
        .MinBy(stored => stored.Event.At);

    private IEnumerable<Arrival> Beats(DateTimeOffset firstAt, StoredEvent? next, (DateTimeOffset Since, DateTimeOffset Until) arrived, int take) => stream.Host
        .TellingBeats(firstAt, next, arrived, take)
        .Select(beat => new Arrival(beat.ReceivedAt, new ReadingCause(EventKind.HostBeat, beat.Source, Id: null, beat.At)));

    private static Arrival Of(StoredEvent stored) =>
        new(stored.ReceivedAt, new ReadingCause(stored.Event.Kind, stored.Event.Source, stored.Event.Id, stored.Event.At));

    private RosterProof? Rosters() => stream.Host.RostersNaming(
        session.Session,
        Instants.ToUnixMicroseconds(session.EpochAt),
        Instants.ToUnixMicroseconds(session.Session.End?.Latest ?? DateTimeOffset.MaxValue));

    private sealed record Arrival(DateTimeOffset At, ReadingCause? Cause);
}
