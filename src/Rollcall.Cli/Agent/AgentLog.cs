using Rollcall.Cli.Commands;

namespace Rollcall.Cli.Agent;

/// <summary>What the agent says to the journal: each thing when it changes, not each time it is so.</summary>
internal sealed class AgentLog(TextWriter to, TimeProvider time)
{
    /// <summary>Different reasons of rejection written out; the rest is counted in the status.</summary>
    private const int RejectionsMax = 100;

    /// <summary>Different causes of failure told apart until the server is reached again.</summary>
    private const int CausesMax = 50;

    /// <summary>How often a failure that goes on is said again.</summary>
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromHours(1);

    private readonly Lock gate = new();
    private readonly HashSet<string> rejections = [];
    private readonly Dictionary<string, (long SaidAt, int Times)> failures = [];

    public void Say(string sentence)
    {
        lock (gate)
            to.WriteLine(TextTable.Clean(sentence.ReplaceLineEndings(" ")));
    }

    /// <param name="cause">What makes it the same failure as the last, whatever the words.</param>
    public void Failing(string cause, string why, long waiting)
    {
        var isKnown = failures.TryGetValue(cause, out var before);
        if (isKnown && time.GetElapsedTime(before.SaidAt) < RepeatEvery)
        {
            failures[cause] = before with { Times = before.Times + 1 };
            return;
        }

        if (!isKnown && failures.Count >= CausesMax)
            return;

        failures[cause] = (time.GetTimestamp(), 1);
        var again = isKnown ? $" Failed so {before.Times} times since this was said last." : "";
        Say($"Warning: events cannot be sent: {why.TrimEnd('.')}. {waiting} wait on disk.{again}");
    }

    public void Reached()
    {
        if (failures.Count == 0)
            return;

        failures.Clear();
        Say("The server takes events again.");
    }

    public void Rejected(string id, string why)
    {
        if (rejections.Count < RejectionsMax && rejections.Add(why))
            Say($"Warning: the server rejected event {id}: {why}. Others for the same reason are only counted.");
    }

    public void Dropped(long events, long total) =>
        Say($"Warning: the buffer is full: the {events} oldest events were dropped, {total} in all.");
}
