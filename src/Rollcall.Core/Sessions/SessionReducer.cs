using Rollcall.Core.Connections;
using Rollcall.Core.Events;

namespace Rollcall.Core.Sessions;

/// <summary>What the events of one logon epoch amount to.</summary>
/// <param name="Session">Without an id and a revision: the store gives both.</param>
/// <param name="Connections">Oldest first, without the session's id.</param>
/// <param name="Events">The epoch's events in order.</param>
/// <param name="Anchor">The event by which the store finds this session again: the logon when there is one.</param>
public sealed record ReducedSession(
    Session Session, IReadOnlyList<Connection> Connections, IReadOnlyList<StoredEvent> Events, StoredEvent Anchor)
{
    /// <summary>When the epoch begins; later events of its key belong to it until the next one begins.</summary>
    public DateTimeOffset EpochAt => Events[0].Event.At;
}

/// <summary>Turns events into sessions: the same set in any order, batching or repetition gives the same sessions (design 4).</summary>
public static class SessionReducer
{
    /// <param name="tenant">Whose events these are.</param>
    /// <param name="sessionEvents">Every event of one (host, OS session id), from all sources, from the beginning of an epoch on.</param>
    /// <param name="hostEvents">Boots and shutdowns of that host from the same instant on.</param>
    /// <returns>One session for each logon epoch, oldest first.</returns>
    public static IReadOnlyList<ReducedSession> Reduce(
        TenantId tenant, IReadOnlyCollection<StoredEvent> sessionEvents, IReadOnlyCollection<StoredEvent> hostEvents)
    {
        var epochs = sessionEvents
            .GroupBy(stored => stored.Event.Source, StringComparer.Ordinal)
            .SelectMany(EpochsOfOneSource)
            .ToList();
        var boots = hostEvents.OrderBy(stored => stored.Event.At).ToList();

        return [.. Merge(epochs)
            .OrderBy(epoch => epoch.Events[0], EventOrder.Instance)
            .Select(epoch => Fold(tenant, epoch, boots))];
    }

    private static IEnumerable<Epoch> EpochsOfOneSource(IEnumerable<StoredEvent> events)
    {
        Epoch? current = null;
        foreach (var stored in events.Order(EventOrder.Instance))
        {
            if (current is null || current.IsFollowedBy(stored.Event))
            {
                var next = new Epoch();
                if (current is not null)
                    current.SupersededAt = stored.Event.At;
                if (current is not null)
                    yield return current;
                current = next;
            }

            current.Add(stored);
        }

        if (current is not null)
            yield return current;
    }

    /// <summary>A logon with the time and user of a known session is that session, whoever sends it.</summary>
    private static List<Epoch> Merge(List<Epoch> epochs)
    {
        var merged = new List<Epoch>(epochs.Count);
        var byLogon = new Dictionary<(DateTimeOffset At, string User), Epoch>();
        foreach (var epoch in epochs)
        {
            if (epoch.Logon is not { } logon)
                merged.Add(epoch);
            else if (byLogon.TryGetValue(logon, out var known))
                known.Absorb(epoch);
            else
            {
                byLogon.Add(logon, epoch);
                merged.Add(epoch);
            }
        }

        return merged;
    }

    private static ReducedSession Fold(TenantId tenant, Epoch epoch, List<StoredEvent> boots)
    {
        var fold = new EpochFold(tenant);
        foreach (var stored in epoch.Events)
            fold.Apply(stored);
        if (!fold.IsOver && InferEnd(epoch, boots) is { } end)
            fold.EndByInference(end);

        return fold.Result(epoch.Events);
    }

    /// <summary>The earliest instant that shows the session gone although nobody said goodbye; null while nothing shows it.</summary>
    private static SessionEnd? InferEnd(Epoch epoch, List<StoredEvent> boots)
    {
        var alive = epoch.Events[^1].Event.At;
        var boot = boots.Find(stored => Shows(stored.Event, epoch, alive))?.Event;
        if (boot is not null && !(epoch.SupersededAt < boot.At))
        {
            return boot.Kind is EventKind.HostStopped
                ? End(boot.At, EndTimeSource.HostEvent, boot.At, boot.At, "host_shutdown")
                : End(alive, EndTimeSource.HostEvent, alive, boot.At, "host_lost");
        }

        return epoch.SupersededAt is { } next ? End(alive, EndTimeSource.Superseded, alive, next, "superseded") : null;
    }

    private static bool Shows(LedgerEvent host, Epoch epoch, DateTimeOffset alive) => host.Kind switch
    {
        EventKind.HostStopped => host.At >= alive,
        EventKind.HostStarted => host.At > alive && (host.Host.BootId is null || host.Host.BootId != epoch.BootId),
        _ => false,
    };

    private static SessionEnd End(DateTimeOffset at, EndTimeSource source, DateTimeOffset earliest, DateTimeOffset latest, string reason) =>
        new(Instants.ToMilliseconds(at), source, Instants.ToMilliseconds(earliest), Instants.ToMilliseconds(latest), reason);

    /// <summary>The events of one logon, in order.</summary>
    private sealed class Epoch
    {
        private bool isInitializing;

        public List<StoredEvent> Events { get; } = [];

        public string? BootId { get; private set; }

        /// <summary>When the next logon in the same OS session began; null when none did.</summary>
        public DateTimeOffset? SupersededAt { get; set; }

        public (DateTimeOffset At, string User)? Logon { get; private set; }

        /// <summary>Whether <paramref name="next"/> begins another epoch.</summary>
        public bool IsFollowedBy(LedgerEvent next) =>
            (next.Host.BootId is { } boot && BootId is not null && boot != BootId) || (next.Kind.OpensEpoch() && !isInitializing);

        public void Add(StoredEvent stored)
        {
            Events.Add(stored);
            BootId ??= stored.Event.Host.BootId;
            if (stored.Event.Kind is EventKind.SessionStarted)
                Logon = (stored.Event.At, NameKey.Of(stored.Event.User ?? string.Empty));
            if (stored.Event.Kind is not EventKind.SessionChanged)
                isInitializing = stored.Event.Kind is EventKind.SessionInitializing;
        }

        public void Absorb(Epoch other)
        {
            Events.AddRange(other.Events);
            Events.Sort(EventOrder.Instance);
            BootId ??= other.BootId;
            if (other.SupersededAt < SupersededAt || SupersededAt is null)
                SupersededAt = other.SupersededAt;
        }
    }
}
