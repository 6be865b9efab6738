using Rollcall.Cli.Commands;

namespace Rollcall.Cli.Agent;

/// <summary>What the agent says to the journal: each thing when it changes, not each time it is so.</summary>
internal sealed class AgentLog(TextWriter to)
{
    private readonly Lock gate = new();
    private readonly HashSet<string> rejections = [];
    private string? failing;

    /// <summary>Different reasons of rejection written out; the rest is counted in the status.</summary>
    private const int RejectionsMax = 100;

    public void Say(string sentence)
    {
        lock (gate)
            to.WriteLine(TextTable.Clean(sentence.ReplaceLineEndings(" ")));
    }

    public void Failing(string why, long waiting)
    {
        if (failing == why)
            return;

        failing = why;
        Say($"Warning: events cannot be sent: {why}. {waiting} wait on disk.");
    }

    public void Reached()
    {
        if (failing is null)
            return;

        failing = null;
        Say("The server takes events again.");
    }

    public void Rejected(string id, string why)
    {
        if (rejections.Count < RejectionsMax && rejections.Add(why))
            Say($"Warning: the server rejected event {id}: {why}. Others for the same reason are only counted.");
    }

    public void Dropped(long events, long total) =>
        Say($"Warning: the buffer is full: the {events} oldest events were dropped, {total} since the start.");
}
