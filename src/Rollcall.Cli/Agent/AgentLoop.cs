using Rollcall.Cli.Agent.Buffering;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Agent.Sending;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent;

/// <summary>
/// Reads, writes down, beats, over and over. Events go to disk first and the bookmark after them, so that a kill at any point makes the
/// next run read some lines again, to the same event ids, and never lets one be missed.
/// </summary>
internal sealed class AgentLoop(
    AgentSettings settings, IReadOnlyList<ISource> sources, LiveSessions live, Beats beats, Bookmark bookmark, EventBuffer buffer, SendingCount count, TimeProvider time)
{
    /// <summary>How often everything is looked at.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long one round may read old lines before it beats again.</summary>
    private static readonly TimeSpan RoundMax = TimeSpan.FromSeconds(5);

    private readonly RosterWatch watch = new();
    private (DateTimeOffset? At, IReadOnlyList<string>? Roster, string? Unknown) beaten;

    /// <summary>Works until told to stop; then everything that was written until now is taken, and the place noted.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            Round();
        }
        while (await TickAsync(timer, cancel));

        Round();
    }

    /// <summary>One look at everything.</summary>
    public void Round()
    {
        var began = time.GetTimestamp();
        watch.Add(live.Look(Moment.Of(time)) with { Until = Moment.Of(time) });
        do
        {
            Take();
        }
        while (sources.Any(s => s.HasMore) && time.GetElapsedTime(began) < RoundMax);

        Beat(Moment.Of(time));
        Show(time.GetUtcNow());
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken cancel)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Take()
    {
        foreach (var source in sources)
            buffer.Append([.. source.Poll(Moment.Of(time)).Where(one => IsFit(one, source.Tally)).Select(one => beats.Complete(one.Event))]);

        bookmark.Write(sources.Aggregate(new AgentState { BootId = beats.Boot.Id, Counts = count.Keep() }, (state, source) => source.Keep(state)));
    }

    private void Beat(Moment now)
    {
        var roster = watch.AsOf(now);
        if (sources.Any(s => s.HasMore))
            roster = roster with { Sessions = null, Unknown = "old lines are still being read" };

        buffer.Append(beats.Due(roster, now, isWaiting: count.Facts.Failure is not null));
        beaten = (beats.NewestAt, roster.Sessions?.Select(s => s.OsSessionId).ToList(), roster.Unknown);
    }

    private void Show(DateTimeOffset now)
    {
        var facts = count.Facts;
        new AgentStatus
        {
            WrittenAt = now,
            ProcessId = Environment.ProcessId,
            Host = settings.HostName,
            BootId = beats.Boot.Id,
            Server = settings.Server.ToString(),
            Sources = [.. sources.SelectMany(s => s.Describe()), .. settings.Sources.Off],
            PassedOver = [.. sources.SelectMany(PassedOverStatus.Of)],
            BufferedEvents = buffer.Count,
            BufferedBytes = buffer.SizeBytes,
            Acknowledged = facts.Acknowledged,
            AcknowledgedAt = facts.AcknowledgedAt,
            Rejected = facts.Rejected,
            LastRejection = facts.LastRejection,
            RejectedAt = facts.RejectedAt,
            Dropped = facts.Dropped,
            DroppedAt = facts.DroppedAt,
            Failure = facts.Failure,
            FailingSince = facts.FailingSince,
            NeedsAttention = facts.IsBarred,
            LastFailure = facts.LastFailure,
            LastFailureAt = facts.LastFailureAt,
            BeatAt = beaten.At,
            Roster = beaten.Roster,
            RosterUnknown = beaten.Unknown,
        }.Write(settings.StateFolder);
    }

    private static bool IsFit(ImportedEvent one, Tally tally)
    {
        if (EventCheck.WrongWith(one.Event) is not { } wrong)
            return true;

        tally.Skip(wrong, one.Spot);
        return false;
    }
}
