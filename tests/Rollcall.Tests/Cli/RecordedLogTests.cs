using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Sshd;
using Rollcall.Cli.Imports.WindowsLsm;
using Rollcall.Cli.Imports.Wtmp;
using Rollcall.Cli.Imports.Xrdp;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

/// <summary>Real logs of real hosts against lists reasoned out by hand: tests/data/import/README.md says why each event.</summary>
public sealed class RecordedLogTests
{
    private static readonly TimeZoneInfo Utc = TimeZoneInfo.Utc;

    [Fact]
    public void The_three_logs_of_an_xrdp_host_tell_one_story()
    {
        var events = Read(new XrdpImporter("lin-01", Utc), Recorded("xrdp-sesman.log"), Recorded("xrdp.log"), Recorded("xorgxrdp.10.log"));

        AssertGolden("xrdp-all.txt", events);
    }

    [Fact]
    public void Sesman_log_alone_makes_up_no_disconnects()
    {
        var events = Read(new XrdpImporter("lin-01", Utc), Recorded("xrdp-sesman.log"));

        AssertGolden("xrdp-sesman-only.txt", events);
    }

    [Fact]
    public void Xrdp_log_without_sesman_log_makes_no_events_and_says_so()
    {
        var tally = new Tally();

        Assert.Empty(Read(new XrdpImporter("lin-01", Utc), tally, Recorded("xrdp.log"), Recorded("xorgxrdp.10.log")));
        Assert.Contains(tally.Notes, n => n.Reason.Contains("sesman.log", StringComparison.Ordinal));
    }

    [Fact]
    public void An_RFC_3164_log_of_sshd_gives_logons_logoffs_and_failures() =>
        AssertGolden("sshd-rfc3164.txt", Read(new SshdImporter(Utc, 2026), Recorded("sshd-rfc3164.log")));

    [Fact]
    public void An_RFC_5424_log_of_sshd_needs_no_zone_and_keeps_milliseconds() =>
        AssertGolden("sshd-rfc5424.txt", Read(new SshdImporter(zone: null, year: null), Recorded("sshd-rfc5424.log")));

    [Fact]
    public void Login_records_give_logons_but_no_terminal_windows()
    {
        var tally = new Tally();

        AssertGolden("wtmp.txt", Read(new WtmpImporter("lin-01", withTerminals: false), tally, Recorded("wtmp.bin")));
        Assert.Equal(10, Skipped(tally, "terminal window"));
    }

    [Fact]
    public void Terminal_windows_are_taken_when_asked_for() =>
        AssertGolden("wtmp-terminals.txt", Read(new WtmpImporter("lin-01", withTerminals: true), Recorded("wtmp.bin")));

    [Fact]
    public void A_day_of_a_Windows_host_gives_its_sessions() =>
        AssertGolden("windows-lsm.txt", Read(new LsmImporter(Zone("Europe/Berlin")), Written("windows-lsm.jsonl")));

    [Fact]
    public void The_recording_of_a_Windows_host_gives_its_sessions()
    {
        var path = Path.Combine(Root, "..", "shared", "data", "hosts", "otrf-lsm-events.jsonl");
        Assert.SkipUnless(File.Exists(path), "The recording is not part of the sources: its licence is another.");

        var tally = new Tally();
        var events = Read(new LsmImporter(Zone("America/New_York")), tally, LogFile.At(path));

        Assert.Equal(
            [
                "2020-09-04 07:07:17 host.stopped", "2020-09-04 07:07:18 session.ended 2", "2020-09-04 07:08:20 session.initializing 2",
                "2020-09-04 07:08:22 session.started 2", "2020-09-04 07:08:34 session.disconnected 2", "2020-09-04 07:08:36 session.reconnected 2",
                "2020-09-04 07:30:27 session.disconnected 2", "2020-09-22 08:38:02 session.disconnected 2", "2020-09-22 08:38:03 session.reconnected 2",
            ],
            InLedgerOrder(events).Select(e => $"{e.Time:yyyy-MM-dd HH:mm:ss} {e.Type["rollcall.".Length..]} {e.Data.OsSessionId}".TrimEnd()));
        Assert.Equal(5, tally.Skipped.Sum(r => r.Count));
        Assert.Empty(tally.Notes);
    }
}
