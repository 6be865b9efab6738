using System.Text;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Csv;
using Rollcall.Cli.Imports.Ndjson;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

public sealed class TableImportTests
{
    [Fact]
    public void A_table_of_events_gives_one_event_a_row()
    {
        var events = Read(new CsvImporter(zone: null), Lines(
            "events.csv",
            "time,type,host,os_session_id,user,client.ip,reason,network_rtt_ms",
            "2026-03-02T08:14:05.120Z,session.started,RDS-07,3,CORP\\anna,10.9.1.4,,20",
            "2026-03-02T09:00:00+01:00,rollcall.session.ended,RDS-07,3,CORP\\anna,,\"said \"\"bye\"\", left\","));

        Assert.Equal(
            [
                "2026-03-02 08:14:05.120 | session.started | RDS-07 | 3 | CORP\\anna | from 10.9.1.4",
                "2026-03-02 08:00:00.000 | session.ended | RDS-07 | 3 | CORP\\anna | because: said \"bye\", left",
            ],
            events.Select(Text));
        Assert.Equal(20, events[0].Data.NetworkRttMs);
    }

    [Fact]
    public void A_session_row_that_gets_its_end_later_keeps_its_start()
    {
        var header = "host,os_session_id,user,start_time,end_time,end_reason";
        var open = Read(new CsvImporter(TimeZoneInfo.Utc), Lines("s.csv", header, "h,1,anna,2026-03-02 08:00:00,,"));
        var done = Read(new CsvImporter(TimeZoneInfo.Utc), Lines("s.csv", header, "h,1,anna,2026-03-02 08:00:00,2026-03-02 17:00:00,logoff"));

        Assert.Equal(open.Single().Id, done[0].Id);
        Assert.Equal([EventTypes.SessionStarted, EventTypes.SessionEnded], done.Select(e => e.Type));
        Assert.Equal("logoff", done[1].Data.Reason);
    }

    [Fact]
    public void A_misspelt_column_is_refused_because_its_values_would_be_lost()
    {
        var refused = Assert.Throws<UsageException>(() => Read(new CsvImporter(null), Lines("e.csv", "type,time,host,os_sesion_id,user")));

        Assert.Contains("os_sesion_id", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_columns_does_not_change_an_id()
    {
        var one = Read(new CsvImporter(null), Lines("a.csv", "type,time,host", "host.started,2026-03-02T08:00:00Z,h"));
        var two = Read(new CsvImporter(null), Lines("b.csv", "host,time,type", "h,2026-03-02T08:00:00Z,host.started"));

        Assert.Equal(one.Single().Id, two.Single().Id);
    }

    [Fact]
    public void Rows_that_cannot_be_events_are_counted_by_reason()
    {
        var tally = new Tally();

        var events = Read(new CsvImporter(null), tally, Lines(
            "e.csv",
            "type,time,host,os_session_id,user",
            "session.started,2026-03-02T08:00:00Z,,1,anna",
            "session.started,2026-03-02T08:00:00Z,h,1,",
            "session.begun,2026-03-02T08:00:00Z,h,1,anna",
            "session.started,yesterday at nine,h,1,anna",
            "session.started,2026-03-02T08:00:00Z,h,1",
            "session.started,2026-03-02T08:00:00Z,h,1,\"anna"));

        Assert.Empty(events);
        Assert.Equal(6, tally.Skipped.Count);
    }

    [Fact]
    public void Ndjson_passes_events_on_byte_for_byte_with_members_nobody_here_knows()
    {
        var line = """{"specversion":"1.0", "id":"1","source":"s","type":"rollcall.host.beat","time":"2026-03-02T08:00:00Z","data":{"host":{"name":"h"},"roster":[],"lease_seconds":60}}""";

        var passed = Assert.Single(NdjsonImporter.Read([Lines("e.ndjson", line)], new Tally()));

        Assert.Equal(line, Encoding.UTF8.GetString(passed.Json));
    }

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not JSON")]
    [InlineData("""{"specversion":"0.3"}""", "specversion")]
    [InlineData("""{"specversion":"1.0","id":"1"}""", "no id or no source")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"other.thing"}""", "type")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"rollcall.host.beat","time":"2026-03-02T08:00:00"}""", "zone")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"rollcall.host.beat","time":"2026-03-02T08:00:00Z","data":{}}""", "host.name")]
    public void Ndjson_that_is_no_event_of_the_ledger_is_counted(string line, string reason)
    {
        var tally = new Tally();

        Assert.Empty(NdjsonImporter.Read([Lines("e.ndjson", line)], tally));
        Assert.Contains(reason, Assert.Single(tally.Skipped).Reason, StringComparison.Ordinal);
    }
}
