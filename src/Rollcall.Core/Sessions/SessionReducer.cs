using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Core.Sessions;

/// <summary>What the events of one logon epoch amount to.</summary>
/// <param name="Session">Without an id and a revision: the store gives both.</param>
/// <param name="Connections">Oldest first, without the session's id.</param>
/// <param name="Events">The epoch's events in order, operators' words about it after them.</param>
/// <param name="Anchor">The event by which the store finds this session again: the logon when there is one.</param>
public sealed record ReducedSession(
    Session Session, IReadOnlyList<Connection> Connections, IReadOnlyList<StoredEvent> Events, StoredEvent Anchor)
{
    /// <summary>Its goodbye or failure when one was reported; else the last proof of life, its newest event or the newest roster that names it.</summary>
    public DateTimeOffset AliveAt { get; init; }

    /// <summary>Whether an operator's correction gives the end.</summary>
    public bool IsEndCorrected { get; init; }

    /// <summary>The beat that shows the end; null when something else does, or nothing.</summary>
    public DateTimeOffset? EndingBeatAt { get; init; }

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
    /// <param name="hostEvents">Boots, shutdowns and judged silences of that host from the same instant on.</param>
    /// <param name="beats">That host's beats.</param>
    /// <returns>One session for each logon epoch, oldest first.</returns>
    public static IReadOnlyList<ReducedSession> Reduce(
        TenantId tenant, IReadOnlyCollection<StoredEvent> sessionEvents, IReadOnlyCollection<StoredEvent> hostEvents, IBeatHistory beats)
    {
        var host = new HostStory(hostEvents.Order(EventOrder.Instance).Select(stored => stored.Event).ToList(), beats);
        var words = sessionEvents.Where(stored => stored.Event.Kind.IsOperatorWord()).OrderBy(stored => stored.Sequence).ToList();
        var epochs = LinkedSources.Group([.. sessionEvents.Where(stored => !stored.Event.Kind.IsOperatorWord())])
            .SelectMany(EpochsOf)
            .OrderBy(epoch => epoch.Events[0], EventOrder.Instance)
            .ToList();
        foreach (var word in words)
            epochs.Find(epoch => epoch.Events.Exists(stored => IsAbout(word.Event.Word!, stored.Event)))?.Words.Add(word);
        return epochs.ConvertAll(epoch => Fold(tenant, epoch, host));
    }

    private static bool IsAbout(OperatorWord word, LedgerEvent e) => e.Id == word.AboutId && e.Source == word.AboutSource;

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

    private static ReducedSession Fold(TenantId tenant, Epoch epoch, HostStory host)
    {
        var (aliveAt, shown, beatAt) = epoch.GoodbyeAt is { } goodbyeAt ? (goodbyeAt, null, null) : host.EndOf(epoch);
        var words = new OperatorWords(epoch.Words, epoch.BeginsAt, aliveAt);
        var corrected = words.CorrectedEnd;
        var fold = new EpochFold(tenant, words.StartAt, corrected?.At);
        foreach (var stored in epoch.Events)
            fold.Apply(stored);
        var said = corrected ?? words.ClosedEnd;
        if (!fold.IsOver && (said ?? shown) is { } end)
            fold.EndByInference(end);

        return fold.Result([.. epoch.Events, .. epoch.Words]) with
        {
            AliveAt = aliveAt,
            IsEndCorrected = corrected is not null,
            EndingBeatAt = said is null ? beatAt : null,
        };
    }
}
