using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Follows the sessions of one host through its records, which are in order.</summary>
/// <remarks>One form of a log knows whole seconds, another milliseconds: ranks compare seconds, so that an event has the same id in all.</remarks>
internal sealed class LsmDesk(List<LsmRecord> records, Tally tally)
{
    /// <summary>How long a logon may take from arbitration to success.</summary>
    private static readonly TimeSpan LogonMax = TimeSpan.FromMinutes(5);

    /// <summary>One detach is written up to three times (39, 40, 24) within this time.</summary>
    private static readonly TimeSpan DetachMax = TimeSpan.FromSeconds(10);

    private readonly HostBoots boots = new(records);
    private readonly Dictionary<string, State> sessions = [];
    private readonly Dictionary<string, int[]> bySession = Enumerable.Range(0, records.Count)
        .GroupBy(i => records[i].Log == WindowsLog.Sessions ? records[i].SessionId ?? "" : "", StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);

    public IEnumerable<ImportedEvent> Read()
    {
        for (var i = 0; i < records.Count; i++)
        {
            if (EventOf(records[i], i) is { } made)
                yield return new ImportedEvent(made, records[i].Spot);
        }
    }

    private LedgerEvent? EventOf(LsmRecord record, int index) => record.EventId switch
    {
        _ when record.Log == WindowsLog.System => HostEvent(record),
        LsmEventId.Logon => Start(record),
        LsmEventId.Logoff => End(record),
        LsmEventId.Reconnect => Reconnect(record),
        LsmEventId.Disconnect or LsmEventId.DisconnectReason or LsmEventId.DisconnectBy => Detach(record, index),
        LsmEventId.ArbitrationBegin => Initialize(record, index),
        LsmEventId.Shutdown => boots.Stop(record, out var again) is null ? Skip(record, again) : Make(record, EventTypes.HostStopped, Rank.HostStopped),
        LsmEventId.Shell => Skip(record, "event 22 (shell started) says again what event 21 said"),
        LsmEventId.ArbitrationEnd => Skip(record, "event 42 (arbitration ended) says nothing of its outcome"),
        _ => Skip(record, $"event {record.EventId} is about no session"),
    };

    private LedgerEvent? HostEvent(LsmRecord record)
    {
        var type = boots.TypeOf(record, out var reason);
        if (type is null)
            return Skip(record, reason);

        if (type == EventTypes.HostStopped)
            return Make(record, type, Rank.HostStopped);

        // Numbers are given out anew: what was known of one belongs to the boot before.
        sessions.Clear();
        return Make(record, type, Rank.HostStarted);
    }

    private LedgerEvent? Start(LsmRecord record)
    {
        if (record is not { SessionId: { } id, User: { } user })
            return SkipNameless(record);

        boots.LoggedOn();
        sessions[id] = new State(user) { BeganAt = record.At, AttachedAt = record.At };
        return Make(record, EventTypes.SessionStarted, Rank.Began, user, withClient: true);
    }

    private LedgerEvent? Reconnect(LsmRecord record)
    {
        if (record is not { SessionId: { } id, User: { } user })
            return SkipNameless(record);

        boots.Alive();
        var before = sessions.GetValueOrDefault(id);
        sessions[id] = new State(user) { BeganAt = before?.BeganAt, AttachedAt = record.At };
        return Make(record, EventTypes.SessionReconnected, Rank.Attached, user, withClient: true);
    }

    private LedgerEvent? End(LsmRecord record)
    {
        if (record is not { SessionId: { } id, User: { } user })
            return SkipNameless(record);

        boots.Alive();
        var state = sessions.GetValueOrDefault(id);
        sessions[id] = new State(user) { Ended = true };
        return Make(record, EventTypes.SessionEnded, Rank.OfEnd(record.At.ToSeconds(), state?.BeganAt?.ToSeconds()), user);
    }

