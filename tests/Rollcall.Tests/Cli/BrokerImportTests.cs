using System.Text;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Brokers;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

/// <summary>Histories of session brokers: one row, one session.</summary>
public sealed class BrokerImportTests
{
    private const string GuacamoleHeader = "history_id,username,connection_name,start_date,end_date";

    [Theory]
    [InlineData("guacamole-history.json")]
    [InlineData("guacamole-history.csv")]
    public void Guacamoles_history_is_the_same_from_its_API_and_from_its_table(string file)
    {
        var events = Told(Written(file));

        AssertGolden("guacamole.txt", events);
        Assert.Equal(Told(Written("guacamole-history.json")).Select(e => e.Id), events.Select(e => e.Id));

        // The table does not say which of its rows are over.
        static List<LedgerEvent> Told(LogFile file) => [.. Read(new GuacamoleImporter(zone: null), file).Where(e => e.Data.EndTimeSource is null)];
    }

    [Fact]
    public void An_end_that_Guacamole_never_wrote_down_is_not_made_up()
    {
        var answer = new Tally();

        var events = Read(new GuacamoleImporter(zone: null), answer, Written("guacamole-history.json"));

        var (began, over) = (events.First(e => e.Data.User == "bo"), events.Last(e => e.Data.User == "bo"));
        Assert.Equal((EventTypes.SessionStarted, EventTypes.SessionEnded, "unknown"), (began.Type, over.Type, over.Data.EndTimeSource));
        Assert.Equal(began.Time, over.Time);
        Assert.True(string.CompareOrdinal(began.Id, over.Id) < 0, "the ledger reads the start first");
        Assert.True(over.Data.EndTimeLatest > began.Time);
        Assert.Equal(1, Assert.Single(answer.Notes).Count);
        Assert.Contains("never written down", answer.Notes[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 0)]
    public void Rows_that_do_not_say_whether_they_go_on_are_what_one_says_they_are(bool areOpen, int unknown)
    {
        var tally = new Tally();

        var events = Read(new GuacamoleImporter(zone: null, clock: null, areOpen ? UnsaidEnd.Open : UnsaidEnd.Unknown), tally, Written("guacamole-history.csv"));

        Assert.Equal(unknown, events.Count(e => e.Data is { EndTimeSource: "unknown", EndTimeLatest: not null }));
        Assert.Equal(2, Assert.Single(tally.Notes).Count);
        Assert.Contains("does not say", tally.Notes[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void JumpServers_older_columns_say_of_no_row_that_it_goes_on()
    {
        var events = Read(new JumpServerImporter(zone: null), Lines("s.csv", "User,Asset,Date start,Date end", "anna,RDS-07,2026/03/03 16:14:05 +0800,-"));

        Assert.Equal("unknown", events[^1].Data.EndTimeSource);
    }

    [Fact]
    public void A_session_that_ended_since_the_last_import_keeps_its_start()
    {
        var open = Read(new GuacamoleImporter(TimeZoneInfo.Utc, clock: null, UnsaidEnd.Open), Lines("g.csv", GuacamoleHeader, "1,anna,RDS-07,2026-03-03 08:00:00,NULL"));
        var done = Read(new GuacamoleImporter(TimeZoneInfo.Utc), Lines("g.csv", GuacamoleHeader, "1,anna,RDS-07,2026-03-03 08:00:00,2026-03-03 09:00:00"));

        Assert.Equal(open.Single().Id, done[0].Id);
        Assert.Equal([EventTypes.SessionStarted, EventTypes.SessionEnded], done.Select(e => e.Type));
    }

    [Fact]
    public void Times_of_a_table_without_zones_need_the_zone_of_the_database()
    {
        var file = Lines("g.csv", GuacamoleHeader, "1,anna,RDS-07,2026-03-03 08:00:00,");

        Assert.Throws<UsageException>(() => Read(new GuacamoleImporter(zone: null), file));
        Assert.All(Read(new GuacamoleImporter(Zone("Europe/Paris")), file), e => Assert.Equal(7, e.Time.Hour));
    }

    [Fact]
    public void Rows_that_are_no_session_are_counted_by_reason()
    {
        var tally = new Tally();
        var rows = """
            [{"startDate":1772525645120,"username":"anna","active":false,"identifier":"1"},
             {"startDate":1772525645120,"username":null,"connectionName":"RDS-07","identifier":"2"},
             {"startDate":null,"username":"anna","connectionName":"RDS-07","identifier":"3"},
             {"startDate":99999999999999999,"username":"anna","connectionName":"RDS-07","identifier":"4"},
             {"startDate":1772525645120,"endDate":1772525645119,"username":"anna","connectionName":"RDS-07","identifier":"5"},
             {"startDate":1772525645120,"endDate":1772525645120,"username":"anna","connectionName":"RDS-07","identifier":"6"},
             {"startDate":1772525645120,"endDate":1772525645120,"username":"anna","connectionName":"RDS-07","identifier":"6"}]
            """;

        var events = Read(new GuacamoleImporter(zone: null), tally, LogFile.Of("h.json", Encoding.UTF8.GetBytes(rows)));

        Assert.Equal(["guacamole-5", "guacamole-6", "guacamole-6"], events.Select(e => e.Data.OsSessionId));
        Assert.Equal((1, 1, 2), (Skipped(tally, "no connection name"), Skipped(tally, "no user name"), Skipped(tally, "no start")));
        Assert.Equal((1, 1), (Skipped(tally, "an end before its start"), Skipped(tally, "the same row again")));
        Assert.Equal([EventTypes.SessionStarted, EventTypes.SessionEnded], InLedgerOrder(events.Skip(1)).Select(e => e.Type));
    }

    [Fact]
    public void Rows_without_ids_get_one_from_what_they_say()
    {
        var rows = Lines("g.csv", "username,connection_name,start_date,end_date", "anna,RDS-07,2026-03-03T08:00:00Z,", "bo,RDS-07,2026-03-03T08:00:00Z,");

        var ids = Read(new GuacamoleImporter(zone: null), rows).ConvertAll(e => e.Data.OsSessionId);

        Assert.Equal(ids, Read(new GuacamoleImporter(zone: null), rows).ConvertAll(e => e.Data.OsSessionId));
        Assert.Equal(2, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("jumpserver-en.csv")]
    [InlineData("jumpserver-zh.csv")]
    public void JumpServers_export_is_the_same_in_English_and_in_Chinese(string file)
    {
        var tally = new Tally();

        var events = Read(new JumpServerImporter(zone: null), tally, Written(file));

        AssertGolden("jumpserver.txt", events);
        Assert.Equal(Read(new JumpServerImporter(zone: null), Written("jumpserver-en.csv")).Select(e => e.Id), events.Select(e => e.Id));
        Assert.Equal(["10.2.0.17", null, null, "10.2.0.17", "10.2.0.30", "10.2.0.17"], InLedgerOrder(events).Select(e => e.Data.Host.Ip));
        Assert.Equal("Web Terminal", events[0].Data.Client!.Type);
        Assert.Contains("never written down", Assert.Single(tally.Notes).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*用戶,資產,開始日期,結束日期,是否成功")]
    [InlineData("user,ASSET,date_start,Date end,is_success")]
    [InlineData("User*,* Asset,Date start,Date end,Is success")]
    public void Headers_are_known_by_name_in_any_order_with_and_without_marks(string header)
    {
        var events = Read(new JumpServerImporter(zone: null), Lines("s.csv", header, "Anna Li(anna),RDS-07(10.2.0.17),2026/03/03 16:14:05 +0800,2026/03/03 16:15:05 +0800,Yes"));

        Assert.Equal(["session.started", "session.ended"], events.Select(e => e.Type["rollcall.".Length..]));
    }

    [Fact]
    public void A_table_without_the_columns_of_a_session_is_refused_with_what_it_has()
    {
        var refused = Assert.Throws<UsageException>(() => Read(new JumpServerImporter(zone: null), Lines("s.csv", "ID,User,Command", "1,anna,ls")));

        Assert.Contains("asset, date start. It has: ID, User, Command", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trouble_with_a_recording_is_no_reason_why_a_session_failed()
    {
        var failed = Assert.Single(Read(new JumpServerImporter(zone: null), Lines(
            "s.csv", "User,Asset,Date start,Is success,Error reason", "anna,RDS-07,2026/03/03 16:14:05 +0800,No,Replay upload failed(replay_upload_failed)")));

        Assert.Equal((EventTypes.SessionFailed, new EventFailure()), (failed.Type, failed.Data.Failure));
    }
}
