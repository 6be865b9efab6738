using Rollcall.Core.Events;

namespace Rollcall.Core.Sessions;

/// <summary>The events of one logon, in order.</summary>
internal sealed class Epoch
{
    private bool isInitializing;

    public List<StoredEvent> Events { get; } = [];

    /// <summary>What operators said of this session, in the order in which they said it.</summary>
    public List<StoredEvent> Words { get; } = [];

    public string? BootId { get; private set; }

    /// <summary>When the next logon in the same OS session began; null when none did.</summary>
    public DateTimeOffset? SupersededAt { get; set; }

    public (DateTimeOffset At, string User)? Logon { get; private set; }

    public DateTimeOffset BeginsAt => Events[0].Event.At;

    /// <summary>The newest event; a host's roster may show life after it.</summary>
    public DateTimeOffset LastEventAt => Events[^1].Event.At;

    /// <summary>The goodbye or failure that was reported, after which nothing counts; null when none was.</summary>
    public DateTimeOffset? GoodbyeAt => Events.Select(stored => stored.Event).FirstOrDefault(e => e is { Kind: EventKind.SessionFailed } or { Kind: EventKind.SessionEnded, EndLatest: null })?.At;

    public string OsSessionId => Events[0].Event.OsSessionId!;

    /// <summary>The folded plain name of the session's user.</summary>
    public string UserKey => NameKey.OfPlain(Events.Select(stored => stored.Event.User).FirstOrDefault(user => user is not null) ?? string.Empty);

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
