using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Wtmp;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>Follows the host's login records: boots, shutdowns, and the logons that no other followed source tells of.</summary>
internal sealed class WtmpSource : ISource
{
    private readonly FollowedText text;
    private readonly WtmpDesk desk;

    /// <param name="others">Names of the sources that are followed beside this one.</param>
    public WtmpSource(string path, string host, IReadOnlySet<string> others, AgentState state)
    {
        desk = new WtmpDesk(host, withTerminals: false, record => LeftTo(record, others));
        desk.Resume(state.WtmpOpen);
        text = new FollowedText(path, Framing.Records, LinkPolicy.Follow, state.Files.GetValueOrDefault(path), Tally);
    }

    public string Name => "wtmp";

    public bool HasMore => text.File.HasMore;

    public Tally Tally { get; } = new();

    public IReadOnlyList<ImportedEvent> Poll(Moment now)
    {
        var events = new List<ImportedEvent>();
        var pieces = text.Read(now);
        _ = text.BeganAnother();
        foreach (var (bytes, spot) in pieces)
        {
            if (WtmpRecord.TryParse(bytes.Span) is not { } record)
            {
                Tally.Skip("not a login record", spot);
                continue;
            }

            text.LastAt = record.At ?? text.LastAt;
            if (desk.Take(record, text.Occurrences.Next, spot, Tally) is { } taken)
                events.Add(new ImportedEvent(taken, spot));
        }

        return events;
    }

    public AgentState Keep(AgentState state)
    {
        if (text.Keep() is { } kept)
            state.Files[text.File.Path] = kept;
        return state with { WtmpOpen = [.. desk.Open] };
    }

    public IEnumerable<SourceStatus> Describe() => [text.Describe(Name)];

    public void Dispose() => text.Dispose();

    /// <summary>One logon is one session: sshd and sesman note theirs here too, and their own logs say more of them.</summary>
    private static string? LeftTo(WtmpRecord record, IReadOnlySet<string> others) => record switch
    {
        { Line: ['p', 't', 's', '/', ..], Host.Length: > 0 } when others.Contains("sshd") => "a logon over the network, which sshd's own log tells of",
        { Line: [':', ..] } when others.Contains("xrdp") => "a display, which sesman's own log tells of",
        _ => null,
    };
}
