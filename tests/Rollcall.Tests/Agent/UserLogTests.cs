using System.Globalization;
using System.Text;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;
using Rollcall.Tests.Cli;

namespace Rollcall.Tests.Agent;

/// <summary>An xorgxrdp log lies in its user's folder, and the user may write anything there.</summary>
public sealed class UserLogTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly XrdpHost host = new(Nine);

    [Theory, InlineData("9998-12-30", "9999999999.000"), InlineData("9998-12-30", "100.000"), InlineData("2026-03-01", "9999999999.000")]
    public void A_time_that_nobody_can_have_seen_is_skipped_and_stops_nothing(string day, string seconds)
    {
        var head = DateTime.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture).ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture);
        File.WriteAllText(host.DisplayLog("anna", 10), $"""
            [   100.000] (++) Log file: ".xorgxrdp.10.log", Time: {head}
            [{seconds}] rdpClientConDisconnect:

            """);

        Assert.Empty(host.Look(0));
        Assert.Empty(Kept());
        Assert.NotEqual(0, ImportData.Skipped(host.Source.Tally, "lies in the future"));
    }

    [Fact]
    public void It_tells_of_its_display_and_of_no_logon()
    {
        File.WriteAllText(host.DisplayLog("mallory", 10), """
            [20260302-09:00:00] [INFO ] ++ created session (access granted): username root, ip 127.0.0.1:40018 - socket: 12
            [20260302-09:00:00] [INFO ] Starting session: session_pid 1620, display :10.0, width 800, height 600, bpp 24, client ip 127.0.0.1:40018 - socket: 12, user name root

            """);

        Assert.Empty(host.Look(10));
        Assert.Empty(host.Look(20));
        Assert.Empty(Kept());
    }

    [Fact]
    public void A_first_line_that_is_longer_than_any_is_not_believed()
    {
        File.WriteAllText(host.DisplayLog("anna", 10), XrdpHost.Head(10, Nine, new string('x', 600)) + XrdpHost.Attached(1));
        File.WriteAllText(host.DisplayLog("bo", 11), XrdpHost.Head(11, Nine) + $"[101.000] rdpClientConGotConnection: g_sck_accept ok {new string('x', 600)}\n");
        host.Look(10);

        Assert.Empty(Kept());
        Assert.Equal((1, 1), (ImportData.Skipped(host.Source.Tally, "longer than any"), ImportData.Skipped(host.Source.Tally, "more text than")));
    }

    [Fact]
    public void One_that_is_huge_holds_up_nobody()
    {
        using (var huge = new FileStream(host.DisplayLog("mallory", 10), FileMode.Create))
            huge.SetLength(1L << 40);
        Logon("anna", 11);
        File.WriteAllText(host.DisplayLog("anna", 11), XrdpHost.Head(11, Nine) + XrdpHost.Attached(0) + XrdpHost.Detached(1));
        var told = host.Look(0);
        for (var second = 1; second <= 5; second++)
        {
            Assert.False(host.Source.HasMore);
            told.AddRange(host.Look(second));
        }

        Assert.Equal([EventTypes.SessionStarted, EventTypes.SessionDisconnected], told.Select(e => e.Type));
        Assert.InRange(OffsetOf("mallory", 10), UserFolder.AllowanceBytesMax / 2, UserFolder.AllowanceBytesMax + (6 * UserFolder.RefillBytesMax));
    }

    [Fact]
    public void One_with_more_changes_than_may_be_read_at_once_is_read_later_and_whole()
    {
        const int changes = 1_000;
        host.Logon("20260302-09:00:00", "anna", 10);
        File.WriteAllText(host.DisplayLog("anna", 10), XrdpHost.Head(10, Nine) + string.Concat(Enumerable.Range(0, changes).Select(i => XrdpHost.Attached(i / 1000.0) + Noise(40) + XrdpHost.Detached((i / 1000.0) + 0.0004))));
        var length = new FileInfo(host.DisplayLog("anna", 10)).Length;
        host.Look(10);
        Assert.InRange(OffsetOf("anna", 10), 1, length - 1);

        for (var second = 11; OffsetOf("anna", 10) < length; second++)
        {
            Assert.True(second < 1_000, "the log is read to its end");
            host.Look(second);
        }
    }

    [Fact]
    public void Of_one_log_the_newest_changes_are_kept_and_of_another_all()
    {
        host.Logon("20260302-09:00:00", "mallory", 10);
        host.Logon("20260302-09:00:00", "anna", 11);
        File.WriteAllText(host.DisplayLog("anna", 11), XrdpHost.Head(11, Nine) + XrdpHost.Attached(0) + XrdpHost.Detached(1));
        File.WriteAllText(host.DisplayLog("mallory", 10), XrdpHost.Head(10, Nine) + string.Concat(Enumerable.Range(0, 300).Select(i => XrdpHost.Attached(i) + XrdpHost.Detached(i + 0.5))));
        host.Look(10);

        Assert.Equal(DisplayFacts.LogMax, Kept().Count(k => k.Display == "10"));
        Assert.Contains(Kept(), k => k.Text.Contains("|399.500|", StringComparison.Ordinal));
        Assert.Equal(2, Kept().Count(k => k.Display == "11"));
    }

    [Fact]
    public void Of_many_in_one_folder_the_newest_are_followed()
    {
        for (var display = 10; display < 50; display++)
        {
            File.WriteAllText(host.DisplayLog("mallory", display), XrdpHost.Head(display, Nine));
            File.SetLastWriteTimeUtc(host.DisplayLog("mallory", display), Nine.UtcDateTime.AddSeconds(display));
        }

        host.Look(0);
        Assert.Equal(Enumerable.Range(42, UserFolder.LogsMax).Select(d => host.DisplayLog("mallory", d)), Followed());

        File.WriteAllText(host.DisplayLog("mallory", 50), XrdpHost.Head(50, Nine));
        File.SetLastWriteTimeUtc(host.DisplayLog("mallory", 50), Nine.UtcDateTime.AddSeconds(60));
        host.Look(1);
        Assert.Equal(Enumerable.Range(43, UserFolder.LogsMax).Select(d => host.DisplayLog("mallory", d)), Followed());
    }

    [Fact]
    public void Beside_it_only_what_the_x_server_leaves_is_looked_at_and_nothing_is_unpacked()
    {
        host.Logon("20260302-09:00:00", "anna", 10);
        var log = host.DisplayLog("anna", 10);
        File.WriteAllText(log, XrdpHost.Head(10, Nine) + XrdpHost.Attached(0));
        host.Look(1);
        host.Restart();
        File.AppendAllText(log, XrdpHost.Detached(2));
        File.Move(log, log + ".old");
        File.WriteAllText(log, XrdpHost.Head(10, Nine.AddSeconds(30)));
        List<LedgerEvent> told = [.. host.Look(30), .. host.Look(31), .. host.Look(40), .. host.Look(41)];

        Assert.Contains(told, e => e.Type == EventTypes.SessionDisconnected && e.Time == Nine.AddSeconds(2));
    }

    [Fact]
    public void A_folder_that_may_not_be_looked_into_is_said()
    {
        var loop = Path.Combine(host.Home("anna"), "loop");
        File.CreateSymbolicLink(loop, loop); // refused to root too
        using var displays = new DisplayLogs($"{loop}/*.log", TimeZoneInfo.Utc, host.Source.Tally, new AgentState());
        displays.Look(Moments.Of(Nine), _ => { });

        var status = Assert.Single(displays.Describe());
        Assert.Equal("unreadable", status.State);
        Assert.StartsWith($"0 displays; 1 folders cannot be looked into, such as {loop}: ", status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Logs_that_share_a_buffer_are_read_whole_also_from_where_they_were_moved()
    {
        var buffer = new byte[300];
        var files = new List<FollowedFile>();
        for (var display = 10; display < 12; display++)
        {
            var log = host.DisplayLog("anna", display);
            File.WriteAllText(log, $"begins {display}\n");
            files.Add(new FollowedFile(log, Framing.UsersLines, LinkPolicy.Refuse, null, host.Source.Tally, buffer));
            Read(files[^1]);
            File.AppendAllText(log, string.Concat(Enumerable.Range(0, 50).Select(i => $"{i} is a line of {display}\n")));
            files[^1].Dispose();
            File.Move(log, log + ".old");
            File.WriteAllText(log, $"begins anew {display}\n");
            files[^1] = new FollowedFile(log, Framing.UsersLines, LinkPolicy.Refuse, files[^1].Resume, host.Source.Tally, buffer);
        }

        var taken = Enumerable.Range(0, 200).SelectMany(_ => files.SelectMany(Read)).ToList();
        foreach (var display in (int[])[10, 11])
            Assert.Equal([.. Enumerable.Range(0, 50).Select(i => $"{i} is a line of {display}"), $"begins anew {display}"], taken.Where(t => t.EndsWith($" {display}", StringComparison.Ordinal)));
        files.ForEach(f => f.Dispose());
    }

    public void Dispose() => host.Dispose();

    private static IEnumerable<string> Read(FollowedFile file) => file.Read(Nine).ConvertAll(p => Encoding.UTF8.GetString(p.Bytes.Span).TrimEnd('\n'));

    private void Logon(string user, int display) => host.Logon("20260302-09:00:00", user, display);

    private static string Noise(int lines) => string.Concat(Enumerable.Repeat("[   100.000] rdpkeybDeviceOn: something of no use\n", lines));

    private List<KeptLine> Kept() => [.. host.Source.Keep(new AgentState()).XrdpLines.Where(l => l.Display is not null || !l.File.EndsWith("xrdp-sesman.log", StringComparison.Ordinal))];

    private IEnumerable<string> Followed() => host.Source.Keep(new AgentState()).Files.Keys.Where(f => f.Contains("xorgxrdp", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private long OffsetOf(string user, int display) => host.Source.Keep(new AgentState()).Files[host.DisplayLog(user, display)].Position.Offset;
}
