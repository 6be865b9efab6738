using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>A clock that is set, forward or back, changes no interval of the agent's own.</summary>
public sealed class ClockStepTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();

    public static TheoryData<int> Steps => [-3_600, 3_600];

    [Theory, MemberData(nameof(Steps))]
    public void Beats_keep_their_interval(int step)
    {
        var beats = new Beats(BeatTests.Settings, new HostBoot(null, null), s => new EventRosterEntry { OsSessionId = s.OsSessionId });
        Assert.Single(beats.Due(Nine, [], At(0, 0), isWaiting: false));

        Assert.Empty(beats.Due(Nine.AddSeconds(step + 5), [], At(5, step), isWaiting: false));
        Assert.Single(beats.Due(Nine.AddSeconds(step + 30), [], At(30, step), isWaiting: false));
    }

    [Theory, MemberData(nameof(Steps))]
    public void A_file_that_was_moved_away_is_waited_for_as_long_as_ever(int step)
    {
        var log = folder.File("a.log");
        File.WriteAllText(log, "one\n");
        using var file = new FollowedFile(log, Framing.Lines, LinkPolicy.Follow, null, new Tally());
        Assert.Single(file.Read(At(0, 0)));
        File.Move(log, folder.File("a.log.1"));
        File.WriteAllText(log, "three\n");
        Assert.Empty(file.Read(At(1, 0)));

        Assert.Empty(file.Read(At(2, step)));
        File.AppendAllText(folder.File("a.log.1"), "two\n");
        Assert.Single(file.Read(At(3, step)));
        Assert.Empty(file.Read(At(8, step)));
        Assert.Single(file.Read(At(9, step)));
    }

    [Theory, MemberData(nameof(Steps))]
    public void The_roster_holds_who_was_there_six_seconds_ago_by_any_clock(int step)
    {
        var watch = new RosterWatch();
        for (var ran = 0; ran <= 8; ran++)
            watch.Add(new LiveSnapshot(At(ran, ran < 5 ? 0 : step), ran <= 2 ? [new LiveSession("xrdp", "10", null, null)] : [], null));
        var reading = watch.AsOf(At(8, step));

        Assert.Equal(Nine.AddSeconds(step + 2), reading.Seen.At);
        Assert.Equal(["10"], reading.Sessions?.Select(s => s.OsSessionId));
    }

    [Theory, MemberData(nameof(Steps))]
    public void A_logon_that_was_seen_speaks_for_the_roster_after_a_step_too(int step)
    {
        var check = new LogonCheck();
        check.WhyNot(new LiveSnapshot(At(0, 0), [], null), []);
        check.WhyNot(new LiveSnapshot(At(10, step), [new LiveSession("sshd", "100", null, null)], null), []);

        Assert.Null(check.WhyNot(new LiveSnapshot(At(15, step), [], null), [new LoggedLogon("sshd", "100", At(10, step).At)]));
        Assert.NotNull(check.WhyNot(new LiveSnapshot(At(16, step), [], null), [new LoggedLogon("sshd", "101", At(11, step).At)]));
    }

    public void Dispose() => folder.Dispose();

    /// <param name="ran">Seconds since the start.</param>
    /// <param name="step">Seconds by which the clock was set.</param>
    private static Moment At(int ran, int step) => new(Nine.AddSeconds(ran + step), TimeSpan.FromSeconds(ran));
}
