using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Which words of operators the store takes down, of sessions as it has them.</summary>
public abstract class SessionWordsTests(StoreEngine engine)
{
    private static readonly LedgerEvent Logon = Of(EventKind.SessionStarted, 0);

    [Fact]
    public async Task A_closing_before_the_newest_roster_that_names_the_session_is_refused_and_one_at_its_millisecond_is_not()
    {
        await using var store = await OpenAsync(Logon, Beat(30, [Line("3")]), Beat(59, [Line("3")]) with { At = Nine.AddMinutes(59).AddMicroseconds(1_500) });

        var refusal = await Assert.ThrowsAsync<FaultException>(() => CloseAsync(store, endMinute: 58));

        Assert.Equal((FaultCode.Malformed, "end_time"), (refusal.Code, refusal.Field));
        Assert.Contains("2030-01-07T09:59:00.001Z", refusal.Message, StringComparison.Ordinal);
        Assert.Null((await OnlyAsync(store)).End);
        Assert.Equal(Nine.AddMinutes(59).AddMilliseconds(1), (await store.Words.CloseAsync(TenantOne, (await OnlyAsync(store)).Id, Closing(Nine.AddMinutes(59).AddMilliseconds(1)), default))!.End!.Latest);
    }

    [Fact]
    public async Task Rosters_that_name_the_next_session_of_the_same_number_are_no_proof_of_the_one_before_it()
    {
        await using var store = await OpenAsync(Logon, Beat(5, [Line("3")]), Of(EventKind.SessionStarted, 20), Beat(30, [Line("3")]));
        var first = (await store.SessionsAsync()).MinBy(session => session.StartedAt)!;

        var closed = await store.Words.CloseAsync(TenantOne, first.Id, Closing(Nine.AddMinutes(6)), default);

        Assert.Equal((EndTimeSource.Operator, Nine.AddMinutes(6)), (closed!.End!.Source, closed.End.At));
    }

    [Fact]
    public async Task A_roster_of_another_boot_and_one_that_names_another_user_are_no_proof()
    {
        var logon = Logon with { Host = Logon.Host with { BootId = "b1" } };
        await using var store = await OpenAsync(logon, Beat(5, [Line("3")], boot: "b1"), Beat(30, [Line("3", "bob")], boot: "b1"), Beat(40, [Line("3")], boot: "b2"));

        Assert.Equal((EndTimeSource.Operator, Nine.AddMinutes(5)), ((await CloseAsync(store, endMinute: 5))!.End!.Source, (await OnlyAsync(store)).End!.At));
    }

    [Fact]
    public async Task A_session_that_lives_on_after_a_correction_is_open_again_and_can_be_closed()
    {
        await using var store = await OpenAsync(Logon, Beat(30, [Line("3")]), Beat(31, []));
        var id = (await OnlyAsync(store)).Id;
        Assert.Equal(EndTimeSource.Operator, (await store.Words.CorrectAsync(TenantOne, id, new SessionCorrection(1, "seen to leave", null, Nine.AddMinutes(20)), default))!.End!.Source);
        Assert.Equal(FaultCode.Conflict, (await Assert.ThrowsAsync<FaultException>(() => CloseAsync(store, endMinute: 31))).Code);

        await store.Log.AppendAsync(TenantOne, [Beat(32, [Line("3")])], default);
        Assert.Equal(EndTimeSource.Operator, (await OnlyAsync(store)).End!.Source);
        await store.Log.AppendAsync(TenantOne, [Beat(121, [Line("3")])], default);

        Assert.Null((await OnlyAsync(store)).End);
        store.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Nine.AddMinutes(122), (await CloseAsync(store, endMinute: 122))!.End!.At);
        Assert.Equal(Nine.AddMinutes(123), (await CloseAsync(store, endMinute: 123))!.End!.At);
    }

    private async Task<LedgerStore> OpenAsync(params LedgerEvent[] events)
    {
        var store = await LedgerStore.OpenAsync(engine, Nine.AddHours(2));
        await store.Log.AppendAsync(TenantOne, events, default);
        return store;
    }

    private static async Task<Session> OnlyAsync(LedgerStore store) => Assert.Single(await store.SessionsAsync());

    private static async Task<Session?> CloseAsync(LedgerStore store, double endMinute) =>
        await store.Words.CloseAsync(TenantOne, (await OnlyAsync(store)).Id, Closing(Nine.AddMinutes(endMinute)), default);

    private static SessionClosing Closing(DateTimeOffset? endAt) => new(1, "the host burnt down", endAt);
}

public sealed class SqliteSessionWordsTests() : SessionWordsTests(StoreEngine.Sqlite);

public sealed class Postgres15SessionWordsTests() : SessionWordsTests(StoreEngine.Postgres15);

public sealed class Postgres18SessionWordsTests() : SessionWordsTests(StoreEngine.Postgres18);
