using System.Runtime.CompilerServices;

namespace Rollcall.Core.Sessions;

/// <summary>Holds any <see cref="ISessionLedger"/> to its promises, whichever engine is behind it.</summary>
public sealed class SessionLedgerContract(ISessionLedger inner) : ISessionLedger
{
    public async Task<Page<Session>> FindAsync(SessionQuery query, PageWindow window, CancellationToken cancel)
    {
        var page = await inner.FindAsync(query, window, cancel);
        Promise(page.Items.Count <= window.Take, "a page is no longer than asked for");
        Promise(page.Total >= page.Items.Count, "the count covers the page");
        return Checked(query, page);
    }

    public async Task<Page<Session>> FindAsync(SessionQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var page = await inner.FindAsync(query, cursor, take, count, cancel);
        Promise(page.Items.Count <= take, "a page is no longer than asked for");
        Promise(count == page.Total is not null, "a count is given when asked for, and only then");
        return Checked(query, page);
    }

    public async Task<SessionDetail?> TryGetAsync(TenantId tenant, string sessionId, CancellationToken cancel)
    {
        var detail = await inner.TryGetAsync(tenant, sessionId, cancel);
        Promise(detail is null || detail.Session.Tenant == tenant, "a tenant sees only its own rows");
        return detail;
    }

    public async Task<RowStream<ScannedSession>> OpenAsync(SessionQuery query, CancellationToken cancel)
    {
        var opened = await inner.OpenAsync(query, cancel);
        return new RowStream<ScannedSession>(opened.Total, CheckedAsync(query, opened, cancel), opened.DisposeAsync);
    }

    private static async IAsyncEnumerable<ScannedSession> CheckedAsync(
        SessionQuery query, RowStream<ScannedSession> opened, [EnumeratorCancellation] CancellationToken cancel)
    {
        var read = 0L;
        var before = default(long?);
        await foreach (var session in opened.Rows.WithCancellation(cancel))
        {
            Promise(session.Tenant == query.Tenant, "a tenant sees only its own rows");
            var key = query.SortKeyOf(session);
            Promise(before is not { } last || query.IsInOrder(last, key), "rows come in the query's order");
            before = key;
            read++;
            yield return session;
        }

        Promise(read == opened.Total, "there are as many rows as were counted");
    }

    public Task<long> CountAsync(SessionQuery query, CancellationToken cancel) => inner.CountAsync(query, cancel);

    private static Page<Session> Checked(SessionQuery query, Page<Session> page)
    {
        Promise(page.Items.All(session => session.Tenant == query.Tenant), "a tenant sees only its own rows");
        Promise(page.Items.Zip(page.Items.Skip(1)).All(pair => query.IsInOrder(pair.First, pair.Second)), "rows come in the query's order");
        return page;
    }

    private static void Promise(bool holds, string promise)
    {
        if (!holds)
            throw new InvalidOperationException($"the store broke a promise: {promise}");
    }
}
