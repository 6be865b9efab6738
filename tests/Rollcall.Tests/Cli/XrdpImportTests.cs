using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Xrdp;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

public sealed class XrdpImportTests
{
    private const string Farewell = "Sending [ITU T.125] DisconnectProviderUltimatum failed";

    private static readonly LogFile TwoSessions = Lines(
        "sesman.log",
        "[20260302-08:00:00] [INFO ] ++ created session (access granted): username anna, ip 10.0.0.1:1001 - socket: 12",
        "[20260302-08:00:00] [INFO ] Starting session: session_pid 21, display :10.0, width 800, height 600, bpp 24, client ip 10.0.0.1:1001 - socket: 12, user name anna",
        "[20260302-08:01:00] [INFO ] ++ created session (access granted): username bo, ip 10.0.0.2:1002 - socket: 12",
        "[20260302-08:01:00] [INFO ] Starting session: session_pid 22, display :11.0, width 800, height 600, bpp 24, client ip 10.0.0.2:1002 - socket: 12, user name bo");

    [Fact]
    public void A_farewell_that_two_connections_could_have_said_is_counted_and_not_guessed_at()
    {
        var tally = new Tally();
        var xrdp = Lines("xrdp.log", [.. Connection("08:00:00", "10.0.0.1", 1001, "LT-1"), .. Connection("08:01:00", "10.0.0.2", 1002, "LT-2"), Line("09:00:00", Farewell)]);

        var events = Read(new XrdpImporter("h", TimeZoneInfo.Utc), tally, TwoSessions, xrdp);

        Assert.DoesNotContain(events, e => e.Type == EventTypes.SessionDisconnected);
        Assert.Equal(1, Skipped(tally, "could be one of several"));
        Assert.Equal(["LT-1", "LT-2"], events.Select(e => e.Data.Client?.Name));
    }

    [Fact]
    public void A_health_check_that_never_spoke_RDP_confuses_nobody()
    {
        var xrdp = Lines("xrdp.log",
        [
            .. Connection("08:00:00", "10.0.0.1", 1001, "LT-1"),
            Line("08:30:00", "Socket 12: AF_INET connection received from 10.0.0.9 port 4711"),
            Line("08:31:00", Farewell),
        ]);

        var events = Read(new XrdpImporter("h", TimeZoneInfo.Utc), TwoSessions, xrdp);

        var gone = events.Single(e => e.Type == EventTypes.SessionDisconnected);
        Assert.Equal(("10", "anna"), (gone.Data.OsSessionId, gone.Data.User));
    }

    [Fact]
    public void Two_clients_that_arrive_at_once_get_no_name_rather_than_the_others()
    {
        var tally = new Tally();
        var xrdp = Lines("xrdp.log",
            Line("08:00:00", "Socket 12: AF_INET connection received from 10.0.0.1 port 1001"),
            Line("08:00:00", "Socket 12: AF_INET connection received from 10.0.0.2 port 1002"),
            Line("08:00:00", "Connected client computer name: LT-1"));

        var events = Read(new XrdpImporter("h", TimeZoneInfo.Utc), tally, TwoSessions, xrdp);

        Assert.All(events, e => Assert.Null(e.Data.Client?.Name));
        Assert.Equal(1, Skipped(tally, "client name that could be"));
    }

    [Fact]
    public void A_client_that_replaces_another_leaves_the_session_connected()
    {
        var tally = new Tally();
        var display = Lines(".xorgxrdp.10.log",
            "[   100.000] (++) Log file: \".xorgxrdp.10.log\", Time: Mon Mar  2 08:00:00 2026",
            "[   101.000] rdpClientConGotConnection: g_sck_accept ok new_sck 9",
            "[   200.000] rdpClientConGotConnection: g_sck_accept ok new_sck 10",
            "[   200.100] rdpClientConDisconnect:");

        var events = Read(new XrdpImporter("h", TimeZoneInfo.Utc), tally, TwoSessions, display);

        Assert.DoesNotContain(events, e => e.Type == EventTypes.SessionDisconnected);
        Assert.Equal(1, Skipped(tally, "another one had replaced"));
    }

    [Fact]
    public void A_detach_stays_before_the_reconnect_that_followed_although_clocks_cut_their_seconds()
    {
        var again = Lines("sesman.log.1", "[20260302-08:10:00] [INFO ] ++ reconnected session: username anna, display :10.0, session_pid 21, ip 10.0.0.3:1003 - socket: 12");
        var display = Lines(".xorgxrdp.10.log",
            "[   100.000] (++) Log file: \".xorgxrdp.10.log\", Time: Mon Mar  2 08:00:00 2026",
            "[   100.100] rdpClientConGotConnection: g_sck_accept ok new_sck 9",
            "[   700.400] rdpClientConDisconnect:",
            "[   700.500] rdpClientConGotConnection: g_sck_accept ok new_sck 10");

        var events = InLedgerOrder(Read(new XrdpImporter("h", TimeZoneInfo.Utc), TwoSessions, again, display)).Where(e => e.Data.User == "anna");

        Assert.Equal([EventTypes.SessionStarted, EventTypes.SessionDisconnected, EventTypes.SessionReconnected], events.Select(e => e.Type));
    }

    [Fact]
    public void A_session_whose_beginning_was_rotated_away_still_ends()
    {
        var line = "[20260302-18:00:00] [INFO ] ++ terminated session:  username anna, display :10.0, session_pid 21, ip 10.0.0.1:1001 - socket: 12";

        var ended = Assert.Single(Read(new XrdpImporter("h", TimeZoneInfo.Utc), Lines("sesman.log", line)));

        Assert.Equal("2026-03-02 18:00:00.000 | session.ended | h | 10 | anna | RDP", Text(ended));
    }

    private static string[] Connection(string time, string ip, int port, string name) =>
    [
        Line(time, $"Socket 12: AF_INET connection received from {ip} port {port}"),
        Line(time, $"Connected client computer name: {name}"),
    ];

    private static string Line(string time, string message) => $"[20260302-{time}] [INFO ] {message}";
}
