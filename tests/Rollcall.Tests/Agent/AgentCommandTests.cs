using System.Text.Json;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Commands;
using Rollcall.Cli.Events;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

public sealed class AgentCommandTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter errors = new();
    private readonly FakeClock clock = new(Nine);

    [Fact]
    public async Task The_status_of_an_agent_that_does_well_is_shown_with_exit_code_0()
    {
        Well.Write(folder.Path);

        Assert.Equal(ExitCode.Ok, await RunAsync("agent", "status", "--state-folder", folder.Path));
        Assert.Equal("", errors.ToString());
        Assert.Contains("2 open: 10, 4711", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("/var/log/auth.log", output.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string> Ills => ["dead", "barred", "failing", "dropped", "rejected", "unreadable"];

    [Theory, MemberData(nameof(Ills))]
    public async Task An_agent_that_does_not_do_well_has_exit_code_1_and_says_why(string ill)
    {
        var (status, why) = ill switch
        {
            "dead" => (Well with { WrittenAt = Nine.AddMinutes(-5) }, "does not run"),
            "barred" => (Well with { Failure = "403", NeedsAttention = true }, "refuses this agent"),
            "failing" => (Well with { Failure = "no answer", FailingSince = Nine }, "is not reached"),
            "dropped" => (Well with { Dropped = 3, DroppedAt = Nine.AddHours(-23) }, "3 events were dropped"),
            "rejected" => (Well with { Rejected = 2 }, "2 events were rejected"),
            _ => (Well with { Sources = [new SourceStatus { Kind = "sshd", Name = "/x", State = "unreadable", Reason = "Permission denied" }] }, "Permission denied"),
        };
        status.Write(folder.Path);

        Assert.Equal(ExitCode.Failed, await RunAsync("agent", "status", "--state-folder", folder.Path));
        Assert.Contains(why, errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_lost_long_ago_is_shown_and_alarms_nobody()
    {
        (Well with { Dropped = 3, DroppedAt = Nine.AddDays(-2), Rejected = 4, RejectedAt = Nine.AddDays(-2), LastRejection = "time: is wrong" }).Write(folder.Path);

        Assert.Equal(ExitCode.Ok, await RunAsync("agent", "status", "--state-folder", folder.Path));
        Assert.Contains("Dropped       3 events", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Rejected      4 events", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_something_was_passed_over_is_shown()
    {
        (Well with { PassedOver = [new PassedOverStatus { Source = "xrdp", Reason = "not UTF-8", Count = 17, IsDoubtful = false }] }).Write(folder.Path);

        Assert.Equal(ExitCode.Ok, await RunAsync("agent", "status", "--state-folder", folder.Path));
        Assert.Matches("xrdp +17 +not UTF-8", output.ToString());
    }

    [Theory, InlineData("sshd"), InlineData("/usr/bin/Xacme"), InlineData("")]
    public async Task A_name_that_is_no_x_servers_is_refused(string name)
    {
        File.WriteAllText(folder.File("token"), "t0k");

        Assert.Equal(ExitCode.Usage, await RunAsync("agent", "--tenant", "acme", "--token-file", folder.File("token"), "--state-folder", folder.Path, "--only-these", "--wtmp", "/dev/null", "--x-server", name));
        Assert.Contains("--x-server", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_whose_address_holds_a_password_is_refused_and_the_password_is_not_repeated()
    {
        Assert.Equal(ExitCode.Usage, await RunAsync("agent", "--server", "http://u:secret@127.0.0.1:1", "--tenant", "acme", "--state-folder", folder.Path));
        Assert.DoesNotContain("secret", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("--server must not hold a user or a password", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_agent_worked_the_status_says_so() =>
        Assert.Equal(ExitCode.Usage, await RunAsync("agent", "status", "--state-folder", folder.File("nothing")));

    [Fact]
    public void What_is_not_there_is_not_followed_and_the_reason_is_told()
    {
        var choice = new SourceFinder(path => path is "/var/log/secure" or "/var/log/wtmp").Choose(new SaidSources());

        Assert.Equal("/var/log/secure", choice.SshdLog);
        Assert.Equal(["sshd"], choice.Kinds);
        Assert.Contains(choice.Off, o => o.Kind == "wtmp" && o.Reason!.Contains("/run/utmp", StringComparison.Ordinal));
        Assert.Contains(choice.Off, o => o.Kind == "logind" && o.Reason == "systemd-logind does not run here");
        Assert.Contains(choice.Off, o => o.Kind == "xrdp");
    }

    [Fact]
    public void Where_there_are_login_records_logind_tells_nothing_twice()
    {
        var choice = new SourceFinder(_ => true).Choose(new SaidSources());

        Assert.Equal(["sshd", "wtmp", "xrdp"], choice.Kinds.Order());
        Assert.True(new SourceFinder(_ => true).Choose(new SaidSources { Logind = true }).Logind);
    }

    [Fact]
    public void A_logind_session_has_its_exact_start_and_an_end_at_an_unknown_time_between_two_askings()
    {
        var isOn = true;
        var times = new SteppedClock(Nine);
        using var source = new LogindSource("lin-01", new HashSet<string> { "sshd" }, new AgentState(), times, arguments =>
        {
            times.Advance(TimeSpan.FromMilliseconds(250));
            return Task.FromResult<string?>(Logind(arguments, isOn));
        });
        Assert.Equal(["logind-2"], source.Look()!.Select(s => s.OsSessionId));
        var started = Assert.Single(source.Poll(Nine)).Event;
        Assert.Empty(source.Poll(Nine));
        isOn = false;
        times.Advance(TimeSpan.FromSeconds(1));
        var ended = Assert.Single(source.Ask(Nine)).Event;

        Assert.Equal((EventTypes.SessionStarted, "logind-2", "anna", Nine.AddHours(-1)), (started.Type, started.Data.OsSessionId, started.Data.User, started.Time));
        Assert.Equal((EventTypes.SessionEnded, Nine, "unknown", Nine.AddSeconds(2)), (ended.Type, ended.Time, ended.Data.EndTimeSource, ended.Data.EndTimeLatest));
    }

    [Fact]
    public async Task A_second_agent_in_the_same_folder_is_refused()
    {
        Directory.CreateDirectory(folder.File("state"));
        using var held = new FileStream(folder.File("state/lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        File.WriteAllText(folder.File("token"), "t0k");

        var code = await RunAsync("agent", "--server", "http://127.0.0.1:1", "--tenant", "acme", "--token-file", folder.File("token"), "--state-folder", folder.File("state"), "--only-these", "--wtmp", "/dev/null");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("Another agent", errors.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        errors.Dispose();
    }

    private static AgentStatus Well => new()
    {
        WrittenAt = Nine,
        ProcessId = 1,
        Host = "lin-01",
        Server = "https://rollcall.example.com",
        Sources = [new SourceStatus { Kind = "sshd", Name = "/var/log/auth.log", State = "following", Offset = 12 }, new SourceStatus { Kind = "logind", Name = "busctl", State = "off", Reason = "does not run here" }],
        BufferedEvents = 0,
        BufferedBytes = 0,
        Acknowledged = 7,
        AcknowledgedAt = Nine,
        Rejected = 0,
        Dropped = 0,
        NeedsAttention = false,
        Roster = ["10", "4711"],
    };

    /// <summary>Two sessions as systemd 252 lists them, of which one is sshd's.</summary>
    private static string Logind(string[] arguments, bool isOn)
    {
        if (arguments[^1] == "ListSessions")
            return isOn ? """{"type":"a(susso)","data":[[["1",1000,"bo","","/s/1"],["2",1001,"anna","seat0","/s/2"]]]}""" : """{"type":"a(susso)","data":[[]]}""";

        var (name, service) = arguments[2] == "/s/1" ? ("bo", "sshd") : ("anna", "login");
        var at = Nine.AddHours(-1).ToUnixTimeMilliseconds() * 1000;
        return $$$"""{"type":"a{sv}","data":[{"Name":{"type":"s","data":"{{{name}}}"},"Service":{"type":"s","data":"{{{service}}}"},"Class":{"type":"s","data":"user"},"State":{"type":"s","data":"active"},"Timestamp":{"type":"t","data":{{{at}}} }}]}""";
    }

    private Task<int> RunAsync(params string[] arguments) => RollcallCommand.InvokeAsync(
        new CliContext { Out = output, Error = errors, Time = clock, Variable = _ => null, IsWatched = false }, arguments, CancellationToken.None);
}
