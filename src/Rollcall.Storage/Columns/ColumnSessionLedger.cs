using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Columns;

/// <summary>Lists and counts from columns, rows from the store, both in one snapshot; what the columns do not hold is asked in SQL.</summary>
public sealed class ColumnSessionLedger(StoreDatabase database, SessionColumns columns) : ISessionLedger
{
    private readonly SqlSessionLedger plain = new(database);
    private readonly PackedSessions packed = new();

    public Task<Page<Session>> FindAsync(SessionQuery query, PageWindow window, CancellationToken cancel) => window.Take > ColumnSearch.TakeMax
        ? plain.FindAsync(query, window, cancel)
        : Task.FromResult(columns.Ask(
            query.Tenant,
            held => FoundPage.Of(held, new ColumnSearch(held, query, cancel).Page(window.Skip, window.Take), isFirst: window.Skip == 0),
            found => found.Sessions is { } sessions ? new Page<Session>(sessions, found.Count) : null,
            (snapshot, found) => new Page<Session>(Rows(snapshot, query.Tenant, found), found.Count),
            snapshot => SqlSessionLedger.Page(snapshot, query, window)));

    public Task<Page<Session>> FindAsync(SessionQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var after = cursor is null ? null : Cursor.Parse(cursor);
        return take > ColumnSearch.TakeMax
            ? plain.FindAsync(query, cursor, take, count, cancel)
            : Task.FromResult(columns.Ask(
                query.Tenant,
                held => FoundPage.Of(held, new ColumnSearch(held, query, cancel).PageAfter(after is null ? null : (after.Major, after.Minor), take + 1), isFirst: after is null),
                found => found.Sessions is { } sessions ? PageOf(query, found, sessions, take, count) : null,
                (snapshot, found) => PageOf(query, found, Rows(snapshot, query.Tenant, found), take, count),
                snapshot => SqlSessionLedger.PageAfter(snapshot, query, after, take, count)));
    }

    public Task<SessionDetail?> TryGetAsync(TenantId tenant, string sessionId, CancellationToken cancel) => plain.TryGetAsync(tenant, sessionId, cancel);

    public Task<RowStream<ScannedSession>> OpenAsync(SessionQuery query, CancellationToken cancel) => Task.FromResult(database.OpenRows(
        snapshot => columns.TryLook(snapshot, query.Tenant, growth: 0, held => new ColumnSearch(held, query, cancel).Count(), out var count) is ColumnsAnswer.Found
            ? count
            : SqlSessionLedger.Count(snapshot, query),
        snapshot => SqlSessionLedger.RowsAsync(snapshot, query, cancel)));

    public Task<long> CountAsync(SessionQuery query, CancellationToken cancel) => Task.FromResult(columns.Count(
        query.Tenant, held => new ColumnSearch(held, query, cancel).Count(), snapshot => SqlSessionLedger.Count(snapshot, query)));

    /// <summary>The page's rows; those of a first page are kept for who asks for it again.</summary>
    private IReadOnlyList<Session> Rows(StoreConnection snapshot, TenantId tenant, FoundPage found)
    {
        var sessions = packed.Rows(snapshot, tenant, found.Numbers);
        if (found.IsFirst)
            columns.Remember(snapshot, tenant, found.Numbers, sessions);
        return sessions;
    }

    /// <param name="rows">One more than the page takes, when there is one more.</param>
    private static Page<Session> PageOf(SessionQuery query, FoundPage found, IReadOnlyList<Session> rows, int take, bool count)
    {
        var next = rows.Count > take ? new Cursor(query.SortKeyOf(rows[take - 1]), found.Numbers[take - 1]).ToString() : null;
        return new Page<Session>(rows.Count > take ? [.. rows.Take(take)] : rows, count ? found.Count : null, next);
    }

    /// <summary>What columns tell of a page.</summary>
    /// <param name="Sessions">Null when they must be read.</param>
    /// <param name="IsFirst">Whether it is one that many ask for.</param>
    private sealed record FoundPage(long[] Numbers, long Count, bool IsFirst, Session[]? Sessions)
    {
        /// <summary>Rows of a page that is kept: what people and their programs look at, not what reads a ledger page by page.</summary>
        private const int KeptRowsMax = 101;

        public static FoundPage Of(TenantColumns held, (long[] Numbers, long Count) page, bool isFirst)
        {
            var isKept = isFirst && page.Numbers.Length <= KeptRowsMax;
            return new FoundPage(page.Numbers, page.Count, isKept, isKept ? held.Recent.TryAll(page.Numbers) : null);
        }
    }
}
