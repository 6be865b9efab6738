using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>Reads the logs of one xrdp host, of any kind and in any order, into facts.</summary>
/// <param name="zone">Of the host; null refuses lines that carry no offset.</param>
/// <param name="tally">Counts the lines that say nothing of use.</param>
internal sealed class XrdpReader(TimeZoneInfo? zone, Tally tally)
{
    /// <summary>Facts held at once, for the three logs have to be joined. A host with more has years of logs: import them in parts.</summary>
    private const int FactsMax = 4_000_000;

    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    private static readonly Regex XorgStamped = new(@"^\[ *(?<seconds>\d{1,10}\.\d{3})\] (?<message>.*)$", Safe);

    private static readonly Regex XorgHead = new(
        @"^\(\+\+\) Log file: ""[^""]*\.xorgxrdp\.(?<display>\d+)\.log"", Time: (?<time>.+)$", Safe);

    private readonly HashSet<(string Content, int Occurrence)> seen = [];
    private readonly List<XrdpFact> facts = [];

    /// <summary>The facts of each file in the file's order, the oldest file first; a line that two files share counts once.</summary>
    public List<XrdpFact> Read(IReadOnlyList<LogFile> files)
    {
        var parts = new List<List<XrdpFact>>();
        foreach (var file in files.OrderBy(f => f.Name, StringComparer.Ordinal))
            parts.Add(ReadOne(file));

        foreach (var part in parts.Where(p => p.Count > 0).OrderBy(p => p[0].At))
            facts.AddRange(part.Where(IsNew));

        return facts;
    }

    private bool IsNew(XrdpFact fact)
    {
        if (seen.Add((fact.Line.Content, fact.Line.Occurrence)))
            return true;

        tally.Skip("read already in another of the files", fact.Line.Spot);
        return false;
    }

    private List<XrdpFact> ReadOne(LogFile file)
    {
        var part = new List<XrdpFact>();
        var times = zone is null ? null : new LocalTimes(zone, tally);
        var occurrences = new Occurrences();
        XorgStart? xorg = null;
        foreach (var line in LineReader.Read(file, tally))
        {
            if (part.Count >= FactsMax)
                throw new UsageException($"{file.Name} holds more than {FactsMax} lines about sessions: import it in parts.");

            var fact = XorgStamped.Match(line.Text) is { Success: true } match
                ? FromXorg(match, line, times, ref xorg)
                : FromXrdp(line, times, occurrences);
            if (fact is not null)
                part.Add(fact);
        }

        return part;
    }

    private XrdpFact? FromXrdp(LogLine line, LocalTimes? times, Occurrences occurrences)
    {
        if (XrdpLine.TrySplit(line.Text) is not { } split)
        {
            tally.Skip("no line of sesman.log, xrdp.log or an xorgxrdp log", line.Spot);
            return null;
        }

        if (PlaceOf(split.Time, line.Spot, times) is not { } at)
            return null;

        var content = line.Text.TrimEnd();
        var fact = XrdpLine.FactOf(split.Message, new FactLine(at, content, 1, line.Spot));
        if (fact is not null)
            return fact with { Line = fact.Line with { Occurrence = occurrences.Next(content) } };

        tally.Skip("about no session or connection", line.Spot);
        return null;
    }

    private DateTimeOffset? PlaceOf(string text, Spot spot, LocalTimes? times)
    {
        var (instant, local) = XrdpLine.TimeOf(text);
        if (local is null)
        {
            if (instant is null)
                tally.Skip("no time that can be read", spot);

            return instant?.ToMilliseconds();
        }

        return times is null ? throw NoZone(spot) : times.TryResolve(local.Value, spot);
    }

    /// <summary>Xorg counts seconds since the machine started. Its first line says which display, and what the clock showed then.</summary>
    private DisplayChanged? FromXorg(Match match, LogLine line, LocalTimes? times, ref XorgStart? start)
    {
        var (message, seconds) = (match.Groups["message"].Value, decimal.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture));
        if (XorgHead.Match(message) is { Success: true } head)
        {
            start = StartOf(head, seconds, line, times);
            tally.Skip("the start of a display; its session has its own line", line.Spot);
            return null;
        }

        var attached = message.StartsWith("rdpClientConGotConnection: g_sck_accept ok", StringComparison.Ordinal);
        if (!attached && message != "rdpClientConDisconnect:")
        {
            tally.Skip("about no session or connection", line.Spot);
            return null;
        }

        if (start is null || seconds < start.Seconds)
        {
            tally.Skip("no time: the first line of this xorgxrdp log, which gives it, is missing", line.Spot);
            return null;
        }

        // The clock of the first line shows whole seconds, so every time here is up to a second early.
        var at = start.At.AddMilliseconds((long)((seconds - start.Seconds) * 1000));
        var content = $"{start.Content}|{match.Groups["seconds"].Value}|{message}";
        return new DisplayChanged(new FactLine(at, content, 1, line.Spot), start.Display, start.At, attached);
    }

    private XorgStart? StartOf(Match head, decimal seconds, LogLine line, LocalTimes? times)
    {
        var text = string.Join(' ', head.Groups["time"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (!DateTime.TryParseExact(text, "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return null;

        if (times is null)
            throw NoZone(line.Spot);

        return times.TryResolve(local, line.Spot) is { } at
            ? new XorgStart(head.Groups["display"].Value, seconds, at, line.Text)
            : null;
    }

    private static UsageException NoZone(Spot spot) =>
        new($"{spot} gives a local time without a zone: say --time-zone, the zone of the host, such as Europe/Paris.");

    private sealed record XorgStart(string Display, decimal Seconds, DateTimeOffset At, string Content);
}
