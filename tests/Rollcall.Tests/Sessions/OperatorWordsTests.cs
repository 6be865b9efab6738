using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using static Rollcall.Core.Events.EventKind;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Sessions;

/// <summary>What operators' words make of a session.</summary>
public sealed class OperatorWordsTests
{
    private static readonly LedgerEvent Logon = Of(SessionStarted, 0);

    [Fact]
    public void A_closing_without_a_time_ends_the_session_at_its_last_proof_of_life()
    {
        var end = Only(Logon, Of(SessionDisconnected, 10), Word(SessionClosed, 60, Logon)).End;

        Assert.Equal(new SessionEnd(Nine.AddMinutes(10), EndTimeSource.Operator, Nine.AddMinutes(10), Nine.AddMinutes(60), "the host burnt down"), end);
    }

    [Fact]
    public void A_closing_with_a_time_ends_it_then()
    {
        var end = Only(Logon, Word(SessionClosed, 60, Logon, endMinute: 40)).End;

        Assert.Equal(new SessionEnd(Nine.AddMinutes(40), EndTimeSource.Operator, Nine.AddMinutes(40), Nine.AddMinutes(40), "the host burnt down"), end);
    }

    [Fact]
    public void Life_after_the_time_of_a_closing_leaves_of_it_that_the_session_was_over_when_it_was_said()
    {
        var session = Only(Logon, Word(SessionClosed, 60, Logon, endMinute: 30), Of(SessionDisconnected, 45));

        var expected = new SessionEnd(Nine.AddMinutes(45), EndTimeSource.Operator, Nine.AddMinutes(45), Nine.AddMinutes(60), "the host burnt down");
        Assert.Equal(expected, session.End);
        Assert.Equal((45 * 60_000, 0, 45 * 60_000), (session.ConnectedMs, session.DisconnectedMs, session.DurationMsAt(Nine.AddDays(1))));
        Assert.Equal(expected, Only(Logon, Word(SessionClosed, 60, Logon, endMinute: 30), Beat(45, [Line("3")])).End);
    }

    [Fact]
    public void A_closing_at_the_very_moment_of_the_last_proof_of_life_keeps_its_time()
    {
        var disconnected = Of(SessionDisconnected, 45) with { At = Nine.AddMinutes(45).AddMicroseconds(999) };

        var end = Only(Logon, disconnected, Word(SessionClosed, 60, Logon, endMinute: 45)).End!;

        Assert.Equal((Nine.AddMinutes(45), Nine.AddMinutes(45)), (end.Earliest, end.Latest));
    }

    [Fact]
    public void Of_two_closings_one_that_fell_leaves_the_other_standing()
    {
        var end = Only(Logon, Word(SessionClosed, 70, Logon, id: "a") with { Reason = "stands" }, Word(SessionClosed, 60, Logon, id: "b"), Of(SessionDisconnected, 65)).End!;

        Assert.Equal(("stands", EndTimeSource.Operator), (end.Reason, end.Source));
    }

    [Fact]
    public void A_goodbye_that_is_reported_later_replaces_a_closing() =>
        Assert.Equal(EndTimeSource.Reported, Only(Logon, Word(SessionClosed, 60, Logon), Of(SessionEnded, 30)).End!.Source);

    [Fact]
    public void Proof_of_life_after_a_closing_takes_it_back()
    {
        Assert.Null(Only(Logon, Word(SessionClosed, 60, Logon), Of(SessionReconnected, 61)).End);
        Assert.Null(Only(Logon, Word(SessionClosed, 60, Logon), Beat(61, [Line("3")])).End);
        Assert.NotNull(Only(Logon, Word(SessionClosed, 60, Logon), Of(SessionReconnected, 59)).End);
    }

    [Fact]
    public void A_closing_stands_over_what_is_inferred() =>
        Assert.Equal(EndTimeSource.Operator, Only(Logon, Of(HostStopped, 20), Word(SessionClosed, 60, Logon, endMinute: 15)).End!.Source);

    [Fact]
    public void A_correction_stands_over_a_reported_end_and_times_follow_it()
    {
        var session = Only(Logon, Of(SessionDisconnected, 10), Of(SessionReconnected, 20), Of(SessionEnded, 30), Word(SessionCorrected, 60, Logon, startMinute: -5, endMinute: 15));

        Assert.Equal((Nine.AddMinutes(-5), Nine.AddMinutes(15), EndTimeSource.Operator), (session.StartedAt, session.End!.At, session.End.Source));
        Assert.Equal((15 * 60_000, 5 * 60_000), (session.ConnectedMs, session.DisconnectedMs));
        Assert.Equal(20 * 60_000, session.DurationMsAt(Nine.AddDays(1)));
    }

