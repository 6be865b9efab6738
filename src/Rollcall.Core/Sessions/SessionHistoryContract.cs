namespace Rollcall.Core.Sessions;

/// <summary>Holds any <see cref="ISessionHistory"/> to its promises, whichever engine is behind it.</summary>
public sealed class SessionHistoryContract(ISessionHistory inner) : ISessionHistory
{
    public async Task<Page<Session>> FindAsync(SessionQuery query, DateTimeOffset knownAt, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var page = await inner.FindAsync(query, knownAt, cursor, take, count, cancel);
        Promise(page.Items.Count <= take, "a page is no longer than asked for");
        Promise(count == page.Total is not null, "a count is given when asked for, and only then");
        Promise(page.Items.All(query.Matches), "every row matches as it was known");
        Promise(page.Items.Zip(page.Items.Skip(1)).All(pair => query.IsInOrder(pair.First, pair.Second)), "rows come in the query's order");
        return page;
    }

    public async Task<SessionAccount?> TryGetAsync(TenantId tenant, string sessionId, DateTimeOffset? knownAt, CancellationToken cancel)
    {
        var account = await inner.TryGetAsync(tenant, sessionId, knownAt, cancel);
        if (account is null)
            return null;

        Promise(account.Detail.Session.Tenant == tenant, "a tenant sees only its own rows");
        Promise(knownAt is null || account.Detail.Timeline.All(stored => stored.ReceivedAt <= knownAt), "nothing is told that had not arrived");
        Promise(account.Readings is [.., { KnownUntil: null } newest] && newest.Session with { Revision = 0 } == account.Detail.Session with { Revision = 0 }, "the newest reading is the session as known");
        Promise(account.Readings.Zip(account.Readings.Skip(1)).All(pair => pair.First.KnownUntil == pair.Second.KnownFrom), "readings leave no gap");
        return account;
    }

    private static void Promise(bool holds, string promise)
    {
        if (!holds)
            throw new InvalidOperationException($"the store broke a promise: {promise}");
    }
}
