using System.Runtime.CompilerServices;

namespace Rollcall.Core.Connections;

/// <summary>Holds any <see cref="IConnectionLog"/> to its promises, whichever engine is behind it.</summary>
public sealed class ConnectionLogContract(IConnectionLog inner) : IConnectionLog
{
    public async Task<Page<Connection>> FindAsync(ConnectionQuery query, PageWindow window, CancellationToken cancel)
    {
        var page = await inner.FindAsync(query, window, cancel);
        Promise(page.Items.Count <= window.Take, "a page is no longer than asked for");
        Promise(page.Total >= page.Items.Count, "the count covers the page");
        Connection? before = null;
        foreach (var connection in page.Items)
            before = Checked(query, connection, before);
        return page;
    }

    public async Task<Page<Connection>> FindAsync(ConnectionQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var page = await inner.FindAsync(query, cursor, take, count, cancel);
        Promise(page.Items.Count <= take, "a page is no longer than asked for");
        Promise(count == page.Total is not null, "a count is given when asked for, and only then");
        Connection? before = null;
        foreach (var connection in page.Items)
            before = Checked(query, connection, before);
        return page;
    }

    public IAsyncEnumerable<Connection> ScanAsync(ConnectionQuery query, CancellationToken cancel) =>
        CheckedAsync(query, inner.ScanAsync(query, cancel), expected: null, cancel);

    public async Task<RowStream<Connection>> OpenAsync(ConnectionQuery query, CancellationToken cancel)
    {
        var opened = await inner.OpenAsync(query, cancel);
        return new RowStream<Connection>(opened.Total, CheckedAsync(query, opened.Rows, opened.Total, cancel), opened.DisposeAsync);
    }

    public Task<long> CountAsync(ConnectionQuery query, CancellationToken cancel) => inner.CountAsync(query, cancel);

    private static async IAsyncEnumerable<Connection> CheckedAsync(
        ConnectionQuery query, IAsyncEnumerable<Connection> rows, long? expected, [EnumeratorCancellation] CancellationToken cancel)
    {
        Connection? before = null;
        var read = 0L;
        await foreach (var connection in rows.WithCancellation(cancel))
        {
            before = Checked(query, connection, before);
            read++;
            yield return connection;
        }

        Promise(expected is null || read == expected, "there are as many rows as were counted");
    }

    private static Connection Checked(ConnectionQuery query, Connection connection, Connection? before)
    {
        Promise(connection.Tenant == query.Tenant, "a tenant sees only its own rows");
        Promise(before is null || before.RequestedAt >= connection.RequestedAt, "rows come newest first");
        return connection;
    }

    private static void Promise(bool holds, string promise)
    {
        if (!holds)
            throw new InvalidOperationException($"the store broke a promise: {promise}");
    }
}
