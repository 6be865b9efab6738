using System.Text;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.WindowsLsm;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

/// <summary>One day of one host as every tool writes it (tests/data/import/README.md says what happened).</summary>
public sealed class WindowsFormsTests
{
    private const string Wevtutil = "windows-wevtutil.xml";

    /// <summary>Files whose times have milliseconds.</summary>
    public static TheoryData<string> Exact =>
        [Wevtutil, "windows-powershell-5.1.json", "windows-powershell-7.json", "windows-winlogbeat-7.jsonl", "windows-winlogbeat-8.jsonl"];

    [Theory, MemberData(nameof(Exact))]
    public void Every_form_tells_the_same_day(string file)
    {
        var tally = new Tally();

        AssertGolden("windows-forms.txt", Read(new LsmImporter(zone: null), tally, Written(file)));
        Assert.Empty(tally.Notes);
        Assert.False(tally.IsIncomplete);
    }

    [Theory, MemberData(nameof(Exact))]
    [InlineData("windows-nxlog.jsonl")]
    public void An_event_has_one_id_in_all_forms(string file)
    {
        var ids = Ids(Read(new LsmImporter(Zone("Europe/Berlin")), Written(file)));

        Assert.Equal(Ids(Read(new LsmImporter(zone: null), Written(Wevtutil))), ids);
    }

    [Fact]
    public void All_forms_together_say_no_more_than_one()
    {
        var events = Read(new LsmImporter(Zone("Europe/Berlin")), [.. Exact.Select(row => Written(row.Data))]);

        AssertGolden("windows-forms.txt", events);
    }

    [Fact]
    public void Each_boot_names_its_sessions_so_that_a_number_given_out_again_is_another_session()
    {
        var events = InLedgerOrder(Read(new LsmImporter(zone: null), Written(Wevtutil))).ToList();

        Assert.Equal(
            ["boot-20260303T050002Z", "boot-20260303T170130Z", "boot-20260303T200000Z"],
            events.Select(e => e.Data.Host.BootId!).Distinct());
        Assert.Equal(
            [(@"CORP\anna", "boot-20260303T050002Z"), (@"CORP\bo", "boot-20260303T170130Z")],
            events.Where(e => e.Data.OsSessionId == "2").Select(e => (e.Data.User!, e.Data.Host.BootId!)).Distinct());
    }

    [Fact]
    public void A_logon_after_a_shutdown_whose_boot_the_files_do_not_hold_names_no_boot()
    {
        var events = Read(new LsmImporter(zone: null), Xml(
            System("Microsoft-Windows-Kernel-General", 12, 1, "05:00:00"), Lsm(54, 1, "06:00:00", ""), Logon(2, "07:00:00"), Logon(3, "07:00:01", session: 3)));

        Assert.Equal(["boot-20260303T050000Z", "boot-20260303T050000Z", null, null], events.Select(e => e.Data.Host.BootId));
    }

    [Fact]
    public void The_event_log_service_speaks_for_the_host_only_where_the_kernel_does_not()
    {
        // A service that was restarted alone would end every session of the host.
        var service = new[] { System("EventLog", 6006, 7, "06:00:00"), System("EventLog", 6005, 8, "06:00:05") };

        var alone = Read(new LsmImporter(zone: null), Xml([Logon(1, "05:30:00"), .. service]));
        var both = Read(new LsmImporter(zone: null), Xml(
            [System("Microsoft-Windows-Kernel-General", 12, 5, "05:00:00"), Logon(1, "05:30:00"), .. service, System("Microsoft-Windows-Kernel-General", 13, 9, "09:00:00")]));

        Assert.Equal(["session.started", "host.stopped", "host.started"], alone.Select(Type));
        Assert.Equal(["host.started", "session.started", "host.stopped"], both.Select(Type));
    }

    [Fact]
    public void An_unexpected_stop_alone_shows_that_the_host_started()
    {
        var tally = new Tally();

        var events = Read(new LsmImporter(zone: null), tally, Xml(Logon(1, "05:30:00"), System("EventLog", 6008, 7, "06:00:00"), System("User32", 1074, 8, "07:00:00")));

        Assert.Equal(["session.started", "host.started"], events.Select(Type));
        Assert.Equal(1, Skipped(tally, "who asked for a shutdown"));
    }

