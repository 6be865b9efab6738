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
            (_, held) => new ColumnSearch(held, query, cancel).Page(window.Skip, window.Take),
            (snapshot, found) => new Page<Session>(packed.Rows(snapshot, query.Tenant, found.Numbers), found.Count),
            snapshot => SqlSessionLedger.Page(snapshot, query, window)));

    public Task<Page<Session>> FindAsync(SessionQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var after = cursor is null ? null : Cursor.Parse(cursor);
        return take > ColumnSearch.TakeMax
            ? plain.FindAsync(query, cursor, take, count, cancel)
            : Task.FromResult(columns.Ask(
                query.Tenant,
                (_, held) => new ColumnSearch(held, query, cancel).PageAfter(after is null ? null : (after.Major, after.Minor), take + 1),
                (snapshot, found) => PageOf(snapshot, query, found.Numbers, take, count ? found.Count : null),
                snapshot => SqlSessionLedger.PageAfter(snapshot, query, after, take, count)));
    }

    public Task<SessionDetail?> TryGetAsync(TenantId tenant, string sessionId, CancellationToken cancel) => plain.TryGetAsync(tenant, sessionId, cancel);

    public Task<RowStream<ScannedSession>> OpenAsync(SessionQuery query, CancellationToken cancel) => Task.FromResult(database.OpenRows(
        snapshot => columns.TryLook(snapshot, query.Tenant, held => new ColumnSearch(held, query, cancel).Count(), out var count) is ColumnsAnswer.Found
            ? count
            : SqlSessionLedger.Count(snapshot, query),
        snapshot => SqlSessionLedger.RowsAsync(snapshot, query, cancel)));

    public Task<long> CountAsync(SessionQuery query, CancellationToken cancel) => Task.FromResult(columns.Ask(
        query.Tenant,
        (_, held) => new ColumnSearch(held, query, cancel).Count(),
        (_, count) => count,
        snapshot => SqlSessionLedger.Count(snapshot, query)));

    private Page<Session> PageOf(StoreConnection snapshot, SessionQuery query, long[] numbers, int take, long? count)
    {
        var sessions = packed.Rows(snapshot, query.Tenant, numbers.Take(take));
        var next = numbers.Length > take ? new Cursor(query.SortKeyOf(sessions[^1]), numbers[take - 1]).ToString() : null;
        return new Page<Session>(sessions, count, next);
    }
}
