using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Sessions;

/// <summary>What a session is, given its events (design 4).</summary>
public sealed class SessionReducerTests
{
    private const EventKind Initializing = EventKind.SessionInitializing, Started = EventKind.SessionStarted,
        Disconnected = EventKind.SessionDisconnected, Reconnected = EventKind.SessionReconnected, Ended = EventKind.SessionEnded,
        Failed = EventKind.SessionFailed, Changed = EventKind.SessionChanged, Boot = EventKind.HostStarted, Shutdown = EventKind.HostStopped;

    [Fact]
    public void A_session_that_was_asked_for_started_left_and_ended_has_all_its_times()
    {
        var session = Assert.Single(Reduce(
            Of(Initializing, 0), Of(Started, 1), Of(Disconnected, 11), Of(Reconnected, 21), Of(Ended, 31)));

        Assert.Equal(SessionState.Ended, session.Session.State);
        Assert.Equal(Nine, session.Session.RequestedAt);
        Assert.Equal(Nine.AddMinutes(1), session.Session.StartedAt);
        Assert.Equal(Nine.AddMinutes(31), session.Session.End!.At);
        Assert.Equal(EndTimeSource.Reported, session.Session.End.Source);
        Assert.Equal(TimeSpan.FromMinutes(20).TotalMilliseconds, session.Session.ConnectedMs);
        Assert.Equal(TimeSpan.FromMinutes(10).TotalMilliseconds, session.Session.DisconnectedMs);
        Assert.Equal([false, true], session.Connections.Select(connection => connection.IsReconnect));
        Assert.Equal([Nine, Nine.AddMinutes(21)], session.Connections.Select(connection => connection.RequestedAt));
        Assert.Equal([Nine.AddMinutes(11), Nine.AddMinutes(31)], session.Connections.Select(connection => connection.EndedAt!.Value));
    }

    [Fact]
    public void A_reported_end_absorbs_whatever_comes_later()
    {
        var session = Assert.Single(Reduce(Of(Started, 0), Of(Ended, 10), Of(Reconnected, 20), Of(Disconnected, 30)));

        Assert.Equal(SessionState.Ended, session.Session.State);
        Assert.Equal(Nine.AddMinutes(10), session.Session.End!.At);
        Assert.Equal(4, session.Events.Count);
    }

    [Fact]
    public void A_failed_session_ends_when_it_failed_and_has_one_failed_connection()
    {
        var session = Assert.Single(Reduce(Of(Initializing, 0), Of(Failed, 1)));

        Assert.Equal(SessionState.Failed, session.Session.State);
        Assert.Equal(Nine, session.Session.StartedAt);
        Assert.Equal(Nine.AddMinutes(1), session.Session.End!.At);
        Assert.Equal("7", session.Session.Failure!.Code);
        var attempt = Assert.Single(session.Connections);
        Assert.Null(attempt.EstablishedAt);
        Assert.Equal("no licence", attempt.Failure!.Reason);
    }

    [Fact]
    public void A_failure_that_nothing_announced_starts_when_it_failed() =>
        Assert.Equal(Nine.AddMinutes(4), Assert.Single(Reduce(Of(Failed, 4))).Session.StartedAt);

    [Fact]
    public void A_new_logon_supersedes_the_open_one_at_its_last_sign_of_life()
    {
        var sessions = Reduce(Of(Started, 0), Of(Disconnected, 10), Of(Started, 60));

        var end = sessions[0].Session.End!;
        Assert.Equal(2, sessions.Count);
        Assert.Equal(EndTimeSource.Superseded, end.Source);
        Assert.Equal(Nine.AddMinutes(10), end.At);
        Assert.Equal(Nine.AddMinutes(10), end.Earliest);
        Assert.Equal(Nine.AddMinutes(60), end.Latest);
        Assert.Null(sessions[1].Session.End);
    }

    [Fact]
    public void A_shutdown_ends_the_open_sessions_of_its_host_at_that_instant()
    {
        var end = Assert.Single(Reduce(Of(Started, 0), Of(Shutdown, 30), Of(Boot, 33))).Session.End!;

        Assert.Equal((EndTimeSource.HostEvent, Nine.AddMinutes(30), Nine.AddMinutes(30)), (end.Source, end.At, end.Latest));
    }

    [Fact]
    public void A_boot_without_a_shutdown_ends_them_at_the_last_sign_of_life()
    {
        var end = Assert.Single(Reduce(Of(Started, 0), Of(Changed, 5), Of(Boot, 33))).Session.End!;

        Assert.Equal(
            (EndTimeSource.HostEvent, Nine.AddMinutes(5), Nine.AddMinutes(5), Nine.AddMinutes(33)), (end.Source, end.At, end.Earliest, end.Latest));
    }

