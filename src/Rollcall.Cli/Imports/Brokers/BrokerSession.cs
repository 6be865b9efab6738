using System.Globalization;
using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.Brokers;

/// <summary>What a broker says of a session's end.</summary>
internal enum BrokerEnd
{
    /// <summary>The session goes on.</summary>
    Open,

    /// <summary>It ended, at the time given.</summary>
    Told,

    /// <summary>It is over, but nobody wrote down when.</summary>
    Unknown,

    /// <summary>The export does not say whether it goes on.</summary>
    Unsaid,

    /// <summary>It never came about.</summary>
    Failed,
}

/// <summary>What a row without an end is taken for when the export does not say whether it goes on (ADR 0007).</summary>
internal enum UnsaidEnd
{
    /// <summary>Over, at a time that nobody wrote down.</summary>
    Unknown,

    /// <summary>Going on.</summary>
    Open,
}

/// <summary>One session as a broker's history has it: one row, one session.</summary>
internal sealed record BrokerSession
{
    /// <summary>The broker's own id of the session, made so that no number of the host's operating system equals it.</summary>
    public required string Id { get; init; }

    public required string Host { get; init; }
    public string? HostIp { get; init; }
    public required string User { get; init; }
    public required DateTimeOffset StartAt { get; init; }
    public DateTimeOffset? EndAt { get; init; }
    public required BrokerEnd End { get; init; }
    public string? Protocol { get; init; }
    public EventClient? Client { get; init; }
    public EventFailure? Failure { get; init; }
    public required Spot Spot { get; init; }
}

/// <summary>Turns a broker's sessions into events. A row that gets its end later keeps the id of its start.</summary>
/// <param name="format">What the import is called; part of the events' source.</param>
/// <param name="readAt">When the export is read: what it says is over was over by then.</param>
/// <param name="unsaid">What a row is taken for that has no end and does not say whether it goes on.</param>
internal sealed class BrokerEvents(string format, DateTimeOffset readAt, UnsaidEnd unsaid, Tally tally)
{
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    public IEnumerable<ImportedEvent> Of(BrokerSession session)
    {
        var events = Told(session).Where(e => seen.Add($"{e.Source}\n{e.Id}")).ToList();
        if (events.Count == 0)
            tally.Skip("the same row again", session.Spot);

        return events.Select(e => new ImportedEvent(e, session.Spot));
    }

    private IEnumerable<LedgerEvent> Told(BrokerSession session)
    {
        var isFailed = session.End == BrokerEnd.Failed;

        // A failure behind a start of the same instant, should an older export have had the row as a session.
        var began = Make(session, isFailed ? EventTypes.SessionFailed : EventTypes.SessionStarted, session.StartAt, isFailed ? Rank.EndOfSame : Rank.Began);
        yield return began with
        {
            Data = began.Data with { Protocol = session.Protocol, Client = session.Client, Failure = isFailed ? session.Failure ?? new EventFailure() : null },
        };

        if (session.EndAt is { } end && end < session.StartAt)
            tally.Skip("an end before its start", session.Spot);
        else if (session is { End: BrokerEnd.Told, EndAt: { } at })
            yield return Make(session, EventTypes.SessionEnded, at, Rank.OfEnd(at, session.StartAt));
        else if (session.End == BrokerEnd.Unknown)
            yield return UnknownEnd(session, "over, but its end was never written down: sent as ended at an unknown time");
        else if (session.End == BrokerEnd.Unsaid && unsaid == UnsaidEnd.Unknown)
            yield return UnknownEnd(session, "without an end, and the table does not say whether it goes on: sent as ended at an unknown time");
        else if (session.End == BrokerEnd.Unsaid)
            tally.Note("without an end, and the table does not say whether it goes on: sent without an end", session.Spot);
    }

    /// <summary>Over, but nobody wrote down when: after its start and before this import. Its id has no time, so that another import adds none.</summary>
    private LedgerEvent UnknownEnd(BrokerSession session, string note)
    {
        tally.Note(note, session.Spot);
        var ended = Make(session, EventTypes.SessionEnded, session.StartAt, Rank.EndOfSame);
        return ended with { Data = ended.Data with { EndTimeSource = "unknown", EndTimeLatest = readAt } };
    }

    private LedgerEvent Make(BrokerSession session, string type, DateTimeOffset at, int rank)
    {
        var source = EventIds.SourceOf(format, session.Host);
        var start = session.StartAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var content = type == EventTypes.SessionEnded ? $"{session.Id}|{session.User}|{start}|{at.ToUnixTimeMilliseconds()}" : $"{session.Id}|{session.User}|{start}";
        return new LedgerEvent
        {
            Id = EventIds.Of(source, content, occurrence: 1, rank),
            Source = source,
            Type = type,
            Time = at,
            Data = new EventData
            {
                Host = new EventHost { Name = session.Host, Ip = session.HostIp },
                OsSessionId = session.Id,
                User = session.User,
            },
        };
    }
}
