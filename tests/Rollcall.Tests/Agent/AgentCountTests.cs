using System.Text;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Buffering;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Agent.Sending;
using Rollcall.Cli.Events;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>What was acknowledged, rejected and dropped is counted over kills.</summary>
public sealed class AgentCountTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();
    private readonly SteppedClock clock = new(Nine);

    [Fact]
    public void The_next_run_goes_on_where_the_bookmark_says()
    {
        var count = new SendingCount();
        count.Acknowledge(5, Nine);
        count.Reject("time: is wrong", Nine.AddSeconds(1));
        count.Drop(3, Nine.AddSeconds(2));
        Round(count);

        var next = new SendingCount(AgentState.TryRead(folder.File("bookmark.json"))!.Counts);
        next.Acknowledge(2, Nine);
        Assert.Equal((7L, 1L, 3L), (next.Facts.Acknowledged, next.Facts.Rejected, next.Facts.Dropped));
        Assert.Equal((Nine.AddSeconds(1), "time: is wrong", Nine.AddSeconds(2)), (next.Facts.RejectedAt, next.Facts.LastRejection, next.Facts.DroppedAt));
        Assert.Contains("\"dropped_at\"", File.ReadAllText(folder.File("status.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bookmark_of_an_older_version_counts_from_zero()
    {
        File.WriteAllText(folder.File("bookmark.json"), """{"version":1,"files":{}}""");

        Assert.Equal(0, new SendingCount(AgentState.TryRead(folder.File("bookmark.json"))!.Counts).Facts.Dropped);
    }

    public void Dispose() => folder.Dispose();

    private void Round(SendingCount count)
    {
        using var buffer = new EventBuffer(folder.File("buffer"), 1_000_000, _ => { });
        var settings = BeatTests.Settings with { StateFolder = folder.Path };
        var beats = new Beats(settings, new HostBoot(null, null), s => new EventRosterEntry { OsSessionId = s.OsSessionId });
        var live = new LiveSessions(new ProcessTable(folder.File("proc")), null, needsUtmp: false, null);
        new AgentLoop(settings, [], live, beats, new Bookmark(folder.File("bookmark.json")), buffer, count, clock).Round();
        Assert.Contains("rollcall.host.beat", Encoding.UTF8.GetString(buffer.Oldest()![0]), StringComparison.Ordinal);
    }
}
