using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Events in a real store: taken once, durable, and projected whatever the order and the batches.</summary>
public abstract class EventLogTests(StoreEngine engine)
{
    [Fact]
    public async Task An_event_sent_again_changes_nothing()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var started = Of(EventKind.SessionStarted, 0);

        var first = await store.Log.AppendAsync(TenantOne, [started], default);
        var again = await store.Log.AppendAsync(TenantOne, [started, started], default);

        Assert.Equal((1, 0), (first.Accepted, first.Duplicate));
        Assert.Equal((0, 2), (again.Accepted, again.Duplicate));
        Assert.Equal(1, Assert.Single(await store.SessionsAsync()).Revision);
    }

    [Fact]
    public async Task The_same_id_with_another_time_is_a_conflict_even_on_another_day()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, id: "x")], default);

        var receipt = await store.Log.AppendAsync(
            TenantOne, [Of(EventKind.SessionStarted, 1, id: "y"), Of(EventKind.SessionStarted, 60 * 48, id: "x")], default);

        Assert.Equal([1], receipt.Conflicts);
        Assert.Equal(1, receipt.Accepted);
    }

    [Fact]
    public async Task A_beat_and_another_event_of_one_identity_are_a_conflict_whichever_comes_first()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Beat(1, [], id: "beat"), Of(EventKind.SessionStarted, 1, "logon")], default);

        var receipt = await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 1, "beat"), Beat(1, [], id: "logon"), Beat(1, [], id: "beat")], default);

        Assert.Equal((0, 1), (receipt.Accepted, receipt.Duplicate));
        Assert.Equal([0, 1], receipt.Conflicts);
    }

    /// <summary>Stamps that are made of what the ledger has are not stored letter by letter.</summary>
    [Theory]
    [InlineData("S-1-5-21-9-jsmith-HDP-3", "jsmith")]
    [InlineData("jsmith-HDP-3", "jsmith")]
    [InlineData("3-3-3", "3")]
    [InlineData("{sid}-{user}-{session}", "{session}")]
    [InlineData("x{session}-3", "x{session}")]
    [InlineData("d-HDP-d", "d")]
    [InlineData("Ünal-Ünal-3", "Ünal")]
    [InlineData("jsmith-4711", "jsmith")]
    [InlineData("", "jsmith")]
    [InlineData(null, "jsmith")]
    public async Task A_stamp_is_told_as_it_came(string? stamp, string user)
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var started = Of(EventKind.SessionStarted, 0, user: user) with { SessionStamp = stamp };
        await store.Log.AppendAsync(TenantOne, [started with { Host = started.Host with { Sid = "S-1-5-21-9" } }], default);

        Assert.Equal(stamp, Assert.Single(await store.SessionsAsync()).SessionStamp);
    }

    [Fact]
    public async Task A_session_number_with_a_nul_in_it_is_told_whole()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "a\0b") with { SessionStamp = "CORP\\anna-a\0b" }], default);

        var session = Assert.Single(await store.SessionsAsync());

        Assert.Equal(("a\0b", "CORP\\anna-a\0b"), (session.OsSessionId, session.SessionStamp));
    }

    [Fact]
    public async Task The_same_id_from_another_source_is_another_event()
    {
        await using var store = await LedgerStore.OpenAsync(engine);

        var receipt = await store.Log.AppendAsync(
            TenantOne,
            [Of(EventKind.SessionStarted, 0, id: "x", os: "1", source: "a"), Of(EventKind.SessionStarted, 0, id: "x", os: "2", source: "b")],
            default);

        Assert.Equal(2, receipt.Accepted);
    }

    [Fact]
    public async Task A_late_shutdown_ends_a_session_that_was_stored_before_it()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.HostStopped, 5)], default);

        var session = Assert.Single(await store.SessionsAsync());

        Assert.Equal(EndTimeSource.HostEvent, session.End!.Source);
        Assert.Equal(2, session.Revision);
    }

    [Fact]
    public async Task A_roster_brings_back_a_session_that_several_rosters_lacked()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Beat(1, [Line("3")])], default);
        foreach (var minute in (int[])[2, 3, 4])
            await store.Log.AppendAsync(TenantOne, [Beat(minute, [])], default);
        Assert.Equal(Nine.AddMinutes(2), Assert.Single(await store.SessionsAsync()).End!.Latest);

        await store.Log.AppendAsync(TenantOne, [Beat(5, [Line("3")])], default);

        Assert.Null(Assert.Single(await store.SessionsAsync()).End);
    }

    [Fact]
    public async Task A_beat_that_was_overtaken_by_a_logon_leaves_the_next_roster_to_be_compared()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Beat(0, [])], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 1)], default);
        await store.Log.AppendAsync(TenantOne, [Beat(0.99, [])], default);
        foreach (var minute in (double[])[1.5, 2, 2.5])
            await store.Log.AppendAsync(TenantOne, [Beat(minute, [])], default);

        var end = Assert.Single(await store.SessionsAsync()).End!;
        Assert.Equal((EndTimeSource.Roster, Nine.AddMinutes(1), Nine.AddMinutes(1.5)), (end.Source, end.Earliest, end.Latest));
    }

    [Fact]
    public async Task Equal_rosters_after_a_shutdown_or_a_closing_bring_the_session_back()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Beat(1, [Line("3")])], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.HostStopped, 2)], default);
        await store.Log.AppendAsync(TenantOne, [Beat(3, [Line("3")])], default);
        Assert.Null(Assert.Single(await store.SessionsAsync()).End);

        await store.Log.AppendAsync(TenantOne, [Word(EventKind.SessionClosed, 4, Of(EventKind.SessionStarted, 0))], default);
        Assert.Equal(EndTimeSource.Operator, Assert.Single(await store.SessionsAsync()).End!.Source);
        await store.Log.AppendAsync(TenantOne, [Beat(5, [Line("3")])], default);
        Assert.Null(Assert.Single(await store.SessionsAsync()).End);
    }

    [Fact]
    public async Task A_beat_from_the_end_of_time_does_not_stop_the_watch_over_the_others()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var evil = Beat(0, null, id: "evil") with { Host = new() { Name = "EVIL" }, At = DateTimeOffset.MaxValue.AddTicks(-9), LeaseSeconds = 1 };
        await store.Log.AppendAsync(TenantOne, [evil, Of(EventKind.SessionStarted, 0) with { Host = evil.Host, Id = "of evil" }], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Beat(1, [Line("3")])], default);

        await store.JudgeSilenceAsync();

        Assert.Equal(EndTimeSource.Heartbeat, (await store.SessionsAsync()).Single(session => session.Host.Name == "RDS-07").End!.Source);
    }

    [Fact]
    public async Task Another_roster_of_the_same_instant_is_another_beat_in_whatever_order()
    {
        foreach (var (first, second) in ((LedgerEvent, LedgerEvent)[])[(Beat(1, [Line("3")], id: "x"), Beat(1, [], id: "y")), (Beat(1, [], id: "y"), Beat(1, [Line("3")], id: "x"))])
        {
            await using var store = await LedgerStore.OpenAsync(engine);
            await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
            await store.Log.AppendAsync(TenantOne, [first], default);
            Assert.Equal(1, (await store.Log.AppendAsync(TenantOne, [second], default)).Accepted);
            Assert.Null(Assert.Single(await store.SessionsAsync()).End);
            await store.Log.AppendAsync(TenantOne, [Beat(2, [])], default);
            Assert.Equal(Nine.AddMinutes(1), Assert.Single(await store.SessionsAsync()).End!.Earliest);
        }
    }

    [Fact]
    public async Task Beats_of_two_hours_ago_are_kept_as_runs_and_their_roster_still_ends_a_session()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
        for (var hour = 0; hour < 10; hour++)
            await store.Log.AppendAsync(TenantOne, [.. Enumerable.Range(1, 100).Select(n => Beat((hour * 50) + (n / 2.0), [Line("3")]))], default);

        Assert.InRange(await store.CountBeatsAsync(), 100, 400);
        await store.Log.AppendAsync(TenantOne, [Beat(501, [])], default);
        var end = Assert.Single(await store.SessionsAsync()).End!;
        Assert.Equal((Nine.AddMinutes(500), Nine.AddMinutes(501)), (end.Earliest, end.Latest));
    }

    [Fact]
    public async Task An_id_that_was_told_to_be_over_never_becomes_that_of_an_open_session()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionDisconnected, 20)], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionEnded, 10)], default);
        var over = (await store.SessionsAsync()).Single(session => session.End is { Source: EndTimeSource.Reported });

        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0), Of(EventKind.SessionStarted, 15)], default);

        Assert.Equal(EndTimeSource.Reported, (await store.SessionsAsync()).Single(session => session.Id == over.Id).End?.Source);
        Assert.Equal(2, (await store.SessionsAsync()).Count);
    }

    [Fact]
    public async Task A_tenant_sees_only_its_own_sessions()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var other = TenantId.Parse("00000000000000000000000000000002");
        await store.AddTenantAsync(other);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
        await store.Log.AppendAsync(other, [Of(EventKind.SessionStarted, 0, user: "bob")], default);

        Assert.Equal("bob", Assert.Single(await store.SessionsAsync(other)).User);
        Assert.Equal(@"CORP\anna", Assert.Single(await store.SessionsAsync()).User);
    }
}

public sealed class SqliteEventLogTests() : EventLogTests(StoreEngine.Sqlite);

public sealed class Postgres15EventLogTests() : EventLogTests(StoreEngine.Postgres15);

public sealed class Postgres18EventLogTests() : EventLogTests(StoreEngine.Postgres18);
