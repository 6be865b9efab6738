using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Sshd;
using Rollcall.Cli.Imports.WindowsLsm;
using Rollcall.Cli.Imports.Xrdp;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

public sealed class LogTimeTests
{
    [Fact]
    public void A_doubled_hour_is_told_apart_by_the_order_of_lines()
    {
        var tally = new Tally();

        var times = SshTimes(tally, 2026, "Oct 25 01:59:00", "Oct 25 02:30:00", "Oct 25 02:59:00", "Oct 25 02:10:00", "Oct 25 03:00:00");

        Assert.Equal(["23:59", "00:30", "00:59", "01:10", "02:00"], times.Select(t => t.ToString("HH:mm")));
        Assert.Equal(3, tally.Notes.Single(n => n.Reason.Contains("showed twice", StringComparison.Ordinal)).Count);
    }

    [Fact]
    public void A_time_that_the_clocks_skipped_is_counted_and_gets_no_time()
    {
        var tally = new Tally();

        var times = SshTimes(tally, 2026, "Mar 29 01:59:00", "Mar 29 02:30:00", "Mar 29 03:00:00");

        Assert.Equal(["00:59", "01:00"], times.Select(t => t.ToString("HH:mm")));
        Assert.Equal(1, Skipped(tally, "skipped when its clocks went forward"));
    }

    [Fact]
    public void January_after_December_is_the_next_year()
    {
        var times = SshTimes(new Tally(), 2025, "Nov 30 10:00:00", "Dec 31 23:59:59", "Jan  1 00:00:00", "Feb  1 00:00:00");

        Assert.Equal([2025, 2025, 2026, 2026], times.Select(t => t.AddHours(1).Year));
    }

    [Fact]
    public void A_line_of_the_old_year_that_comes_late_stays_in_the_old_year()
    {
        var times = SshTimes(new Tally(), 2025, "Dec 31 23:59:58", "Jan  1 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01");

        Assert.Equal([2025, 2026, 2025, 2026], times.Select(t => t.AddHours(1).Year));
    }

    [Fact]
    public void Other_programs_lines_count_for_the_year_too()
    {
        var tally = new Tally();
        var events = Read(new SshdImporter(TimeZoneInfo.Utc, 2025), tally, Lines(
            "auth.log",
            "Dec 31 23:59:58 vm sudo: anna : TTY=pts/0",
            "Jan  2 00:00:00 vm sshd[7]: Accepted password for anna from 10.0.0.1 port 1 ssh2"));

        Assert.Equal(2026, Assert.Single(events).Time.Year);
        Assert.Equal(1, Skipped(tally, "another program"));
    }

    [Fact]
    public void The_29th_of_February_of_a_year_without_one_is_counted()
    {
        var tally = new Tally();

        Assert.Empty(SshTimes(tally, 2026, "Feb 29 10:00:00"));
        Assert.Equal(1, Skipped(tally, "29 February"));
        Assert.Equal(29, Assert.Single(SshTimes(new Tally(), 2028, "Feb 29 10:00:00")).Day);
    }

    [Fact]
    public void A_log_without_zones_is_refused_until_somebody_names_the_zone()
    {
        Assert.Throws<UsageException>(() => Read(new SshdImporter(zone: null, 2026), Recorded("sshd-rfc3164.log")));
        Assert.Throws<UsageException>(() => Read(new SshdImporter(TimeZoneInfo.Utc, year: null), Recorded("sshd-rfc3164.log")));
        Assert.Throws<UsageException>(() => Read(new XrdpImporter("h", zone: null), Recorded("xrdp-sesman.log")));
        Assert.Throws<UsageException>(() => Read(new XrdpImporter("h", zone: null), Recorded("xorgxrdp.10.log")));
        Assert.Throws<UsageException>(() => Read(new LsmImporter(zone: null), Written("windows-lsm.jsonl")));
    }

    [Fact]
    public void An_RFC_5424_line_without_a_time_is_counted()
    {
        var tally = new Tally();

        Assert.Empty(Read(new SshdImporter(TimeZoneInfo.Utc, 2026), tally, Lines("a.log", "<38>1 - vm sshd 7 - - Accepted password for anna from 10.0.0.1 port 1 ssh2")));
        Assert.Equal(1, Skipped(tally, "no time"));
    }

    [Fact]
    public void A_refused_logon_shows_when_the_zone_is_wrong()
    {
        var tally = new Tally();

        var events = Read(new XrdpImporter("h", Zone("America/New_York")), tally, Recorded("xrdp-sesman.log"));

        Assert.Contains(tally.Notes, n => n.Reason.Contains("contradicts --time-zone", StringComparison.Ordinal));
        Assert.Equal("2026-11-21 23:39:11", events.Single(e => e.Data.Failure is not null).Time.ToString("yyyy-MM-dd HH:mm:ss"));
    }

    [Fact]
    public void A_Windows_event_collected_before_it_happened_shows_that_the_zone_is_wrong()
    {
        var tally = new Tally();

        Read(new LsmImporter(Zone("America/New_York")), tally, Written("windows-lsm.jsonl"));

        Assert.Equal(16, tally.Notes.Single(n => n.Reason.Contains("collected before it happened", StringComparison.Ordinal)).Count);
    }

    private static List<DateTimeOffset> SshTimes(Tally tally, int year, params string[] stamps)
    {
        var lines = stamps.Select((s, i) => $"{s} vm sshd[{i + 1}]: Accepted password for anna from 10.0.0.1 port {i + 1} ssh2");
        return Read(new SshdImporter(Zone("Europe/Paris"), year), tally, Lines("auth.log", [.. lines])).ConvertAll(e => e.Time);
    }
}
