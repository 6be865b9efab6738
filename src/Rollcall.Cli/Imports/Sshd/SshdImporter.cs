using System.Globalization;
using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.Sshd;

/// <summary>Reads what sshd wrote to syslog. One session is one process: its number is the OS session id.</summary>
/// <param name="zone">Of RFC 3164 lines; null refuses them.</param>
/// <param name="year">Of the first RFC 3164 line of each file; null refuses them.</param>
internal sealed class SshdImporter(TimeZoneInfo? zone, int? year) : ILogImporter
{
    private const string Format = "sshd";

    public IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally)
    {
        // The sessions of a rotated log go on in the next one, so the oldest is read first, however they were given.
        var desk = new SshdDesk(tally);
        foreach (var file in files.OrderBy(FirstTime).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            foreach (var imported in ReadOne(file, desk, tally))
                yield return imported;
        }
    }

    private IEnumerable<ImportedEvent> ReadOne(LogFile file, SshdDesk desk, Tally tally)
    {
        var years = year is null ? null : new YearCount(year.Value);
        var log = new SshdLog(new SshdClock(zone, years is null ? null : years.Of, tally), new Occurrences().Next, tally);
        foreach (var line in LineReader.Read(file, tally))
        {
            if (log.Take(line) is var (fact, message) && desk.Take(message, fact) is { } taken)
                yield return new ImportedEvent(taken, line.Spot);
        }
    }

    /// <summary>Enough to put rotated files in order; years and zones do not matter for that.</summary>
    private static DateTime FirstTime(LogFile file)
    {
        const int linesMax = 100;
        foreach (var line in LineReader.Read(file, new Tally()).Take(linesMax))
        {
            if (SyslogLine.TryParse(line.Text, out _) is { } syslog)
                return syslog.Instant?.UtcDateTime ?? syslog.Yearless!.Value;
        }

        return DateTime.MaxValue;
    }

    internal static string SourceOf(string host) => EventIds.SourceOf(Format, host);
}

/// <summary>A line of sshd placed in time.</summary>
/// <param name="Host">As syslog names it.</param>
/// <param name="Pid">Of the process that wrote it.</param>
/// <param name="At">UTC, whole milliseconds.</param>
/// <param name="Content">What makes the line itself: its time as written, host, process and text.</param>
/// <param name="Occurrence">From 1, among equal lines of the file.</param>
/// <param name="Spot">Where it stood.</param>
internal sealed record SshdFact(string Host, string Pid, DateTimeOffset At, string Content, int Occurrence, Spot Spot);

/// <summary>Reads one syslog file line by line in its order.</summary>
/// <param name="clock">Places its lines in time.</param>
/// <param name="occurrenceOf">Counts equal lines of the file, from 1.</param>
internal sealed class SshdLog(SshdClock clock, Func<string, int> occurrenceOf, Tally tally)
{
    /// <summary>Null for a line that says nothing of a logon.</summary>
    public (SshdFact Fact, SshdMessage Message)? Take(LogLine line)
    {
        if (SyslogLine.TryParse(line.Text, out var reason) is not { } syslog)
        {
            tally.Skip(reason, line.Spot);
            return null;
        }

        // The clock sees every line, other programs' too: each one helps to tell years and doubled hours apart.
        return clock.TryPlace(syslog, line.Spot) is var (at, asWritten) ? FactOf(syslog, at, asWritten, line.Spot) : null;
    }

    /// <summary>The same for a line that is already placed in time.</summary>
    /// <param name="asWritten">Its time as part of what makes the line itself.</param>
    public (SshdFact Fact, SshdMessage Message)? FactOf(SyslogLine syslog, DateTimeOffset at, string asWritten, Spot spot)
    {
        // From OpenSSH 9.8 on the part that speaks for a connection is called sshd-session.
        if (syslog.Program is not ("sshd" or "sshd-session") || syslog.Pid is null)
        {
            tally.Skip("another program's line", spot);
            return null;
        }

        if (SshdMessage.TryParse(syslog.Message) is not { } message)
        {
            tally.Skip("about no logon, logoff or attempt", spot);
            return null;
        }

        var content = $"{asWritten}|{syslog.Host}|{syslog.Pid}|{syslog.Message}";
        return (new SshdFact(syslog.Host, syslog.Pid, at, content, occurrenceOf(content), spot), message);
    }
}

/// <summary>Places syslog lines of one file in time.</summary>
/// <param name="zone">Of lines that carry none; null refuses them.</param>
/// <param name="yearOf">The year of a time without one; null refuses it.</param>
/// <param name="after">The time of the line before the first; null when there is none.</param>
internal sealed class SshdClock(TimeZoneInfo? zone, Func<DateTime, int>? yearOf, Tally tally, DateTimeOffset? after = null, Func<WrittenWithin>? written = null)
{
    private readonly LocalTimes? local = zone is null ? null : new LocalTimes(zone, tally, after) { Written = written };

    public (DateTimeOffset At, string AsWritten)? TryPlace(SyslogLine line, Spot spot)
    {
        if (line.Instant is { } instant)
            return (instant.ToMilliseconds(), instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));

        if (local is null || yearOf is null)
        {
            throw new UsageException(
                $"{spot} carries neither a year nor a time zone (RFC 3164): say --year (of the first line) and --time-zone (of the host, such as Europe/Paris).");
        }

        if (SyslogLine.InYear(line.Yearless!.Value, yearOf(line.Yearless.Value)) is not { } written)
        {
            tally.Skip("29 February in a year that has none; see --year", spot);
            return null;
        }

        return local.TryResolve(written, spot) is { } at ? (at, written.ToString("s", CultureInfo.InvariantCulture)) : null;
    }
}
