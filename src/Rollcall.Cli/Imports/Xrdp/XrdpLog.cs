using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>Reads one log of an xrdp host, of any kind, line by line in its order.</summary>
/// <param name="zone">Of the host; null refuses lines that carry no offset.</param>
/// <param name="tally">Counts the lines that say nothing of use.</param>
/// <param name="occurrenceOf">Counts equal lines of the log, from 1.</param>
/// <param name="owner">The numeric id of the user whose file this is; null when that does not matter or nobody knows.</param>
/// <param name="after">The time of the line before the first; null when there is none.</param>
internal sealed class XrdpLog(TimeZoneInfo? zone, Tally tally, Func<string, int> occurrenceOf, uint? owner = null, DateTimeOffset? after = null)
{
    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    private const string TooLate = "a time that lies in the future";

    private static readonly Regex XorgStamped = new(@"^\[ *(?<seconds>\d{1,10}\.\d{3})\] (?<message>.*)$", Safe);

    private static readonly Regex XorgHead = new(
        @"^\(\+\+\) Log file: ""[^""]*\.xorgxrdp\.(?<display>\d+)\.log"", Time: (?<time>.+)$", Safe);

    /// <summary>Longest first line of an xorgxrdp log that is believed, in characters: each change of the display is known by it and holds it.</summary>
    private const int HeadLengthMax = 512;

    /// <summary>Longest text of a display's change, in characters.</summary>
    private const int ChangeLengthMax = 256;

    private LocalTimes? times;

    /// <summary>What the first line of an xorgxrdp log said; null in the other logs. Set it to go on in the middle of one.</summary>
    public XorgStart? Start { get; set; }

    /// <summary>The latest time that is believed; null believes any that can be written down.</summary>
    public Func<DateTimeOffset>? LatestAt { get; init; }

    /// <summary>Between which instants the line at hand was written; null when nobody watched.</summary>
    public Func<WrittenWithin>? Written { get; init; }

    private LocalTimes? Times => zone is null ? null : times ??= new LocalTimes(zone, tally, after) { Written = Written };

    /// <summary>Null for a line that says nothing of a session or a connection.</summary>
    public XrdpFact? Take(LogLine line) =>
        XorgStamped.Match(line.Text) is { Success: true } match ? FromXorg(match, line) : FromXrdp(line);

    /// <summary>As <see cref="Take"/>, of a log that its user may write to: it tells of its display, and of no logon.</summary>
    public DisplayChanged? TakeDisplay(LogLine line)
    {
        if (XorgStamped.Match(line.Text) is { Success: true } match)
            return FromXorg(match, line);

        tally.Skip("no line of an xorgxrdp log", line.Spot);
        return null;
    }

    private XrdpFact? FromXrdp(LogLine line)
    {
        if (XrdpLine.TrySplit(line.Text) is not { } split)
        {
            tally.Skip("no line of sesman.log, xrdp.log or an xorgxrdp log", line.Spot);
            return null;
        }

        if (PlaceOf(split.Time, line.Spot) is not { } at || !IsBelieved(at, line.Spot))
            return null;

        var content = line.Text.TrimEnd();
        var fact = XrdpLine.FactOf(split.Message, new FactLine(at, content, 1, line.Spot));
        if (fact is not null)
            return fact with { Line = fact.Line with { Occurrence = occurrenceOf(content) } };

        tally.Skip("about no session or connection", line.Spot);
        return null;
    }

    private DateTimeOffset? PlaceOf(string text, Spot spot)
    {
        var (instant, local) = XrdpLine.TimeOf(text);
        if (local is null)
        {
            if (instant is null)
                tally.Skip("no time that can be read", spot);

            return instant?.ToMilliseconds();
        }

        return Times is null ? throw NoZone(spot) : Times.TryResolve(local.Value, spot);
    }

    /// <summary>Xorg counts seconds since the machine started. Its first line says which display, and what the clock showed then.</summary>
    private DisplayChanged? FromXorg(Match match, LogLine line)
    {
        var (message, seconds) = (match.Groups["message"].Value, decimal.Parse(match.Groups["seconds"].Value, CultureInfo.InvariantCulture));
        if (XorgHead.Match(message) is { Success: true } head)
        {
            if (line.Text.Length > HeadLengthMax)
            {
                Start = null;
                tally.Skip("a first line of an xorgxrdp log that is longer than any", line.Spot);
                return null;
            }

            Start = StartOf(head, seconds, line);
            tally.Skip("the start of a display; its session has its own line", line.Spot);
            return null;
        }

        var attached = message.StartsWith("rdpClientConGotConnection: g_sck_accept ok", StringComparison.Ordinal);
        if (!attached && message != "rdpClientConDisconnect:")
        {
            tally.Skip("about no session or connection", line.Spot);
            return null;
        }

        if (message.Length > ChangeLengthMax)
        {
            tally.Skip("a change of a display with more text than xorgxrdp writes", line.Spot);
            return null;
        }

        if (Start is null || seconds < Start.Seconds)
        {
            tally.Skip("no time: the first line of this xorgxrdp log, which gives it, is missing", line.Spot);
            return null;
        }

        if (PlaceAfter(Start, seconds, line.Spot) is not { } at)
            return null;

        var content = $"{Start.Content}|{match.Groups["seconds"].Value}|{message}";
        return new DisplayChanged(new FactLine(at, content, 1, line.Spot), Start.Display, Start.At, attached) { Owner = owner };
    }

    private XorgStart? StartOf(Match head, decimal seconds, LogLine line)
    {
        var text = string.Join(' ', head.Groups["time"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (!DateTime.TryParseExact(text, "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return null;

        if (Times is null)
            throw NoZone(line.Spot);

        return Times.TryResolve(local, line.Spot) is { } at && IsBelieved(at, line.Spot)
            ? new XorgStart(head.Groups["display"].Value, seconds, at, line.Text)
            : null;
    }

    /// <summary>The clock of the first line shows whole seconds, so every time here is up to a second early. Any user writes such a log, with any number.</summary>
    private DateTimeOffset? PlaceAfter(XorgStart start, decimal seconds, Spot spot)
    {
        var milliseconds = (long)((seconds - start.Seconds) * 1000);
        if (milliseconds > (DateTimeOffset.MaxValue - start.At).TotalMilliseconds - 1)
        {
            tally.Skip(TooLate, spot);
            return null;
        }

        var at = start.At.AddMilliseconds(milliseconds);
        return IsBelieved(at, spot) ? at : null;
    }

    private bool IsBelieved(DateTimeOffset at, Spot spot)
    {
        if (LatestAt is null || at <= LatestAt())
            return true;

        tally.Skip(TooLate, spot);
        return false;
    }

    private static UsageException NoZone(Spot spot) =>
        new($"{spot} gives a local time without a zone: say --time-zone, the zone of the host, such as Europe/Paris.");
}

/// <summary>The first line of an xorgxrdp log: which display, and what two clocks showed then.</summary>
/// <param name="Seconds">Since the machine started.</param>
internal sealed record XorgStart(string Display, decimal Seconds, DateTimeOffset At, string Content);
