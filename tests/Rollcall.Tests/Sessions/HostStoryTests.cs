using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using static Rollcall.Core.Events.EventKind;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Sessions;

/// <summary>What beats, rosters, boots and silence show of sessions that nobody ended (design 4).</summary>
public sealed class HostStoryTests
{
    [Fact]
    public void A_roster_that_lacks_the_session_ends_it_at_the_last_one_that_named_it()
    {
        var end = EndOf(Of(SessionStarted, 0), Beat(1, [Line("3")]), Beat(2, [Line("3")]), Beat(3, []));

        Assert.Equal(new SessionEnd(Nine.AddMinutes(2), EndTimeSource.Roster, Nine.AddMinutes(2), Nine.AddMinutes(3), "not_in_roster"), end);
    }

    [Fact]
    public void The_oldest_roster_that_lacks_it_bounds_the_end() =>
        Assert.Equal(Nine.AddMinutes(2), EndOf(Of(SessionStarted, 0), Beat(1, [Line("3")]), Beat(2, []), Beat(3, []), Beat(4, []))!.Latest);

    [Fact]
    public void A_later_roster_that_names_it_takes_the_end_back() =>
        Assert.Null(EndOf(Of(SessionStarted, 0), Beat(1, []), Beat(2, [Line("3")])));

    [Fact]
    public void The_true_goodbye_replaces_the_inferred_end_and_stays()
    {
        var end = EndOf(Of(SessionStarted, 0), Beat(1, [Line("3")]), Beat(3, []), Of(SessionEnded, 2), Beat(4, [Line("3")]));

        Assert.Equal((EndTimeSource.Reported, Nine.AddMinutes(2), Nine.AddMinutes(2)), (end!.Source, end.Earliest, end.Latest));
    }

    [Theory]
    [InlineData("CORP\\anna", false)]
    [InlineData("anna", false)]
    [InlineData("ANNA@corp.example", false)]
    [InlineData(null, false)]
    [InlineData("bob", true)]
    public void A_roster_names_the_session_by_its_user_in_any_form(string? user, bool isGone) =>
        Assert.Equal(isGone, EndOf(Of(SessionStarted, 0), Beat(1, [Line("3", user)])) is not null);

    [Fact]
    public void A_line_that_says_the_session_is_over_does_not_name_it() =>
        Assert.NotNull(EndOf(Of(SessionStarted, 0), Beat(1, [Line("3", state: SessionState.Ended)])));

    [Fact]
    public void A_beat_without_a_roster_says_nothing_of_sessions() =>
        Assert.Null(EndOf(Of(SessionStarted, 0), Beat(1, null)));

    [Fact]
    public void A_beat_of_the_instant_of_the_last_event_shows_no_absence() =>
        Assert.Null(EndOf(Of(SessionStarted, 0), Beat(0, [])));

    [Fact]
    public void A_beat_of_another_boot_shows_that_the_host_was_lost()
    {
        var end = EndOf(Of(SessionStarted, 0) with { Host = Beat(0, null, "b1").Host }, Beat(1, [Line("3")], "b1"), Beat(5, [Line("3")], "b2"));

        Assert.Equal(new SessionEnd(Nine.AddMinutes(1), EndTimeSource.HostEvent, Nine.AddMinutes(1), Nine.AddMinutes(5), "host_lost"), end);
    }

    [Fact]
    public void Silence_ends_it_at_the_last_proof_of_life_and_before_the_lease_ran_out()
    {
        LedgerEvent[] events = [Of(SessionStarted, 0), Beat(1, [Line("3")]), Beat(2, [Line("3")])];

        Assert.Equal(
            new SessionEnd(Nine.AddMinutes(2), EndTimeSource.Heartbeat, Nine.AddMinutes(2), Nine.AddMinutes(3.5), "host_silent"),
            EndOf([.. events, Silence(events)]));
    }

    [Fact]
    public void A_host_that_comes_back_with_the_same_boot_and_roster_shows_its_sessions_open_without_a_gap()
    {
        LedgerEvent[] events = [Of(SessionStarted, 0), Beat(2, [Line("3")])];

        var session = Assert.Single(Reduce([.. events, Silence(events), Beat(62, [Line("3")])])).Session;

        Assert.Null(session.End);
        Assert.Equal((SessionState.Active, Nine), (session.State, session.ChangedAt));
    }

