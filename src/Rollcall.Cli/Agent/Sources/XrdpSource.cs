using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>
/// Follows the logs of xrdp's three parts together. A line is told when no later line can change what it means, a few seconds after it was
/// written: then an import of the same logs makes the same events of it. Logs of displays are their users' to write, so nothing waits for them.
/// </summary>
internal sealed class XrdpSource : ISource
{
    /// <summary>How long until nothing that is still to be written can move an event: the logs' clocks differ by two seconds at most, and cut to the second.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(4);

    private readonly List<FollowedLog> logs = [];
    private readonly DisplayLogs? displays;
    private readonly TimeZoneInfo zone;
    private readonly XrdpLines lines;

    /// <param name="xorgGlob">Paths of xorgxrdp logs, with * in any part; null follows none.</param>
    public XrdpSource(string? sesman, string? xrdp, string? xorgGlob, TimeZoneInfo zone, XrdpLines lines, AgentState state)
    {
        (this.zone, this.lines) = (zone, lines);
        displays = xorgGlob is null ? null : new DisplayLogs(xorgGlob, zone, Tally, state);
        foreach (var path in new[] { sesman, xrdp }.OfType<string>())
        {
            var bookmark = state.Files.GetValueOrDefault(path);
            logs.Add(new FollowedLog(new FollowedText(path, Framing.Lines, LinkPolicy.Follow, bookmark, Tally), bookmark));
        }
    }

    public string Name => "xrdp";

    public bool HasMore => displays is { HasMore: true } || logs.Exists(l => l.Text.File.HasMore);

    public Tally Tally => lines.Tally;

    public IReadOnlyList<ImportedEvent> Poll(Moment now)
    {
        displays?.Look(now, lines.Add);
        if (displays is { HasMore: true })
            return [];

        // Far behind, the log whose lines are oldest goes on, so that what belongs together is met together.
        var behind = logs.Where(l => l.Text.File.HasMore).MinBy(l => l.Text.LastAt ?? DateTimeOffset.MinValue);
        foreach (var log in behind is null ? logs : [behind])
            Read(log, now);

        return lines.Settled(logs.Select(l => l.Text.CompleteUntil(now.At)).Append(now.At).Min() - SettleTime, now);
    }

    public AgentState Keep(AgentState state)
    {
        displays?.Keep(state);
        foreach (var log in logs)
        {
            if (log.Keep() is { } kept)
                state.Files[log.Text.File.Path] = kept;
        }

        return lines.Keep(state);
    }

    public IEnumerable<SourceStatus> Describe() => [.. logs.Select(l => l.Text.Describe(Name)), .. displays?.Describe() ?? []];

    public void Dispose()
    {
        logs.ForEach(l => l.Dispose());
        displays?.Dispose();
    }

    private void Read(FollowedLog log, Moment now)
    {
        foreach (var line in log.Read(zone, Tally, now))
        {
            if (log.Reader!.Take(line) is not { } fact)
                continue;

            log.Text.LastAt = fact.At;
            lines.Add(fact);
        }
    }
}
