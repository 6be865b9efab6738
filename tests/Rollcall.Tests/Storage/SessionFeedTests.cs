using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>The feed of changes in a real store: all of them, once, in order, and nothing that went unnoticed.</summary>
public abstract class SessionFeedTests(StoreEngine engine)
{
    private const int TakeMax = 1000;

    [Fact]
    public void Who_follows_the_feed_knows_the_ledger_whatever_arrives()
    {
        var property = Prop.ForAll(RandomHistories.Arrivals().ToArbitrary(), arrivals =>
        {
            using var store = new BlockingStore(engine);
            var copy = new Dictionary<string, Session>(StringComparer.Ordinal);
            var position = default(FeedPosition);
            foreach (var batch in arrivals)
            {
                store.Append(batch);
                foreach (var change in store.Changes(position))
                    position = Apply(copy, change);
            }

            store.JudgeSilence();
            foreach (var change in store.Changes(position))
                position = Apply(copy, change);
            return copy.Values.OrderBy(session => session.Id, StringComparer.Ordinal)
                .SequenceEqual(store.Sessions().OrderBy(session => session.Id, StringComparer.Ordinal));
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(engine.Rounds(150)), property);
    }

    [Fact]
    public async Task Each_batch_adds_a_change_a_session_that_it_changed_and_none_for_what_it_did_not()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "1"), Of(EventKind.SessionStarted, 0, os: "2"), Beat(1, [Line("1"), Line("2")])], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "1"), Beat(2, [Line("1"), Line("2")])], [], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionDisconnected, 3, os: "2"), Of(EventKind.SessionReconnected, 4, os: "2")], [], default);

        var changes = await ReadAsync(store, default);

        Assert.Equal([1, 2, 3], changes.Select(change => change.Position.No));
        Assert.Equal(["1", "2", "2"], changes.Select(change => change.Session!.OsSessionId).Order(StringComparer.Ordinal));
        Assert.Equal(changes[^1].Position, await store.Feed.EndAsync(TenantOne, default));
        Assert.Empty(await ReadAsync(store, changes[^1].Position));
        Assert.Equal(changes.Skip(1), await ReadAsync(store, changes[0].Position));
    }

    [Fact]
    public async Task Ends_that_are_inferred_closed_and_corrected_are_changes()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var logon = Of(EventKind.SessionStarted, 0);
        await store.Log.AppendAsync(TenantOne, [logon, Beat(1, [Line("3")])], [], default);
        var states = new List<EndTimeSource?>();
        var position = (await ReadAsync(store, default))[^1].Position;
        foreach (var change in (Func<Task>[])[store.JudgeSilenceAsync, () => AppendAsync(store, Word(EventKind.SessionClosed, 60, logon)), () => AppendAsync(store, Word(EventKind.SessionCorrected, 61, logon, endMinute: 30))])
        {
            await change();
            var told = Assert.Single(await ReadAsync(store, position));
            states.Add(told.Session!.End?.Source);
            position = told.Position;
        }

        Assert.Equal([EndTimeSource.Heartbeat, EndTimeSource.Operator, EndTimeSource.Operator], states);
    }

    [Fact]
    public async Task A_session_that_was_joined_with_another_is_told_by_its_id()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await AppendAsync(store, Of(EventKind.SessionStarted, 0));
        await AppendAsync(store, Of(EventKind.SessionDisconnected, 5, source: "import://b"));
        var two = await ReadAsync(store, default);
        await AppendAsync(store, Of(EventKind.SessionStarted, 0, source: "import://b"));

        var stays = Assert.Single(await store.SessionsAsync());
        var gone = (await ReadAsync(store, two[^1].Position)).Single(change => change.GoneId is not null);

        Assert.Equal(2, two.Select(change => change.Session!.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal((two.Select(change => change.Session!.Id).Single(id => id != stays.Id), stays.Id, null), (gone.GoneId, gone.JoinedId, gone.Session));
    }

    [Fact]
    public async Task A_position_of_another_ledger_or_beyond_the_end_is_not_taken_for_one_of_this()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        Assert.Empty(await ReadAsync(store, default));
        await AppendAsync(store, Of(EventKind.SessionStarted, 0));
        var end = await store.Feed.EndAsync(TenantOne, default);

        Assert.Null(await store.Feed.TryReadAsync(TenantOne, end with { No = end.No + 1 }, TakeMax, default));
        Assert.Null(await store.Feed.TryReadAsync(TenantOne, end with { AtMs = end.AtMs - 1 }, TakeMax, default));
        Assert.Null(await store.Feed.TryReadAsync(TenantId.Parse("00000000000000000000000000000002"), end, TakeMax, default));
    }

    [Fact]
    public async Task The_oldest_changes_go_and_who_stood_there_is_told_so()
    {
        const int Kept = 300, Batches = 4, BatchChanges = 256;
        await using var store = await LedgerStore.OpenAsync(engine);
        store.Database.SessionChangesKept = Kept;
        await AppendAsync(store, Of(EventKind.SessionStarted, 0, os: "first"));
        var first = await store.Feed.EndAsync(TenantOne, default);
        for (var batch = 0; batch < Batches; batch++)
            await AppendAsync(store, [.. Enumerable.Range(batch * BatchChanges, BatchChanges).Select(number => Of(EventKind.SessionStarted, 0, os: $"{number}"))]);

        var end = await store.Feed.EndAsync(TenantOne, default);
        var oldest = await store.NumberAsync("SELECT MIN(no) FROM session_changes");

        Assert.Equal(1 + (Batches * BatchChanges), end.No);
        Assert.Equal(Kept, end.No - oldest + 1);
        Assert.Null(await store.Feed.TryReadAsync(TenantOne, first, TakeMax, default));
        Assert.Null(await store.Feed.TryReadAsync(TenantOne, default, TakeMax, default));
        Assert.Equal([end], (await ReadAsync(store, (await ReadAsync(store, await AtAsync(store, end.No - 2)))[0].Position)).Select(change => change.Position));
    }

    [Fact]
    public async Task Each_commit_is_told_once_the_feed_can_be_read_and_only_when_it_grew()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var told = new List<TenantId>();
        using (store.Feed.OnCommit(told.Add))
        {
            await AppendAsync(store, Of(EventKind.SessionStarted, 0));
            await AppendAsync(store, Of(EventKind.SessionStarted, 0));
            await AppendAsync(store, Beat(1, [Line("3")]));
            await AppendAsync(store, Of(EventKind.SessionDisconnected, 2));
        }

        await AppendAsync(store, Of(EventKind.SessionReconnected, 3));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (told.Count < 2)
            await Task.Delay(10, limit.Token);
        Assert.Equal([TenantOne, TenantOne], told);
    }

    private static FeedPosition Apply(Dictionary<string, Session> copy, SessionChange change)
    {
        if (change.GoneId is { } gone)
            copy.Remove(gone);
        if (change.Session is { } session)
            copy[session.Id] = session;
        return change.Position;
    }

    private static async Task<FeedPosition> AtAsync(LedgerStore store, long no) =>
        new(no, await store.NumberAsync($"SELECT at_ms FROM session_changes WHERE no = {no}"));

    private static Task AppendAsync(LedgerStore store, params LedgerEvent[] batch) => store.Log.AppendAsync(TenantOne, batch, [], default);

    private static async Task<IReadOnlyList<SessionChange>> ReadAsync(LedgerStore store, FeedPosition after) =>
        await store.Feed.TryReadAsync(TenantOne, after, TakeMax, default) ?? throw new InvalidOperationException("the feed does not hold the position");
}

public sealed class SqliteSessionFeedTests() : SessionFeedTests(StoreEngine.Sqlite);

public sealed class Postgres15SessionFeedTests() : SessionFeedTests(StoreEngine.Postgres15);

public sealed class Postgres18SessionFeedTests() : SessionFeedTests(StoreEngine.Postgres18);
