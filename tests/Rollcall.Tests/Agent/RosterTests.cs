using System.Text;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Tests.Cli;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

public sealed class RosterTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder proc = new();

    public RosterTests() => Process(1, 0, "init", "init", 0);

    [Fact]
    public void Sessions_of_sshd_are_the_processes_that_keep_them_whoever_logged_what()
    {
        Process(100, 1, "sshd", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", 0);
        Process(110, 100, "sshd", "sshd: anna [priv]", 0);
        Process(111, 110, "sshd", "sshd: anna@pts/0", 1001);
        Process(120, 100, "sshd-session", "sshd-session: root@notty", 0);
        Process(121, 100, "sshd", "sshd: toor@pts/1", 0);
        Process(130, 1, "bash", "sshd: mallory [priv]", 1002);
        Process(140, 1, "sshd", "sshd: mallory [priv]", 1002);

        Assert.Equal(["110", "120", "121"], Live("sshd"));
    }

    [Fact]
    public void Sessions_of_xrdp_are_the_displays_that_sesman_keeps_also_when_sesman_died()
    {
        Process(200, 1, "xrdp-sesman", "/usr/sbin/xrdp-sesman", 0);
        Process(210, 200, "xrdp-sesman", "/usr/sbin/xrdp-sesman", 0);
        Process(211, 210, "Xorg", "/usr/lib/xorg/Xorg :10 -auth .Xauthority -config xrdp/xorg.conf -logfile .xorgxrdp.%s.log", 1001);
        Process(220, 200, "xrdp-sesexec", "xrdp-sesexec", 0);
        Process(221, 220, "Xvnc", "Xvnc :11 -auth .Xauthority", 1002);
        Process(230, 1, "Xorg", "/usr/lib/xorg/Xorg :12 -logfile .xorgxrdp.%s.log", 1003);
        Process(240, 1, "Xorg", "/usr/lib/xorg/Xorg :0 vt7", 0);
        Process(250, 210, "Xorg", "/usr/lib/xorg/Xorg :13 -logfile .xorgxrdp.%s.log", 1004, state: "Z");

        Assert.Equal(["10", "11", "12"], Live("xrdp"));
    }

    [Theory, InlineData("Xorg"), InlineData("Xvnc"), InlineData("Xtigervnc"), InlineData("Xtightvnc"), InlineData("X11rdp"), InlineData("Xvfb"), InlineData("acme-x-server-3000")]
    public void A_display_is_alive_whichever_x_server_serves_it(string server)
    {
        Process(210, 1, "xrdp-sesman", "/usr/sbin/xrdp-sesman", 0);
        Process(211, 210, server[..Math.Min(15, server.Length)], $"/opt/{server} :10 -auth .Xauthority", 1001);
        var table = new ProcessTable(proc.Path, ["acme-x-server-3000"]);

        Assert.Equal(["10"], new LiveSessions(table, null, needsUtmp: false, null).Look(Nine).Sessions.Select(s => s.OsSessionId));
    }

    [Fact]
    public void A_display_that_sesman_has_begun_to_start_is_alive_until_its_server_is_there_or_a_minute_has_passed()
    {
        Process(210, 1, "xrdp-sesman", "/usr/sbin/xrdp-sesman", 0);
        var live = new LiveSessions(Table, null, needsUtmp: false, null) { Logged = () => [new LoggedLogon("xrdp", "10", Nine.AddSeconds(5)) { Pid = "210" }] };
        live.Look(Nine);
        for (var second = 5; second < 65; second += 3)
            Assert.Equal((null, 1), (live.Look(Nine.AddSeconds(second)).Unknown, live.Look(Nine.AddSeconds(second)).Sessions.Count));

        var late = live.Look(Nine.AddSeconds(65));
        Assert.Empty(late.Sessions);
        Assert.NotNull(late.Unknown);

        Process(211, 210, "Xorg", "/usr/lib/xorg/Xorg :10 -config xrdp/xorg.conf", 1001);
        Assert.Equal(new LiveSession("xrdp", "10", "210", null), Assert.Single(live.Look(Nine.AddSeconds(66)).Sessions));
    }

    [Fact]
    public void A_display_whose_server_was_there_and_is_gone_is_not_taken_for_a_slow_one()
    {
        Process(210, 1, "xrdp-sesman", "/usr/sbin/xrdp-sesman", 0);
        Process(211, 210, "Xorg", "/usr/lib/xorg/Xorg :10 -config xrdp/xorg.conf", 1001);
        var live = new LiveSessions(Table, null, needsUtmp: false, null) { Logged = () => [new LoggedLogon("xrdp", "10", Nine.AddSeconds(5)) { Pid = "210" }] };
        Assert.Single(live.Look(Nine.AddSeconds(6)).Sessions);
        Directory.Delete(proc.File("211"), recursive: true);

        Assert.Empty(live.Look(Nine.AddSeconds(7)).Sessions);
    }

    [Theory, InlineData("sshd", "sshd"), InlineData("xrdp", "xrdp-sesman")]
    public void In_a_container_the_roster_is_unknown_until_what_writes_the_followed_log_was_seen(string kind, string program)
    {
        var live = new LiveSessions(Table, null, needsUtmp: false, null) { Followed = new HashSet<string> { kind } };
        Assert.Contains("another container", live.Look(Nine).Unknown, StringComparison.Ordinal);

        Process(50, 1, program, program, 1002);
        Assert.NotNull(live.Look(Nine).Unknown);
        Process(50, 1, program, program, 0);
        Assert.Null(live.Look(Nine).Unknown);
        Directory.Delete(proc.File("50"), recursive: true);
        Assert.Null(live.Look(Nine).Unknown);
    }

    [Theory, InlineData("pid:[4026531836]", true), InlineData("pid:[4026532199]", false)]
    public void On_the_machine_itself_a_writer_that_does_not_run_hides_nothing(string space, bool isKnown)
    {
        Directory.CreateDirectory(proc.File("self/ns"));
        File.CreateSymbolicLink(proc.File("self/ns/pid"), space);
        var live = new LiveSessions(Table, null, needsUtmp: false, null) { Followed = new HashSet<string> { "sshd", "xrdp" } };

        Assert.Equal(isKnown, live.Look(Nine).Unknown is null);
    }

    [Fact]
    public void In_a_container_logons_in_utmp_of_which_none_is_seen_leave_the_roster_unknown()
    {
        var utmp = ImportData.Recorded("wtmp.bin").Name;
        var live = new LiveSessions(Table, utmp, needsUtmp: true, null);
        Assert.Contains("another container", live.Look(Nine).Unknown, StringComparison.Ordinal);
    }

    [Theory, InlineData(1), InlineData(110)]
    public void Where_a_process_may_not_be_looked_at_the_roster_is_unknown(int refused)
    {
        Process(110, 1, "sshd", "sshd: anna [priv]", 0);
        File.Delete(proc.File($"{refused}/stat"));
        Directory.CreateDirectory(proc.File($"{refused}/stat")); // refused to root too

        Assert.NotNull(new LiveSessions(Table, null, needsUtmp: false, null).Look(Nine).Unknown);
    }

    [Fact]
    public void A_process_that_ended_while_it_was_looked_at_is_gone()
    {
        Directory.CreateDirectory(proc.File("110"));

        Assert.Null(new LiveSessions(Table, null, needsUtmp: false, null).Look(Nine).Unknown);
    }

    [Fact]
    public void Without_utmp_the_roster_is_unknown_where_login_records_are_told_and_whole_elsewhere()
    {
        Assert.NotNull(new LiveSessions(Table, null, needsUtmp: true, null).Look(Nine).Unknown);
        Assert.Null(new LiveSessions(Table, null, needsUtmp: false, null).Look(Nine).Unknown);
    }

    [Fact]
    public void When_logind_does_not_answer_the_roster_is_unknown() =>
        Assert.NotNull(new LiveSessions(Table, null, needsUtmp: false, () => null).Look(Nine).Unknown);

    [Fact]
    public void A_session_is_left_out_only_when_it_was_gone_at_the_rosters_instant()
    {
        var watch = new RosterWatch();
        watch.Add(Look(0.2, "10"));
        var (second, third) = (Look(1.2, "10", "11"), Look(2.2, "11")); // 11 began within the second before 1.2, 10 has gone since
        watch.Add(second);
        watch.Add(third);
        var (at, sessions, unknown) = watch.AsOf(Nine + RosterWatch.Lag + TimeSpan.FromSeconds(1.9));

        Assert.Equal((second.Now.At, null), (at, unknown)); // not a moment later: 10 may have gone right after
        Assert.Equal(["10", "11"], sessions!.Select(s => s.OsSessionId));

        watch.Add(Look(3.2, "11"));
        (at, sessions, _) = watch.AsOf(Nine + RosterWatch.Lag + TimeSpan.FromSeconds(3.1));
        Assert.Equal(third.Now.At, at);
        Assert.Equal(["11"], sessions!.Select(s => s.OsSessionId));
    }

    [Fact]
    public void Before_it_has_looked_long_enough_and_after_a_blind_look_nobody_is_left_out()
    {
        var watch = new RosterWatch();
        watch.Add(Look(5, "10"));
        Assert.Null(watch.AsOf(Nine + RosterWatch.Lag).Sessions);

        watch.Add(Look(6, "10") with { Unknown = "hidden" });
        Assert.Equal((null, "hidden"), (watch.AsOf(Nine + RosterWatch.Lag + TimeSpan.FromSeconds(6)).Sessions, watch.AsOf(Nine + RosterWatch.Lag + TimeSpan.FromSeconds(6)).Unknown));
    }

    public void Dispose() => proc.Dispose();

    private ProcessTable Table => new(proc.Path);

    private string[] Live(string kind) =>
        [.. new LiveSessions(Table, null, needsUtmp: false, null).Look(Nine).Sessions.Where(s => s.Kind == kind).Select(s => s.OsSessionId).Order(StringComparer.Ordinal)];

    private static LiveSnapshot Look(double seconds, params string[] displays) =>
        new(Moments.Of(Nine.AddSeconds(seconds)), [.. displays.Select(d => new LiveSession("xrdp", d, null, null))], null);

    private void Process(int pid, int parent, string name, string arguments, int user, string state = "S")
    {
        var path = Directory.CreateDirectory(proc.File($"{pid}")).FullName;
        File.WriteAllText(Path.Combine(path, "stat"), $"{pid} ({name}) {state} {parent} 0 0 0");
        File.WriteAllText(Path.Combine(path, "status"), $"Name:\t{name}\nUid:\t{user}\t{user}\t{user}\t{user}\n");
        File.WriteAllBytes(Path.Combine(path, "cmdline"), Encoding.UTF8.GetBytes(arguments.Replace(' ', '\0') + "\0"));
    }
}