    private LedgerEvent? Detach(LsmRecord record, int index)
    {
        if (record.SessionId is not { } id)
            return SkipNameless(record);

        var state = sessions.GetValueOrDefault(id);
        if (state is { Ended: true })
            return Skip(record, "a disconnect after the logoff that caused it");

        // Later than that it is another client's: its attach is missing from the files, not its detach.
        if (state?.DetachedAt is { } detached && record.At - detached <= DetachMax)
            return Skip(record, "says again that the same client went");

        // Event 40 comes first and has the reason, but names nobody: the session's neighbours do.
        var user = record.User ?? NextUser(record, index) ?? state?.User;
        if (user is null)
            return Skip(record, "a disconnect of a session whose user the files do not name");

        boots.Alive();
        sessions[id] = new State(user) { BeganAt = state?.BeganAt, AttachedAt = state?.AttachedAt, DetachedAt = record.At };
        var made = Make(record, EventTypes.SessionDisconnected, Rank.OfDetach(record.At.ToSeconds(), state?.AttachedAt?.ToSeconds()), user);
        return made with { Data = made.Data with { Reason = ReasonOf(record, index) } };
    }

    private string? NextUser(LsmRecord record, int index) =>
        Following(record, index).TakeWhile(r => r.EventId != LsmEventId.Logon).FirstOrDefault(r => r.User is not null)?.User;

    /// <summary>The reason code, wherever in the group of records about this detach it stands.</summary>
    private string? ReasonOf(LsmRecord record, int index)
    {
        var group = Following(record, index)
            .TakeWhile(r => r.EventId is LsmEventId.Disconnect or LsmEventId.DisconnectReason or LsmEventId.DisconnectBy)
            .Prepend(record)
            .ToList();
        var code = group.Find(r => r.EventId == LsmEventId.DisconnectReason)?.Detail;
        if (code is not null)
            return LsmReason.Of(code);

        var by = group.Find(r => r.EventId == LsmEventId.DisconnectBy)?.Detail;
        return by is null ? null : $"disconnected by session {by}";
    }

    private LedgerEvent? Initialize(LsmRecord record, int index)
    {
        // Arbitration also happens for a client that comes back, under a number that never becomes a session. Only
        // the logon that follows shows that this was the request for it; an Initializing that nothing ends would be a lie.
        var next = record.SessionId is null
            ? null
            : Following(record, index, LogonMax).FirstOrDefault(r => r.EventId != LsmEventId.ArbitrationEnd);
        if (next is not { EventId: LsmEventId.Logon, User: { } user } || user != record.User)
            return Skip(record, "event 41 (arbitration began) that no logon of the same session followed");

        boots.LoggedOn();
        return Make(record, EventTypes.SessionInitializing, Rank.Initializing, user);
    }

    private IEnumerable<LsmRecord> Following(LsmRecord record, int index, TimeSpan? within = null)
    {
        var indexes = bySession[record.SessionId ?? ""];
        var place = Array.BinarySearch(indexes, index) + 1;
        return indexes.Skip(place).Select(i => records[i]).TakeWhile(r => r.At - record.At <= (within ?? DetachMax));
    }

    private LedgerEvent? Skip(LsmRecord record, string reason)
    {
        tally.Skip(reason, record.Spot);
        return null;
    }

    private LedgerEvent? SkipNameless(LsmRecord record) => Skip(record, record.IsCutShort
        ? "ConvertTo-Json cut the values short, and the message is not English: say -Depth 4"
        : "names no user or no session");

    private LedgerEvent Make(LsmRecord record, string type, int rank, string? user = null, bool withClient = false)
    {
        var source = EventIds.SourceOf("windows-lsm", record.Host);
        var isSession = user is not null;
        return new LedgerEvent
        {
            Id = EventIds.Of(source, record.Content, occurrence: 1, rank),
            Source = source,
            Type = type,
            Time = record.At,
            Data = new EventData
            {
                Host = new EventHost { Name = record.Host, BootId = boots.BootId },
                OsSessionId = isSession ? record.SessionId : null,
                User = user,
                Protocol = withClient ? LsmReason.ProtocolOf(record.Address) : null,
                Client = withClient ? ClientAddress.From(record.Address) : null,
            },
        };
    }

    /// <summary>A session as the records so far show it. Instants are null when they do not show them.</summary>
    private sealed record State(string User)
    {
        public DateTimeOffset? BeganAt { get; init; }
        public DateTimeOffset? AttachedAt { get; init; }
        public DateTimeOffset? DetachedAt { get; init; }
        public bool Ended { get; init; }
    }
}
