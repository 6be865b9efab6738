using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Cli.Imports.Sshd;

/// <summary>One syslog line in any of its three forms, taken apart but not yet placed in time.</summary>
/// <remarks>
/// RFC 3164 (month, day and time; no year, no zone), RFC 5424, and the file form of rsyslog: an RFC 3339 time before
/// an RFC 3164 tag, which is what Debian 12 writes by default.
/// </remarks>
internal sealed record SyslogLine
{
    public required string Host { get; init; }
    public required string Program { get; init; }

    /// <summary>Null when the tag carries none.</summary>
    public required string? Pid { get; init; }

    public required string Message { get; init; }

    /// <summary>The time as an instant; null in RFC 3164.</summary>
    public DateTimeOffset? Instant { get; init; }

    /// <summary>The time without a year; null in the other forms. Its year is a placeholder that has a 29 February.</summary>
    public DateTime? Yearless { get; init; }

    private const int PlaceholderYear = 2000;

    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    private static readonly Regex Legacy = new(
        @"^(<\d{1,3}>)?(?<time>(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d) (?<host>\S+) (?<rest>.*)$", Safe);

    private static readonly Regex Dated = new(@"^(<\d{1,3}>)?(?<time>\d{4}-\d\d-\d\dT\S+) (?<host>\S+) (?<rest>.*)$", Safe);

    private static readonly Regex Tagged = new(@"^(?<program>[^\s:\[]+)(\[(?<pid>\d+)\])?: (?<message>.*)$", Safe);

    private static readonly Regex Structured = new(
        @"^<\d{1,3}>1 (?<time>\S+) (?<host>\S+) (?<program>\S+) (?<pid>\S+) \S+ (?<rest>.*)$", Safe);

    /// <summary>Null when the line is no syslog, or names no time or no host; then the reason says which.</summary>
    public static SyslogLine? TryParse(string text, out string reason)
    {
        reason = "no syslog line";
        if (Structured.Match(text) is { Success: true } structured)
            return FromStructured(structured, ref reason);

        var dated = Dated.Match(text);
        var match = dated.Success ? dated : Legacy.Match(text);
        if (!match.Success || Tagged.Match(match.Groups["rest"].Value) is not { Success: true } tag)
            return null;

        var instant = dated.Success ? InstantOf(match.Groups["time"].Value) : null;
        var yearless = dated.Success ? null : YearlessOf(match.Groups["time"].Value);
        reason = "no time that can be read";
        return instant is null && yearless is null ? null : new SyslogLine
        {
            Host = match.Groups["host"].Value,
            Program = tag.Groups["program"].Value,
            Pid = tag.Groups["pid"].Success ? tag.Groups["pid"].Value : null,
            Message = tag.Groups["message"].Value,
            Instant = instant,
            Yearless = yearless,
        };
    }

    /// <summary>The yearless time in a year; null when that year lacks the day.</summary>
    public static DateTime? InYear(DateTime yearless, int year) =>
        yearless is { Month: 2, Day: 29 } && !DateTime.IsLeapYear(year)
            ? null
            : yearless.AddYears(year - PlaceholderYear);

    private static SyslogLine? FromStructured(Match match, ref string reason)
    {
        // A sender that knows no time or no host writes the nil value; neither may be made up.
        var instant = InstantOf(match.Groups["time"].Value);
        if (instant is null || match.Groups["host"].Value == "-")
        {
            reason = instant is null ? "no time that can be read" : "no host name";
            return null;
        }

        var pid = match.Groups["pid"].Value;
        return new SyslogLine
        {
            Host = match.Groups["host"].Value,
            Program = match.Groups["program"].Value,
            Pid = pid == "-" ? null : pid,
            Message = BehindStructuredData(match.Groups["rest"].Value),
            Instant = instant,
        };
    }

    /// <summary>Skips <c>-</c> or <c>[id name="value"]…</c>; a bracket within quotes is no end.</summary>
    private static string BehindStructuredData(string rest)
    {
        var (at, quoted) = (0, false);
        if (rest.StartsWith('['))
        {
            for (; at < rest.Length; at++)
            {
                if (rest[at] == '\\' && quoted)
                    at++;
                else if (rest[at] == '"')
                    quoted = !quoted;
                else if (rest[at] == ']' && !quoted && (at + 1 == rest.Length || rest[at + 1] != '['))
                    break;
            }
        }

        return at + 1 >= rest.Length ? "" : rest[(at + 1)..].TrimStart(' ', '\uFEFF');
    }

    private static DateTimeOffset? InstantOf(string text) =>
        text.Length is > 10 and <= 40 && text.AsSpan(10..).ContainsAny("Z+-")
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at)
            ? at
            : null;

    private static DateTime? YearlessOf(string text) =>
        DateTime.TryParseExact(
            $"{PlaceholderYear} {text.Replace("  ", " ", StringComparison.Ordinal)}",
            "yyyy MMM d HH:mm:ss",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var at)
            ? at
            : null;
}
