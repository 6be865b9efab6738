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
        var clock = new SshdClock(zone, year, tally);
        var occurrences = new Occurrences();
        foreach (var line in LineReader.Read(file, tally))
        {
            if (SyslogLine.TryParse(line.Text, out var reason) is not { } syslog)
            {
                tally.Skip(reason, line.Spot);
                continue;
            }

            // The clock sees every line, other programs' too: each one helps to tell years and doubled hours apart.
            if (clock.TryPlace(syslog, line.Spot) is not { } placed)
                continue;

            if (MessageOf(syslog, line.Spot, tally) is not { } message)
                continue;

            var content = $"{placed.AsWritten}|{syslog.Host}|{syslog.Pid}|{syslog.Message}";
            var fact = new SshdFact(syslog.Host, syslog.Pid!, placed.At, content, occurrences.Next(content), line.Spot);
            if (desk.Take(message, fact) is { } taken)
                yield return new ImportedEvent(taken, line.Spot);
        }
    }

    private static SshdMessage? MessageOf(SyslogLine line, Spot spot, Tally tally)
    {
        // From OpenSSH 9.8 on the part that speaks for a connection is called sshd-session.
        if (line.Program is not ("sshd" or "sshd-session") || line.Pid is null)
        {
            tally.Skip("another program's line", spot);
            return null;
        }

        var message = SshdMessage.TryParse(line.Message);
        if (message is null)
            tally.Skip("about no logon, logoff or attempt", spot);

        return message;
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

/// <summary>Places syslog lines of one file in time.</summary>
internal sealed class SshdClock(TimeZoneInfo? zone, int? year, Tally tally)
{
    private readonly LocalTimes? local = zone is null ? null : new LocalTimes(zone, tally);
    private readonly YearCount? years = year is null ? null : new YearCount(year.Value);

    public (DateTimeOffset At, string AsWritten)? TryPlace(SyslogLine line, Spot spot)
    {
        if (line.Instant is { } instant)
            return (instant.ToMilliseconds(), instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));

        if (local is null || years is null)
        {
            throw new UsageException(
                $"{spot} carries neither a year nor a time zone (RFC 3164): say --year (of the first line) and --time-zone (of the host, such as Europe/Paris).");
        }

        if (SyslogLine.InYear(line.Yearless!.Value, years.Of(line.Yearless.Value)) is not { } written)
        {
            tally.Skip("29 February in a year that has none; see --year", spot);
            return null;
        }

        return local.TryResolve(written, spot) is { } at ? (at, written.ToString("s", CultureInfo.InvariantCulture)) : null;
    }
}