    [Fact]
    public void A_correction_stands_over_life_and_over_goodbyes_of_times_before_it_was_said()
    {
        var corrected = Word(SessionCorrected, 60, Logon, endMinute: 30);

        foreach (var late in (LedgerEvent[])[Of(SessionDisconnected, 45), Beat(45, [Line("3")]), Of(SessionEnded, 45), Of(SessionReconnected, 60)])
        {
            var session = Only(Logon, corrected, late);

            Assert.Equal((Nine.AddMinutes(30), EndTimeSource.Operator, Nine.AddMinutes(30)), (session.End!.At, session.End.Source, session.End.Latest));
            Assert.Equal((30 * 60_000, 0, 30 * 60_000), (session.ConnectedMs, session.DisconnectedMs, session.DurationMsAt(Nine.AddDays(1))));
        }
    }

    [Fact]
    public void Life_after_a_correction_was_said_takes_its_end_back_and_leaves_its_start()
    {
        var corrected = Word(SessionCorrected, 60, Logon, startMinute: -5, endMinute: 30);

        Assert.Null(Only(Logon, corrected, Beat(61, [Line("3")])).End);
        Assert.Equal(EndTimeSource.Roster, Only(Logon, corrected, Beat(61, [Line("3")]), Beat(62, [])).End!.Source);
        Assert.Equal((EndTimeSource.Reported, Nine.AddMinutes(61)), EndOf(Logon, corrected, Of(SessionEnded, 61)));
        var session = Only(Logon, Of(SessionDisconnected, 40), corrected, Of(SessionReconnected, 61));
        Assert.Equal((SessionState.Active, null, Nine.AddMinutes(-5)), (session.State, session.End, session.StartedAt));
        Assert.Equal((45 * 60_000, 21 * 60_000), (session.ConnectedMs, session.DisconnectedMs));
    }

    [Fact]
    public void A_correction_of_a_reported_end_stays_whatever_is_seen_later() =>
        Assert.Equal(
            (EndTimeSource.Operator, Nine.AddMinutes(15)),
            EndOf(Logon, Of(SessionEnded, 30), Word(SessionCorrected, 60, Logon, endMinute: 15), Of(SessionReconnected, 61), Beat(62, [Line("3")])));

    [Fact]
    public void A_closing_after_a_correction_that_fell_ends_the_session() =>
        Assert.Equal(
            (EndTimeSource.Operator, Nine.AddMinutes(65)),
            EndOf(Logon, Word(SessionCorrected, 60, Logon, endMinute: 30), Of(SessionDisconnected, 61), Word(SessionClosed, 70, Logon, endMinute: 65)));

    [Fact]
    public void A_correction_never_ends_a_session_before_it_begins_although_a_late_logon_parted_it()
    {
        var (ended, logon) = (Of(SessionEnded, 40), Of(SessionStarted, 30));
        var corrected = Word(SessionCorrected, 60, ended, endMinute: 25);
        Assert.Equal((EndTimeSource.Operator, Nine.AddMinutes(25)), EndOf(Of(SessionDisconnected, 20), ended, corrected));

        var sessions = Reduce(Of(SessionDisconnected, 20), ended, corrected, logon).Select(one => one.Session).ToList();

        Assert.Equal([(Nine.AddMinutes(20), EndTimeSource.Superseded), (Nine.AddMinutes(30), EndTimeSource.Reported)], sessions.Select(one => (one.StartedAt, one.End!.Source)));
    }

    [Fact]
    public void A_later_start_takes_the_time_before_it_away()
    {
        var session = Only(Logon, Of(SessionDisconnected, 10), Of(SessionEnded, 30), Word(SessionCorrected, 60, Logon, startMinute: 4));

        Assert.Equal((6 * 60_000, 20 * 60_000, 26 * 60_000), (session.ConnectedMs, session.DisconnectedMs, session.DurationMsAt(Nine)));
        Assert.Equal(EndTimeSource.Reported, session.End!.Source);
    }

    [Fact]
    public void Of_two_corrections_the_newer_stands_for_what_it_says()
    {
        var session = Only(
            Logon, Of(SessionEnded, 30),
            Word(SessionCorrected, 60, Logon, startMinute: 1, endMinute: 20), Word(SessionCorrected, 70, Logon, endMinute: 25));

        Assert.Equal((Nine.AddMinutes(1), Nine.AddMinutes(25)), (session.StartedAt, session.End!.At));
    }

    [Fact]
    public void A_word_is_about_the_session_that_has_the_event_it_names()
    {
        var second = Of(SessionStarted, 60);

        var sessions = Reduce(Logon, Of(SessionEnded, 30), second, Word(SessionClosed, 90, second));

        Assert.Equal([EndTimeSource.Reported, EndTimeSource.Operator], sessions.Select(one => one.Session.End!.Source));
        Assert.Equal([2, 2], sessions.Select(one => one.Events.Count));
    }

    private static (EndTimeSource Source, DateTimeOffset At) EndOf(params LedgerEvent[] events) => Only(events).End is { } end ? (end.Source, end.At) : default;

    private static Session Only(params LedgerEvent[] events) => Assert.Single(Reduce(events)).Session;
}
