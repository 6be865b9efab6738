using Rollcall.Cli.Agent.Rosters;

namespace Rollcall.Tests.Agent;

public sealed class LogonCheckTests
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly LogonCheck check = new();

    [Fact]
    public void A_logon_that_was_seen_alive_speaks_for_the_roster_also_when_it_is_gone_later()
    {
        Assert.Null(Look(0, [], []));
        Assert.Null(Look(11, ["100"], [("100", 10)]));
        Assert.Null(Look(20, [], [("100", 10)]));
    }

    [Fact]
    public void A_logon_that_nobody_saw_speaks_against_it_from_before_a_roster_would_lack_it_until_another_is_seen()
    {
        Look(0, [], []);
        Assert.Null(Look(12, [], [("100", 10)]));
        Assert.Contains("sshd 100", Look(15, [], [("100", 10)]), StringComparison.Ordinal);
        Assert.NotNull(Look(15 + 3_600, [], []));

        Assert.Null(Look(4_010, ["200"], [("100", 10), ("200", 4_005)]));
        Assert.Null(Look(4_011, ["200"], []));
    }

    [Fact]
    public void A_logon_from_before_the_first_look_or_of_long_ago_says_nothing()
    {
        Look(0, [], []);
        Assert.Null(Look(10, [], [("100", -5)]));
        Assert.Null(Look(200, [], [("101", 20)]));
    }

    [Fact]
    public void A_number_that_another_process_had_before_is_not_taken_for_the_logons()
    {
        Look(0, ["100"], []);
        Look(1, [], []);
        Assert.NotNull(Look(15, [], [("100", 10)]));
    }

    [Fact]
    public void The_roster_is_unknown_where_the_log_tells_of_processes_that_are_not_seen()
    {
        using var proc = new Support.TemporaryFolder();
        Directory.CreateDirectory(proc.File("1"));
        File.WriteAllText(proc.File("1/stat"), "1 (init) S 0 0 0 0");
        var live = new LiveSessions(new ProcessTable(proc.Path), null, needsUtmp: false, null) { Logged = () => [new LoggedLogon("sshd", "100", Nine.AddSeconds(10))] };

        Assert.Null(live.Look(Nine).Unknown);
        Assert.NotNull(live.Look(Nine.AddSeconds(15)).Unknown);
    }

    private string? Look(int second, string[] alive, (string Pid, int Second)[] logged) => check.WhyNot(
        new LiveSnapshot(Moments.Of(Nine.AddSeconds(second)), [.. alive.Select(p => new LiveSession("sshd", p, p, null))], null),
        logged.Select(l => new LoggedLogon("sshd", l.Pid, Nine.AddSeconds(l.Second))));
}