    [Fact]
    public void A_host_that_comes_back_without_the_session_widens_the_interval_to_the_roster_that_lacks_it()
    {
        LedgerEvent[] events = [Of(SessionStarted, 0), Beat(2, [Line("3")])];

        var end = EndOf([.. events, Silence(events), Beat(62, [])]);

        Assert.Equal((EndTimeSource.Roster, Nine.AddMinutes(2), Nine.AddMinutes(62)), (end!.Source, end.Earliest, end.Latest));
    }

    [Fact]
    public void A_session_that_shows_life_after_the_judgement_is_open_until_the_next()
    {
        LedgerEvent[] events = [Of(SessionStarted, 0), Beat(2, [Line("3")])];
        LedgerEvent[] later = [.. events, Silence(events), Of(SessionReconnected, 10)];

        Assert.Null(EndOf(later));
        Assert.Equal(
            new SessionEnd(Nine.AddMinutes(10), EndTimeSource.Heartbeat, Nine.AddMinutes(10), Nine.AddMinutes(11.5), "host_silent"),
            EndOf([.. later, Silence(later) with { Id = "second" }]));
    }

    [Fact]
    public void The_shutdown_of_a_later_boot_shows_only_that_the_session_was_over_by_then()
    {
        LedgerEvent On(LedgerEvent e, string boot) => e with { Host = e.Host with { BootId = boot } };

        var end = EndOf(On(Of(SessionStarted, 0), "b1"), On(Of(HostStopped, 30), "b2"));

        Assert.Equal(new SessionEnd(Nine, EndTimeSource.HostEvent, Nine, Nine.AddMinutes(30), "host_lost"), end);
    }

    [Fact]
    public void A_boot_outweighs_silence()
    {
        LedgerEvent[] events = [Of(SessionStarted, 0), Beat(2, [Line("3")])];

        var end = EndOf([.. events, Silence(events), Of(HostStarted, 500)]);

        Assert.Equal((EndTimeSource.HostEvent, Nine.AddMinutes(500)), (end!.Source, end.Latest));
    }

    [Fact]
    public void Of_two_sources_beats_of_one_instant_the_one_that_names_it_outweighs_the_one_that_does_not()
    {
        Assert.Null(EndOf(Of(SessionStarted, 0), Beat(1, [], source: "a"), Beat(1, [Line("3")], source: "b")));
        Assert.Null(EndOf(Of(SessionStarted, 0), Beat(1, [Line("3")], source: "a"), Beat(1, [], source: "b")));
    }

    [Fact]
    public void An_end_at_an_unknown_time_lies_between_the_last_proof_of_life_and_when_it_was_known()
    {
        var end = EndOf(Of(SessionStarted, 0), Over(latestMinute: 600));

        Assert.Equal(new SessionEnd(Nine, EndTimeSource.Unknown, Nine, Nine.AddMinutes(600), null), end);
    }

    [Fact]
    public void A_reported_end_replaces_an_unknown_one_and_life_after_it_takes_it_back()
    {
        Assert.Equal(EndTimeSource.Reported, EndOf(Of(SessionStarted, 0), Over(latestMinute: 600), Of(SessionEnded, 30))!.Source);
        Assert.Null(EndOf(Of(SessionStarted, 0), Over(latestMinute: 600), Of(SessionReconnected, 700)));
        Assert.Equal(EndTimeSource.HostEvent, EndOf(Of(SessionStarted, 0), Over(latestMinute: 600), Of(HostStopped, 20))!.Source);
    }

    private static LedgerEvent Over(double latestMinute) => Of(SessionEnded, 0, id: "Z over") with { EndLatest = Nine.AddMinutes(latestMinute) };

    [Fact]
    public void Time_connected_stops_at_the_last_proof_of_life()
    {
        var session = Assert.Single(Reduce(Of(SessionStarted, 0), Beat(4, [Line("3")]), Beat(9, []))).Session;

        Assert.Equal(4 * 60_000, session.ConnectedMs);
        Assert.Equal(4 * 60_000, session.DurationMsAt(Nine.AddMinutes(60)));
    }

    private static SessionEnd? EndOf(params LedgerEvent[] events) => Assert.Single(Reduce(events)).Session.End;
}