    [Fact]
    public void Shutdowns_of_two_days_are_two_although_nobody_logged_on_between()
    {
        var tally = new Tally();

        var events = Read(new LsmImporter(zone: null), tally, Xml(Lsm(54, 1, "05:00:00", ""), Lsm(54, 2, "05:05:00", ""), Lsm(54, 3, "19:00:00", "")));

        Assert.Equal(["05:00", "19:00"], events.Select(e => e.Time.ToString("HH:mm")));
        Assert.Equal(1, Skipped(tally, "says again that the host goes down"));
    }

    [Fact]
    public void A_root_a_declaration_and_a_prefix_of_blanks_change_nothing()
    {
        var events = File.ReadAllText(Path.Combine(Root, "tests", "data", "import", Wevtutil));
        var rooted = $"\r\n<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<Events>{events}</Events>";

        AssertGolden("windows-forms.txt", Read(new LsmImporter(zone: null), LogFile.Of("e.xml", Encoding.UTF8.GetBytes(rooted))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void UTF_16_is_read_with_and_without_its_mark(bool withMark)
    {
        var text = Encoding.Unicode.GetBytes(File.ReadAllText(Path.Combine(Root, "tests", "data", "import", Wevtutil)));
        var bytes = withMark ? [0xff, 0xfe, .. text] : text;

        AssertGolden("windows-forms.txt", Read(new LsmImporter(zone: null), LogFile.Of("e.xml", bytes)));
    }

    [Fact]
    public void A_bad_event_in_XML_does_not_spoil_the_next()
    {
        var tally = new Tally();
        var bad = new[]
        {
            "<Event><System></Event>",
            "<Event></Event>",
            "<!DOCTYPE Event [<!ENTITY a \"b\">]><Event xmlns='x'><System><Computer>&a;</Computer></System></Event>",
            Logon(9, "05:00:00").Replace("</Event>", $"{string.Concat(Enumerable.Repeat("<a>", 20))}{string.Concat(Enumerable.Repeat("</a>", 20))}</Event>", StringComparison.Ordinal),
            $"<Event>{new string('x', LineReader.LineBytesMax)}</Event>",
            "<Event><System><EventID>&#1;</EventID></System></Event>",
        };

        var events = Read(new LsmImporter(zone: null), tally, Xml([.. bad, Logon(1, "05:30:00")]));

        Assert.Equal("session.started", Type(Assert.Single(events)));
        Assert.Equal(5, Skipped(tally, "not XML"));
        Assert.Equal(1, Skipped(tally, "longer than 64 KiB"));
    }

    [Fact]
    public void XML_in_a_consoles_code_page_is_counted_and_never_guessed_at()
    {
        var tally = new Tally();
        var bytes = Encoding.Latin1.GetBytes(Logon(1, "05:30:00").Replace("anna", "ann\u00e9", StringComparison.Ordinal) + Logon(2, "06:00:00"));

        Assert.Single(Read(new LsmImporter(zone: null), tally, LogFile.Of("e.xml", bytes)));
        Assert.Equal(1, Skipped(tally, "not UTF-8"));
    }

    [Fact]
    public void An_export_cut_short_gives_what_comes_before_and_says_so()
    {
        var tally = new Tally();

        Assert.Single(Read(new LsmImporter(zone: null), tally, Xml(Logon(1, "05:30:00"), Logon(2, "06:00:00")[..^9])));
        Assert.Equal(1, Skipped(tally, "cut short at the end of the file"));
        Assert.True(tally.IsIncomplete);
    }

    [Fact]
    public void A_binary_event_log_is_refused_with_the_command_that_exports_it()
    {
        var tally = new Tally();

        Assert.Empty(Read(new LsmImporter(zone: null), tally, LogFile.Of("Security.evtx", [.. "ElfFile\0"u8, 1, 2, 3])));
        Assert.Equal(1, Skipped(tally, "wevtutil qe"));
    }

    [Fact]
    public void A_compressed_array_on_one_line_longer_than_any_line_is_read()
    {
        var one = """{"Id":21,"MachineName":"RDS-07","RecordId":@,"ProviderName":"Microsoft-Windows-TerminalServices-LocalSessionManager","TimeCreated":"\/Date(1772444045250)\/","Properties":[{"Value":"CORP\\anna"},{"Value":@},{"Value":"10.9.1.4"}]}""";
        var all = string.Join(',', Enumerable.Range(1, 1_000).Select(i => one.Replace("@", $"{i}", StringComparison.Ordinal)));

        Assert.Equal(1_000, Read(new LsmImporter(zone: null), LogFile.Of("e.json", Encoding.UTF8.GetBytes($"[{all}]"))).Count);
    }

    [Fact]
    public void Values_that_PowerShell_cut_short_are_told_with_the_remedy()
    {
        var tally = new Tally();
        var cut = """{"Id":21,"MachineName":"RDS-07","RecordId":1,"ProviderName":"Microsoft-Windows-TerminalServices-LocalSessionManager","TimeCreated":"\/Date(1772444045250)\/","Properties":["System.Diagnostics.Eventing.Reader.EventProperty"],"Message":"@"}""";
        var english = cut.Replace("@", @"Remote Desktop Services: Session logon succeeded:\r\n\r\nUser: CORP\\anna\r\nSession ID: 2", StringComparison.Ordinal);
        var french = cut.Replace("@", @"Ouverture de session r\u00e9ussie :\r\n\r\nUtilisateur : CORP\\anna", StringComparison.Ordinal).Replace("\"RecordId\":1", "\"RecordId\":2", StringComparison.Ordinal);

        var events = Read(new LsmImporter(zone: null), tally, LogFile.Of("e.json", Encoding.UTF8.GetBytes($"[{english},{french}]")));

        Assert.Equal(@"CORP\anna", Assert.Single(events).Data.User);
        Assert.Equal(1, Skipped(tally, "say -Depth 4"));
    }

    [Theory]
    [InlineData("""{"@timestamp":"2026-03-03T07:14:05.120Z","winlog.event_id":21,"winlog.computer_name":"H","winlog.user_data":{"User":"u","SessionID":"2"}}""")]
    [InlineData("""{"@timestamp":"2026-03-03T07:14:05.120Z","event.code":"21","winlog":{"computer_name":"H","user_data.User":"u","user_data.SessionID":2}}""")]
    [InlineData("""{"_index":"winlogbeat","_source":{"@timestamp":"2026-03-03T07:14:05.120Z","event":{"code":21},"winlog":{"event_id":21,"computer_name":"H","user_data":{"User":"u","SessionID":"2"}}}}""")]
    public void Winlogbeat_is_read_nested_flattened_and_out_of_Elasticsearch(string line)
    {
        var started = Assert.Single(Read(new LsmImporter(zone: null), Lines("e.jsonl", line)));

        Assert.Equal("2026-03-03 07:14:05.120 | session.started | H | 2 | u", Text(started));
    }

    [Fact]
    public void A_time_is_cut_and_never_rounded_into_the_next_second()
    {
        var started = Assert.Single(Read(new LsmImporter(zone: null), Xml(Logon(1, "05:30:59.999999999"))));

        Assert.Equal("05:30:59.999", started.Time.ToString("HH:mm:ss.fff"));
    }

    [Theory]
    [InlineData("Wevtutil", "windows-winlogbeat-8.jsonl")]
    [InlineData("Winlogbeat", Wevtutil)]
    [InlineData("Winlogbeat", "windows-powershell-7.json")]
    [InlineData("PowerShell", "windows-winlogbeat-8.jsonl")]
    public void A_form_that_is_not_the_files_takes_nothing_and_counts_what_it_read(string form, string file)
    {
        var tally = new Tally();

        Assert.Empty(Read(new LsmImporter(zone: null, Enum.Parse<WindowsForm>(form)), tally, Written(file)));
        Assert.NotEmpty(tally.Skipped);
    }

    private static string[] Ids(IEnumerable<LedgerEvent> events) => [.. events.Select(e => $"{e.Source} {e.Id}").Order(StringComparer.Ordinal)];

    private static string Type(LedgerEvent e) => e.Type["rollcall.".Length..];

    private static LogFile Xml(params string[] events) => LogFile.Of("e.xml", Encoding.UTF8.GetBytes(string.Join('\n', events)));

    private static string Logon(int record, string time, int session = 2) =>
        Lsm(21, record, time, $@"<User>CORP\anna</User><SessionID>{session}</SessionID><Address>10.9.1.4</Address>");

    private static string Lsm(int id, int record, string time, string values) =>
        System("Microsoft-Windows-TerminalServices-LocalSessionManager", id, record, time).Replace(
            "</Event>", $"<UserData><EventXML xmlns='Event_NS'>{values}</EventXML></UserData></Event>", StringComparison.Ordinal);

    private static string System(string provider, int id, int record, string time) =>
        $"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}'/><EventID>{id}</EventID>"
        + $"<TimeCreated SystemTime='2026-03-03T{time}Z'/><EventRecordID>{record}</EventRecordID><Computer>RDS-07</Computer></System></Event>";
}
