using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>On the night when clocks go back in Berlin, at 01:00 UTC, the hour from two to three is written twice.</summary>
public sealed class ClockChangeTests : IDisposable
{
    private static readonly DateTimeOffset FirstHalfPastTwo = new(2026, 10, 25, 0, 30, 0, TimeSpan.Zero);

    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private readonly XrdpHost host = new(FirstHalfPastTwo, Berlin);
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_line_that_was_just_written_is_of_now_whatever_the_line_before_it_was()
    {
        host.Logon("20261025-02:30:00", "anna", 10);
        host.Look(0);
        host.Look(10);
        host.Look(3_639);
        host.Logon("20261025-02:30:40", "bo", 11);

        Assert.Equal(FirstHalfPastTwo.AddSeconds(3_640), Assert.Single(Told(3_640, 3_645), e => e.Data.User == "bo").Time);
    }

    [Fact]
    public void It_stays_so_when_the_agent_is_killed_and_reads_it_again()
    {
        host.Logon("20261025-02:30:00", "anna", 10);
        host.Look(0);
        host.Look(3_639);
        host.Restart();
        host.Logon("20261025-02:30:40", "bo", 11);

        Assert.Equal(FirstHalfPastTwo.AddSeconds(3_640), Assert.Single(Told(3_640, 3_645), e => e.Data.User == "bo").Time);
    }

    [Fact]
    public void The_first_line_of_a_new_display_is_of_now_too()
    {
        host.Logon("20261025-02:30:00", "anna", 10);
        host.Look(0);
        host.Look(3_600);
        host.Logon("20261025-02:30:01", "bo", 11);
        var head = XrdpHost.Head(11, FirstHalfPastTwo.AddHours(2).AddSeconds(1)); // 02:30:01 as Berlin's clocks show it
        File.WriteAllText(host.DisplayLog("bo", 11), head + XrdpHost.Attached(0) + XrdpHost.Detached(3));

        Assert.Equal(FirstHalfPastTwo.AddSeconds(3_604), Assert.Single(Told(3_605, 3_612), e => e.Type == EventTypes.SessionDisconnected).Time);
    }

    [Fact]
    public void Lines_that_lay_there_before_are_told_apart_by_their_order()
    {
        host.Logon("20261025-02:30:00", "anna", 10);
        host.Logon("20261025-02:40:00", "bo", 11);
        host.Logon("20261025-02:10:00", "cleo", 12);
        var told = Told(86_400, 86_402);

        Assert.Equal([0, 600, 2_400], told.Select(e => (e.Time - FirstHalfPastTwo).TotalSeconds));
    }

    [Fact]
    public void Sshds_lines_are_of_now_too()
    {
        var clock = new SteppedClock(FirstHalfPastTwo);
        var state = new AgentState();
        var log = folder.File("auth.log");
        File.WriteAllText(log, Closed("02:30:00", 100));
        using var source = new SshdFileSource(log, new SshdTeller("lin-01", "lin-01", _ => true, state), Berlin, state, clock);
        source.Poll(Moment.Of(clock));
        clock.Advance(TimeSpan.FromSeconds(3_640));
        source.Poll(Moment.Of(clock));
        File.AppendAllText(log, Closed("02:30:40", 101));

        Assert.Equal(clock.GetUtcNow(), Assert.Single(source.Poll(Moment.Of(clock))).Event.Time);
    }

    [Fact]
    public void A_time_that_fits_neither_reading_is_told_by_order()
    {
        var tally = new Tally();
        var times = new LocalTimes(Berlin, tally) { Written = () => new WrittenWithin(FirstHalfPastTwo.AddHours(9), FirstHalfPastTwo.AddHours(9)) };

        Assert.Equal(FirstHalfPastTwo, times.TryResolve(new DateTime(2026, 10, 25, 2, 30, 0), new Spot("x", 1)));
        Assert.Single(tally.Notes);
    }

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    private List<LedgerEvent> Told(int from, int until) => [.. Enumerable.Range(from, until - from + 1).SelectMany(s => host.Look(s))];

    private static string Closed(string time, int pid) =>
        $"Oct 25 {time} lin-01 sshd[{pid}]: Accepted publickey for anna from 10.0.0.1 port 5{pid} ssh2: ED25519 SHA256:x\nOct 25 {time} lin-01 sshd[{pid}]: pam_unix(sshd:session): session opened for user anna(uid=1001) by (uid=0)\n";
}
