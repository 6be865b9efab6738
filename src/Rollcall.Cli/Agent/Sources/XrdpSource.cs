using System.IO.Enumeration;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>
/// Follows the logs of xrdp's three parts together. A line is told when no later line can change what it means, a few seconds after it was
/// written: then an import of the same logs makes the same events of it.
/// </summary>
internal sealed class XrdpSource : ISource
{
    /// <summary>How long until nothing that is still to be written can move an event: the logs' clocks differ by two seconds at most, and cut to the second.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(4);

    /// <summary>xorgxrdp logs followed at once: one for each display that was ever used.</summary>
    private const int DisplaysMax = 2_000;

    /// <summary>How far ahead of now a line may be: the server takes nothing later either.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    private readonly List<FollowedLog> logs = [];
    private readonly string? xorgGlob;
    private readonly TimeZoneInfo zone;
    private readonly AgentState resumed;
    private readonly XrdpLines lines;
    private DateTimeOffset newest;

    /// <param name="xorgGlob">Paths of xorgxrdp logs, with * in any part; null follows none.</param>
    public XrdpSource(string? sesman, string? xrdp, string? xorgGlob, TimeZoneInfo zone, XrdpLines lines, AgentState state)
    {
        (this.xorgGlob, this.zone, resumed, this.lines) = (xorgGlob, zone, state, lines);
        foreach (var path in new[] { sesman, xrdp }.OfType<string>())
            Follow(path, "xrdp", LinkPolicy.Follow);
    }

    public string Name => "xrdp";

    public bool HasMore => logs.Exists(l => l.Text.File.HasMore);

    public Tally Tally => lines.Tally;

    public IReadOnlyList<ImportedEvent> Poll(Moment now)
    {
        newest = now.At;
        FindDisplays();
        // Far behind, the log whose lines are oldest goes on, so that what belongs together is met together.
        var behind = logs.Where(l => l.Text.File.HasMore).MinBy(l => l.Text.LastAt ?? DateTimeOffset.MinValue);
        foreach (var log in behind is null ? logs : [behind])
            Read(log, now);

        return lines.Settled(logs.Select(l => l.Text.CompleteUntil(now.At)).Append(now.At).Min() - SettleTime, now);
    }

    public AgentState Keep(AgentState state)
    {
        foreach (var log in logs)
        {
            if (log.Keep() is { } kept)
                state.Files[log.Text.File.Path] = kept;
        }

        return lines.Keep(state);
    }

    public IEnumerable<SourceStatus> Describe()
    {
        foreach (var log in logs.Where(l => l.Kind == "xrdp"))
            yield return log.Text.Describe(log.Kind);

        if (xorgGlob is not null)
            yield return new SourceStatus { Kind = "xorgxrdp", Name = xorgGlob, State = "following", Reason = $"{logs.Count(l => l.Kind != "xrdp")} displays" };

        foreach (var log in logs.Where(l => l.Kind != "xrdp" && l.Text.File.Trouble is not null))
            yield return log.Text.Describe(log.Kind);
    }

    public void Dispose() => logs.ForEach(l => l.Text.Dispose());

    private void FindDisplays()
    {
        if (xorgGlob is null)
            return;

        foreach (var path in Globs.Expand(xorgGlob).Where(p => !logs.Exists(l => l.Text.File.Path == p)).Take(DisplaysMax - logs.Count))
            Follow(path, "xorgxrdp", LinkPolicy.Refuse);
    }

    private void Follow(string path, string kind, LinkPolicy links)
    {
        var bookmark = resumed.Files.GetValueOrDefault(path);
        logs.Add(new FollowedLog(kind, new FollowedText(path, Framing.Lines, links, bookmark, Tally), bookmark));
    }

    private void Read(FollowedLog log, Moment now)
    {
        var pieces = log.Text.File.Read(now);
        if (log.Text.BeganAnother() || log.Reader is null)
            log.Begin(zone, Tally, () => newest + AheadMax);

        foreach (var (bytes, spot) in pieces)
        {
            if (LineReader.TextOf(bytes.Span, spot, Tally) is not { } text || log.Reader!.Take(new LogLine(text, spot)) is not { } fact)
                continue;

            log.Text.LastAt = fact.At;
            lines.Add(fact);
        }
    }

    /// <summary>One log and its reader.</summary>
    private sealed class FollowedLog(string kind, FollowedText text, FileBookmark? resume)
    {
        private FileBookmark? resume = resume;

        public string Kind { get; } = kind;

        public FollowedText Text { get; } = text;

        public XrdpLog? Reader { get; private set; }

        public void Begin(TimeZoneInfo zone, Tally tally, Func<DateTimeOffset> latestAt)
        {
            Reader = new XrdpLog(zone, tally, content => Text.Occurrences.Next(content), Kind == "xrdp" ? null : Text.File.Owner, Text.LastAt) { LatestAt = latestAt };
            if (resume is { XorgDisplay: { } display, XorgSeconds: { } seconds, XorgAt: { } at, XorgLine: { } line })
                Reader.Start = new XorgStart(display, seconds, at, line);
            resume = null;
        }

        public FileBookmark? Keep() => Text.Keep() is { } kept && Reader?.Start is { } start
            ? kept with { XorgDisplay = start.Display, XorgSeconds = start.Seconds, XorgAt = start.At, XorgLine = start.Content }
            : Text.Keep();
    }
}

/// <summary>Paths with <c>*</c> and <c>?</c> in their parts.</summary>
internal static class Globs
{
    /// <summary>The files that are there; what may not be looked at is passed over.</summary>
    public static IEnumerable<string> Expand(string glob)
    {
        IEnumerable<string> found = ["/"];
        var parts = glob.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            var (part, isLast) = (parts[i], i == parts.Length - 1);
            found = part.AsSpan().ContainsAny('*', '?')
                ? found.SelectMany(folder => Within(folder, part, isLast))
                : found.Select(folder => Path.Combine(folder, part));
        }

        return found;
    }

    private static IEnumerable<string> Within(string folder, string pattern, bool files)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = 0, MatchType = MatchType.Simple };
        try
        {
            return files ? Directory.GetFiles(folder, pattern, options) : Directory.GetDirectories(folder, pattern, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
