using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.Wtmp;

/// <summary>Reads login records. One logon is one terminal line: its name is the OS session id.</summary>
/// <param name="host">Whose records these are: the file does not say.</param>
/// <param name="withTerminals">Takes terminal windows inside an X display for logons too.</param>
internal sealed class WtmpImporter(string host, bool withTerminals) : ILogImporter
{
    private readonly string source = EventIds.SourceOf("wtmp", host);
    private readonly Dictionary<string, Logon> open = [];

    public IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally)
    {
        // A logon of a rotated file may end in the next one, so the oldest is read first, however they were given.
        foreach (var file in files.OrderBy(FirstTime).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            var occurrences = new Occurrences();
            foreach (var (record, spot) in WtmpReader.Read(file, tally))
            {
                var content = $"{record.Type}|{record.Line}|{record.Pid}|{record.User}|{record.At:O}";
                var id = new RecordId(content, occurrences.Next(content));
                if (Take(record, id, spot, tally) is { } taken)
                    yield return new ImportedEvent(taken, spot);
            }
        }
    }

    private LedgerEvent? Take(WtmpRecord record, RecordId id, Spot spot, Tally tally)
    {
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

        var taken = withTerminals || !IsTerminalWindow(record);
        open[record.Line] = new Logon(record.Pid, record.User, at, taken);
        if (!taken)
        {
            tally.Skip("a terminal window inside another session, no logon of its own (--terminals takes them)", spot);
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

        tally.Skip("the end of a terminal window inside another session", spot);
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

    private static DateTimeOffset FirstTime(LogFile file) =>
        WtmpReader.Read(file, new Tally()).Select(r => r.Record.At).FirstOrDefault(at => at is not null) ?? DateTimeOffset.MaxValue;

    private sealed record Logon(int Pid, string User, DateTimeOffset At, bool Taken);

    private readonly record struct RecordId(string Content, int Occurrence);
}

/// <summary>Cuts a file into login records.</summary>
internal static class WtmpReader
{
    public static IEnumerable<(WtmpRecord Record, Spot Spot)> Read(LogFile file, Tally tally)
    {
        using var stream = file.Open();
        var bytes = new byte[WtmpRecord.SizeBytes];
        for (long number = 1; ; number++)
        {
            var spot = new Spot(file.Name, number);
            var count = TryFill(stream, bytes);
            if (count == 0)
                yield break;

            if (count < 0)
            {
                tally.Break("the file breaks off: it cannot be read further", spot);
                yield break;
            }

            if (count != bytes.Length)
            {
                tally.Skip("a record cut short at the end of the file", spot);
                yield break;
            }

            if (WtmpRecord.TryParse(bytes) is { } record)
                yield return (record, spot);
            else
                tally.Skip("not a login record", spot);
        }
    }

    /// <summary>Bytes read, less than the buffer at the end; -1 when the file cannot be read.</summary>
    private static int TryFill(Stream stream, byte[] bytes)
    {
        try
        {
            return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return -1;
        }
    }
}
