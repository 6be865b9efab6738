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

    private static Session Only(params LedgerEvent[] events) => Assert.Single(Reduce(events)).Session;
}
