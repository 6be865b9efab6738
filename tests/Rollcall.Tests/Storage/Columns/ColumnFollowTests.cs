using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Storage.Columns;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage.Columns;

/// <summary>Columns that follow a ledger answer what SQL answers, whatever arrives and however many write.</summary>
public sealed class ColumnFollowTests
{
    private static readonly SessionQuery All = new(TenantOne);

    private static readonly SessionQuery[] Questions =
    [
        All, All with { Sort = SessionSort.Longest, SortedAt = Nine.AddHours(1) }, All with { States = [SessionState.Active, SessionState.Disconnected] },
        All with { Ended = new TimeRange(Nine, null), Sort = SessionSort.NewestEnd }, All with { ActiveAt = Nine.AddMinutes(6) }, All with { UserContains = "b" },
    ];

    private const int FirstRows = 3;

    [Fact]
    public void Whatever_arrives_both_ways_answer_the_same()
    {
        var property = Prop.ForAll(RandomHistories.Arrivals().ToArbitrary(), arrivals => CheckAsync(arrivals).GetAwaiter().GetResult());

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), property);
    }

    [Fact]
    public async Task What_the_feed_no_longer_tells_is_read_anew()
    {
        await using var store = await TestStore.OpenAsync(StoreEngine.Sqlite);
        store.Database.SessionChangesKept = 1;
        using var columns = new SessionColumns(store.Database, long.MaxValue);
        var (log, ledger) = (new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1))), new ColumnSessionLedger(store.Database, columns));
        await new SqlIdentityStore(store.Database).AddTenantAsync(new(TenantOne, "one", Nine), default);
        columns.Build(TenantOne, default);

        // Every answer is right; that of the columns goes away with what the feed has lost, and comes back with another reading.
        for (var batch = 0; batch < 4; batch++)
        {
            var first = batch * 1_000;
            await log.AppendAsync(TenantOne, [.. Enumerable.Range(first, 1_000).Select(n => Of(EventKind.SessionStarted, n / 100.0, os: $"{n}"))], default);
            Assert.Equal(first + 1_000, await ledger.CountAsync(All, default));
        }

        Assert.False(columns.Holds(TenantOne));
        columns.Build(TenantOne, default);
        Assert.Equal(4_000, await ledger.CountAsync(All, default));
        Assert.True(columns.Holds(TenantOne));
    }

    [Fact]
    public async Task A_first_page_that_is_asked_for_again_is_answered_from_memory_until_one_of_its_sessions_changes()
    {
        await using var store = await LedgerStore.OpenAsync(StoreEngine.Sqlite);
        using var columns = new SessionColumns(store.Database, long.MaxValue);
        columns.Build(TenantOne, default);
        var ledger = new ColumnSessionLedger(store.Database, columns);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, os: "1"), Of(EventKind.SessionStarted, 1, os: "2")], default);
        var first = await PageAsync();

        Assert.Equal("True True", SameAs(first, await PageAsync()));
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionEnded, 5, os: "2")], default);
        Assert.Equal(SessionState.Ended, (await PageAsync())[0].State);
        Assert.Equal("True True", SameAs(await PageAsync(), await PageAsync()));

        async Task<IReadOnlyList<Session>> PageAsync() => (await ledger.FindAsync(All, new PageWindow(0, 10), default)).Items;
        static string SameAs(IReadOnlyList<Session> one, IReadOnlyList<Session> other) => string.Join(' ', one.Zip(other, ReferenceEquals));
    }

    [Fact]
    public async Task A_session_that_was_joined_with_another_is_counted_no_more()
    {
        await using var store = await LedgerStore.OpenAsync(StoreEngine.Sqlite);
        using var columns = new SessionColumns(store.Database, long.MaxValue);
        columns.Build(TenantOne, default);
        var ledger = new ColumnSessionLedger(store.Database, columns);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0)], default);
        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionDisconnected, 5, source: "import://b")], default);
        Assert.Equal(2, await ledger.CountAsync(All, default));

        await store.Log.AppendAsync(TenantOne, [Of(EventKind.SessionStarted, 0, source: "import://b")], default);

        Assert.Equal((1, true), (await ledger.CountAsync(All, default), columns.Holds(TenantOne)));
    }

    [Fact]
    public async Task Columns_that_grow_too_large_are_given_up_which_is_told()
    {
        await using var store = await LedgerStore.OpenAsync(StoreEngine.Sqlite);
        using var columns = new SessionColumns(store.Database, bytesMax: 20_000);
        var told = new System.Collections.Concurrent.ConcurrentQueue<SessionMemoryOutcome>();
        using var stop = new CancellationTokenSource();
        var keeping = columns.KeepAsync(TimeProvider.System, (_, outcome) => told.Enqueue(outcome), stop.Token);
        await Agent.Real.HostPrograms.UntilAsync(() => columns.Holds(TenantOne), "columns are read");

        await store.Log.AppendAsync(TenantOne, [.. Enumerable.Range(0, 3_000).Select(n => Of(EventKind.SessionStarted, n / 100.0, os: $"{n}"))], default);

        await Agent.Real.HostPrograms.UntilAsync(() => told.Count == 2, "it is told");
        Assert.Equal([SessionMemoryOutcome.Ready, SessionMemoryOutcome.TooLarge], told);
        Assert.Equal(3_000, await new ColumnSessionLedger(store.Database, columns).CountAsync(All, default));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task A_tenant_that_takes_more_memory_than_columns_may_is_answered_by_SQL()
    {
        await using var ledger = await RandomLedger.FillAsync(StoreEngine.Sqlite, 5);
        using var columns = new SessionColumns(ledger.Database, bytesMax: 1_000);

        Assert.Equal(SessionMemoryOutcome.TooLarge, columns.Build(TenantOne, default));

        Assert.Equal(ledger.Sessions.Count, await new ColumnSessionLedger(ledger.Database, columns).CountAsync(All, default));
        Assert.Equal((false, 0), (columns.Holds(TenantOne), columns.Bytes));
    }

    [Fact]
    public async Task While_many_write_and_read_every_page_and_its_count_are_of_one_instant()
    {
        await using var store = await LedgerStore.OpenAsync(StoreEngine.Sqlite);
        using var columns = new SessionColumns(store.Database, long.MaxValue);
        using var stop = new CancellationTokenSource();
        var keeping = columns.KeepAsync(TimeProvider.System, (_, _) => { }, stop.Token);
        await Agent.Real.HostPrograms.UntilAsync(() => columns.Holds(TenantOne), "columns are read");
        var ledger = new SessionLedgerContract(new ColumnSessionLedger(store.Database, columns));

        // Each batch opens ten and ends ten of the batch before, so that whenever one looks a multiple of ten is open.
        var writers = Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            for (var batch = 0; batch < 40; batch++)
                await store.Log.AppendAsync(TenantOne, [.. Batch($"w{writer}", batch)], default);
        })).ToList();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!writers.TrueForAll(writer => writer.IsCompleted))
            {
                var page = await ledger.FindAsync(All with { States = [SessionState.Active] }, new PageWindow(0, 1_000), default);
                Assert.Equal(page.Total, page.Items.Count);
                Assert.Equal(0, page.Total % 10);
                Assert.All(page.Items, session => Assert.Equal(SessionState.Active, session.State));
            }
        })).ToList();
        await Task.WhenAll([.. writers, .. readers]);

        Assert.Equal((30, 1_200), (await ledger.CountAsync(All with { States = [SessionState.Active] }, default), await ledger.CountAsync(All, default)));
        Assert.True(columns.Holds(TenantOne));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    private static IEnumerable<LedgerEvent> Batch(string writer, int batch)
    {
        for (var n = 0; n < 10; n++)
        {
            if (batch > 0)
                yield return Of(EventKind.SessionEnded, batch, id: $"e{batch}-{n}", os: $"{writer}-{batch - 1}-{n}", source: $"agent://{writer}");
            yield return Of(EventKind.SessionStarted, batch, id: $"s{batch}-{n}", os: $"{writer}-{batch}-{n}", source: $"agent://{writer}");
        }
    }

    private static async Task<bool> CheckAsync(LedgerEvent[][] arrivals)
    {
        await using var store = await LedgerStore.OpenAsync(StoreEngine.Sqlite);
        using var columns = new SessionColumns(store.Database, long.MaxValue);
        var (plain, ledger) = (new SqlSessionLedger(store.Database), new SessionLedgerContract(new ColumnSessionLedger(store.Database, columns)));
        columns.Build(TenantOne, default);
        foreach (var batch in arrivals)
        {
            await store.Log.AppendAsync(TenantOne, batch, default);
            foreach (var question in Questions)
                await CompareAsync(plain, ledger, question);
        }

        await store.JudgeSilenceAsync();
        foreach (var question in Questions)
            await CompareAsync(plain, ledger, question);
        return columns.Holds(TenantOne);
    }

    private static async Task CompareAsync(ISessionLedger plain, ISessionLedger ledger, SessionQuery question)
    {
        var (expected, found) = (await plain.FindAsync(question, null, 1_000, true, default), await ledger.FindAsync(question, null, 1_000, true, default));
        Assert.Equal(expected.Total, found.Total);
        Assert.Equal(expected.Items, found.Items);
        var first = await plain.FindAsync(question, new PageWindow(0, FirstRows), default);
        // Asked twice, it is answered with the rows that the first answer left in memory.
        for (var asked = 0; asked < 2; asked++)
        {
            var again = await ledger.FindAsync(question, new PageWindow(0, FirstRows), default);
            Assert.Equal(first.Total, again.Total);
            Assert.Equal(first.Items, again.Items);
        }
    }
}
