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

    /// <summary>The boot the epoch belongs to; null when none of its events names one.</summary>
    public string? BootId => Events.Select(stored => stored.Event.Host.BootId).FirstOrDefault(boot => boot is not null);
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
        var boots = hostEvents.Order(EventOrder.Instance).ToList();
        return [.. LinkedSources.Group(sessionEvents)
            .SelectMany(EpochsOf)
            .OrderBy(epoch => epoch.Events[0], EventOrder.Instance)
            .Select(epoch => Fold(tenant, epoch, boots))];
    }

    /// <summary>An event that names its boot belongs to that boot's epochs, however late it comes; one that does not, to the newest epoch.</summary>
    private static List<Epoch> EpochsOf(IEnumerable<StoredEvent> events)
    {
        var epochs = new List<Epoch>();
        foreach (var stored in events.Order(EventOrder.Instance))
        {
            var current = EpochFor(stored.Event, epochs);
            if (current is null || current.IsFollowedBy(stored.Event))
            {
                current = new Epoch();
                epochs.Add(current);
            }

            current.Add(stored);
        }

        for (var index = 0; index < epochs.Count; index++)
            epochs[index].SupersededAt = NextLogonAfter(epochs, index);
        return epochs;
    }

    private static Epoch? EpochFor(LedgerEvent e, List<Epoch> epochs)
    {
        var newest = epochs.LastOrDefault();
        var belongsToNewest = e.Host.BootId is null || newest is null or { BootId: null } || newest.BootId == e.Host.BootId;
        return belongsToNewest ? newest : epochs.FindLast(epoch => epoch.BootId == e.Host.BootId);
    }

    /// <summary>The first epoch that began after the last sign of life of this one; null when none did.</summary>
    private static DateTimeOffset? NextLogonAfter(List<Epoch> epochs, int index)
    {
        var aliveAt = epochs[index].Events[^1].Event.At;
        for (var later = index + 1; later < epochs.Count; later++)
        {
            if (epochs[later].Events[0].Event.At >= aliveAt)
                return epochs[later].Events[0].Event.At;
        }

        return null;
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

        /// <summary>Whether <paramref name="next"/> begins another epoch. The logon this one has, told again, does not.</summary>
        public bool IsFollowedBy(LedgerEvent next)
        {
            if (next.Kind is EventKind.SessionStarted && Logon == LinkedSources.LogonOf(next))
                return false;

            return next.Kind.OpensEpoch() && !isInitializing;
        }

        public void Add(StoredEvent stored)
        {
            Events.Add(stored);
            BootId ??= stored.Event.Host.BootId;
            if (stored.Event.Kind is EventKind.SessionStarted)
                Logon = LinkedSources.LogonOf(stored.Event);
            if (stored.Event.Kind is not EventKind.SessionChanged)
                isInitializing = stored.Event.Kind is EventKind.SessionInitializing;
        }
    }
}