    [Fact]
    public void A_sign_of_life_after_a_shutdown_takes_the_inferred_end_back()
    {
        Assert.Null(Assert.Single(Reduce(Of(Started, 0), Of(Shutdown, 30), Of(Reconnected, 31))).Session.End);
        Assert.Equal(
            EndTimeSource.Reported, Assert.Single(Reduce(Of(Started, 0), Of(Shutdown, 30), Of(Ended, 31))).Session.End!.Source);
    }

    [Fact]
    public void The_same_logon_told_by_two_sources_is_one_session()
    {
        var session = Assert.Single(Reduce(
            Of(Started, 0, source: "agent://a"), Of(Started, 0, source: "import://b"), Of(Disconnected, 5, source: "agent://a"),
            Of(Ended, 9, source: "import://b")));

        Assert.Equal(4, session.Events.Count);
        Assert.Equal(Nine.AddMinutes(9), session.Session.End!.At);
        Assert.Single(session.Connections);
    }

    [Fact]
    public void Two_sources_that_number_sessions_alike_but_tell_other_logons_stay_apart() =>
        Assert.Equal(2, Reduce(Of(Started, 0, source: "agent://a"), Of(Started, 1, source: "agent://b")).Count);

    [Fact]
    public void A_goodbye_without_a_hello_is_a_session_that_begins_at_its_first_sign_of_life()
    {
        var session = Assert.Single(Reduce(Of(Disconnected, 3), Of(Ended, 7))).Session;

        Assert.Equal((Nine.AddMinutes(3), SessionState.Ended), (session.StartedAt, session.State));
    }

    [Fact]
    public void Another_boot_is_another_epoch_even_without_a_logon()
    {
        LedgerEvent On(LedgerEvent e, string boot) => e with { Host = e.Host with { BootId = boot } };

        Assert.Equal(2, Reduce(On(Of(Started, 0), "b1"), On(Of(Reconnected, 50), "b2")).Count);
    }

    [Fact]
    public void A_late_goodbye_of_the_boot_before_leaves_the_session_of_the_new_boot_alone()
    {
        LedgerEvent On(LedgerEvent e, string boot) => e with { Host = e.Host with { BootId = boot } };

        var sessions = Reduce(On(Of(Started, 0), "b1"), On(Of(Started, 300), "b2"), On(Of(Ended, 301), "b1"));

        Assert.Equal(2, sessions.Count);
        Assert.Equal((EndTimeSource.Reported, Nine.AddMinutes(301)), (sessions[0].Session.End!.Source, sessions[0].Session.End!.At));
        Assert.Null(sessions[1].Session.End);
    }

    [Fact]
    public void Any_order_of_arrival_and_any_repetition_give_the_same_sessions()
    {
        var property = Prop.ForAll(Histories().ToArbitrary(), history =>
        {
            var straight = Describe(Reduce(history.Events));
            var shuffled = Describe(Reduce([.. history.Order.Select(index => history.Events[index])]));
            return straight == shuffled;
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), property);
    }

    [Fact]
    public void No_duration_is_ever_negative_and_connected_and_disconnected_never_exceed_the_whole()
    {
        var property = Prop.ForAll(Histories().ToArbitrary(), history => Reduce(history.Events).All(reduced =>
        {
            var session = reduced.Session;
            var now = Nine.AddDays(2);
            return session.DurationMsAt(now) >= 0 && session.ConnectedMsAt(now) >= 0 && session.DisconnectedMsAt(now) >= 0
                && session.ConnectedMsAt(now) + session.DisconnectedMsAt(now) <= session.DurationMsAt(now)
                && (session.End is null || (session.End.Earliest <= session.End.At && session.End.At <= session.End.Latest));
        }));

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), property);
    }

    private static Gen<(LedgerEvent[] Events, int[] Order)> Histories()
    {
        var kinds = Gen.Elements(Initializing, Started, Disconnected, Reconnected, Ended, Failed, Changed, Boot, Shutdown);
        var one = from kind in kinds
                  from minute in Gen.Choose(0, 12)
                  from source in Gen.Elements("agent://a", "import://b")
                  from id in Gen.Choose(0, 3)
                  select Of(kind, minute, $"{kind}-{minute}-{id}", source: source);
        return from count in Gen.Choose(1, 14)
               from events in one.ArrayOf(count)
               let distinct = events.DistinctBy(e => (e.Source, e.Id)).ToArray()
               from order in Gen.Shuffle(Enumerable.Range(0, distinct.Length).ToArray())
               select (distinct, order);
    }

    private static string Describe(IReadOnlyList<ReducedSession> sessions) => string.Join('\n', sessions.Select(reduced =>
        $"{reduced.Session}|{string.Join(';', reduced.Connections)}|{string.Join(';', reduced.Events.Select(e => e.Event.Id))}"));
}
