using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>One of xrdp's logs and its reader.</summary>
/// <param name="resume">Where an earlier run stopped; null when none read it.</param>
internal sealed class FollowedLog(FollowedText text, FileBookmark? resume) : IDisposable
{
    /// <summary>How far ahead of now a line may be: the server takes nothing later either.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    private FileBookmark? resume = resume;
    private DateTimeOffset newest;

    public FollowedText Text { get; } = text;

    public XrdpLog? Reader { get; private set; }

    /// <summary>The next lines; <see cref="Reader"/> is there to take them.</summary>
    public IEnumerable<LogLine> Read(TimeZoneInfo zone, Tally tally, Moment now, int bytesMax = int.MaxValue)
    {
        newest = now.At;
        var pieces = Text.Read(now, bytesMax);
        if (Text.BeganAnother() || Reader is null)
            Begin(zone, tally);

        foreach (var (bytes, spot) in pieces)
        {
            if (LineReader.TextOf(bytes.Span, spot, tally) is { } line)
                yield return new LogLine(line, spot);
        }
    }

    public FileBookmark? Keep() => Text.Keep() is { } kept && Reader?.Start is { } start
        ? kept with { XorgDisplay = start.Display, XorgSeconds = start.Seconds, XorgAt = start.At, XorgLine = start.Content }
        : Text.Keep();

    public void Dispose() => Text.Dispose();

    private void Begin(TimeZoneInfo zone, Tally tally)
    {
        Reader = new XrdpLog(zone, tally, content => Text.Occurrences.Next(content), Text.File.Owner, Text.LastAt) { LatestAt = () => newest + AheadMax, Written = () => Text.Written };
        if (resume is { XorgDisplay: { } display, XorgSeconds: { } seconds, XorgAt: { } at, XorgLine: { } line })
            Reader.Start = new XorgStart(display, seconds, at, line);
        resume = null;
    }
}
