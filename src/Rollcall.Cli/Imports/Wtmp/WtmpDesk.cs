using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.Wtmp;

/// <summary>Remembers who is logged on at which line and says what each login record makes of it.</summary>
/// <param name="host">Whose records these are: they do not say.</param>
/// <param name="withTerminals">Takes terminal windows inside an X display for logons too.</param>
/// <param name="leaves">Why a logon is another source's to tell; null when it is not. Null leaves none.</param>
internal sealed class WtmpDesk(string host, bool withTerminals, Func<WtmpRecord, string?>? leaves = null)
{
    private readonly string source = EventIds.SourceOf("wtmp", host);
    private readonly Dictionary<string, WtmpLogon> open = [];

    /// <summary>The logons without an end so far.</summary>
    public IEnumerable<WtmpLogon> Open => open.Values;

    /// <summary>Takes up what an earlier desk left.</summary>
    public void Resume(IEnumerable<WtmpLogon> logons)
    {
        foreach (var logon in logons)
            open[logon.Line] = logon;
    }

    /// <summary>Null when the record makes no event; then it was counted.</summary>
    /// <param name="occurrenceOf">Counts equal records of the file, from 1.</param>
    public LedgerEvent? Take(WtmpRecord record, Func<string, int> occurrenceOf, Spot spot, Tally tally)
    {
        var content = $"{record.Type}|{record.Line}|{record.Pid}|{record.User}|{record.At:O}";
        var id = new RecordId(content, occurrenceOf(content));
        if (record.At is not { } at)
        {
            tally.Skip("no time", spot);
            return null;
        }

        switch (record)
        {
            case { Type: WtmpType.UserProcess }:
                return Start(record, at, id, spot, tally);
            case { Type: WtmpType.DeadProcess }:
                return End(record, at, id, spot, tally);
            case { Type: WtmpType.BootTime }:
                open.Clear();
                return HostEvent(EventTypes.HostStarted, at, id, Rank.HostStarted);
            case { Type: WtmpType.RunLevel, User: "shutdown" }:
                return HostEvent(EventTypes.HostStopped, at, id, Rank.HostStopped);
            default:
                tally.Skip("no logon, logoff, boot or shutdown", spot);
                return null;
        }
    }

    private LedgerEvent? Start(WtmpRecord record, DateTimeOffset at, RecordId id, Spot spot, Tally tally)
    {
        if (record.User.Length == 0 || record.Line.Length == 0)
        {
            tally.Skip("a logon without a user or a line", spot);
            return null;
        }

        var notTaken = !withTerminals && IsTerminalWindow(record)
            ? "a terminal window inside another session, no logon of its own (--terminals takes them)"
            : leaves?.Invoke(record);
        open[record.Line] = new WtmpLogon(record.Line, record.Pid, record.User, at, notTaken is null);
        if (notTaken is not null)
        {
            tally.Skip(notTaken, spot);
            return null;
        }

        return SessionEvent(EventTypes.SessionStarted, record, record.User, at, id, Rank.Began) with
        {
            Data = DataOf(record.Line, record.User) with { Client = ClientOf(record) },
        };
    }

    private LedgerEvent? End(WtmpRecord record, DateTimeOffset at, RecordId id, Spot spot, Tally tally)
    {
        // The record of an end names no user. A line that meanwhile serves another process is somebody else's.
        if (!open.TryGetValue(record.Line, out var logon) || logon.Pid != record.Pid)
        {
            tally.Skip("an end whose logon these files do not hold", spot);
            return null;
        }

        open.Remove(record.Line);
        if (logon.Taken)
            return SessionEvent(EventTypes.SessionEnded, record, logon.User, at, id, Rank.OfEnd(at, logon.At));

        tally.Skip(leaves is null ? "the end of a terminal window inside another session" : "the end of a terminal window, or of a logon that another source tells of", spot);
        return null;
    }

    /// <summary>
    /// An xterm and its kin note each window on a pseudo terminal, with the display (<c>:10.0</c>) or the multiplexer
    /// (<c>tmux(…)</c>) where the client would stand. A display manager notes its display on a real line, such as tty7.
    /// </summary>
    private static bool IsTerminalWindow(WtmpRecord record) =>
        record.Line.StartsWith("pts/", StringComparison.Ordinal)
        && (record.Host.StartsWith(':') || record.Host.StartsWith("tmux(", StringComparison.Ordinal));

    private static EventClient? ClientOf(WtmpRecord record)
    {
        var named = record.Host.Length > 0 && !record.Host.StartsWith(':') && ClientAddress.IpOf(record.Host) is null;
        return ClientAddress.From(record.Address ?? record.Host, named ? record.Host : null);
    }

    private LedgerEvent SessionEvent(string type, WtmpRecord record, string user, DateTimeOffset at, RecordId id, int rank) =>
        HostEvent(type, at, id, rank) with { Data = DataOf(record.Line, user) };

    private LedgerEvent HostEvent(string type, DateTimeOffset at, RecordId id, int rank) => new()
    {
        Id = EventIds.Of(source, id.Content, id.Occurrence, rank),
        Source = source,
        Type = type,
        Time = at,
        Data = new EventData { Host = new EventHost { Name = host } },
    };

    // No protocol: the record says which line was used, not by which program.
    private EventData DataOf(string line, string user) => new()
    {
        Host = new EventHost { Name = host },
        OsSessionId = line,
        User = user,
    };

    private readonly record struct RecordId(string Content, int Occurrence);
}

/// <summary>A logon at a line that has no end yet.</summary>
/// <param name="Taken">It made an event, and so will its end.</param>
internal sealed record WtmpLogon(string Line, int Pid, string User, DateTimeOffset At, bool Taken);
