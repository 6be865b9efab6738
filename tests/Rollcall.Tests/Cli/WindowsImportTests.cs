using System.Text;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.WindowsLsm;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

public sealed class WindowsImportTests
{
    private const string PowerShell = """
        [
            {
                "Id":  25, "MachineName":  "RDS-07", "RecordId":  12, "ProviderName":  "Microsoft-Windows-TerminalServices-LocalSessionManager",
                "TimeCreated":  "\/Date(1772444045250)\/",
                "Message":  "Remotedesktopdienste: Die Sitzungswiederverbindung war erfolgreich.",
                "Properties":  [ { "Value":  "CORP\\anna" }, { "Value":  2 }, { "Value":  "10.9.1.4" } ]
            },
            {
                "Id":  40, "MachineName":  "RDS-07", "RecordId":  11, "ProviderName":  "Microsoft-Windows-TerminalServices-LocalSessionManager",
                "TimeCreated":  "2026-03-02T10:34:04.1234567+01:00",
                "Message":  null,
                "Properties":  [ { "Value":  2 }, { "Value":  5 } ]
            }
        ]
        """;

    [Fact]
    public void PowerShells_array_is_read_newest_first_in_any_language_and_without_a_zone()
    {
        var events = Read(new LsmImporter(zone: null), LogFile.Of("events.json", Encoding.UTF8.GetBytes(PowerShell)));

        Assert.Equal(
            [
                "2026-03-02 09:34:04.123 | session.disconnected | RDS-07 | 2 | CORP\\anna | because: reason code 5: replaced by another connection",
                "2026-03-02 09:34:05.250 | session.reconnected | RDS-07 | 2 | CORP\\anna | RDP | from 10.9.1.4",
            ],
            events.Select(Text));
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public void The_encodings_that_PowerShell_writes_are_the_same_log(string encoding)
    {
        var writer = Encoding.GetEncoding(encoding);
        var bytes = (byte[])[.. writer.GetPreamble(), .. writer.GetBytes(PowerShell)];

        var events = Read(new LsmImporter(zone: null), LogFile.Of("events.json", bytes));

        Assert.Equal(2, events.Count);
    }

    [Fact]
    public void One_event_alone_is_no_array_and_is_read_all_the_same()
    {
        var one = PowerShell.Trim()[1..PowerShell.IndexOf("},\n", StringComparison.Ordinal)] + "}";

        Assert.Equal(EventTypes.SessionReconnected, Assert.Single(Read(new LsmImporter(null), LogFile.Of("one.json", Encoding.UTF8.GetBytes(one)))).Type);
    }

    [Fact]
    public void A_broken_array_gives_the_events_before_the_break()
    {
        var tally = new Tally();
        var broken = PowerShell[..PowerShell.IndexOf("\"Id\":  40", StringComparison.Ordinal)];

        Assert.Single(Read(new LsmImporter(null), tally, LogFile.Of("events.json", Encoding.UTF8.GetBytes(broken))));
        Assert.Equal(1, Skipped(tally, "not JSON from here on"));
    }

    [Fact]
    public void Values_of_UserData_win_over_a_message_in_another_language()
    {
        var line = """{"EventID":21,"Hostname":"RDS-07","EventTime":"2026-03-02 08:14:05","Message":"Ouverture de session","UserData":{"EventXML":{"User":"CORP\\anna","SessionID":"2","Address":"LOCAL"}}}""";

        var started = Assert.Single(Read(new LsmImporter(TimeZoneInfo.Utc), Lines("e.jsonl", line)));

        Assert.Equal("2026-03-02 08:14:05.000 | session.started | RDS-07 | 2 | CORP\\anna | Console", Text(started));
    }

    [Fact]
    public void Another_logs_events_are_counted()
    {
        var tally = new Tally();
        var line = """{"EventID":21,"Hostname":"RDS-07","EventTime":"2026-03-02 08:14:05","SourceName":"Microsoft-Windows-Security-Auditing"}""";

        Assert.Empty(Read(new LsmImporter(TimeZoneInfo.Utc), tally, Lines("e.jsonl", line)));
        Assert.Equal(1, Skipped(tally, "of another log"));
    }

    [Fact]
    public void A_doubled_hour_follows_the_hosts_own_numbers()
    {
        // The collector wrote the records in the order in which they reached it.
        string Logon(int number, string time) =>
            $$"""{"EventID":21,"Hostname":"H","RecordNumber":{{number}},"EventTime":"2026-10-25 {{time}}","Message":"\r\nUser: u{{number}}\r\nSession ID: {{number}}\r\nSource Network Address: LOCAL"}""";

        var events = Read(new LsmImporter(Zone("Europe/Berlin")), Lines("e.jsonl", Logon(4, "02:10:00"), Logon(1, "02:05:00"), Logon(3, "02:50:00"), Logon(2, "02:40:00")));

        Assert.Equal(["00:05", "00:40", "00:50", "01:10"], events.Select(e => e.Time.ToString("HH:mm")));
    }

    [Fact]
    public void A_log_that_was_cleared_and_counts_from_one_again_stays_in_the_order_of_its_clock()
    {
        string Logon(int number, string time) =>
            $$"""{"EventID":21,"Hostname":"H","RecordNumber":{{number}},"EventTime":"2026-03-02 {{time}}","Message":"\r\nUser: u\r\nSession ID: 2\r\nSource Network Address: LOCAL"}""";

        var events = Read(new LsmImporter(TimeZoneInfo.Utc), Lines("e.jsonl", Logon(900, "08:00:00"), Logon(1, "17:00:00")));

        Assert.Equal([8, 17], events.Select(e => e.Time.Hour));
    }
}
