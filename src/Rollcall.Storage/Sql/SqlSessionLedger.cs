using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Answers questions about sessions: one statement with the whole filter, never a second look in the process.</summary>
public sealed class SqlSessionLedger(StoreDatabase database) : ISessionLedger
{
    public Task<Page<Session>> FindAsync(SessionQuery query, PageWindow window, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => Page(connection, query, window)));

    public Task<Page<Session>> FindAsync(SessionQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var after = cursor is null ? null : Cursor.Parse(cursor);
        return Task.FromResult(database.Read(connection => PageAfter(connection, query, after, take, count)));
    }

    public Task<SessionDetail?> TryGetAsync(TenantId tenant, string sessionId, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => Detail(connection, tenant, sessionId)));

    internal static Page<Session> Page(StoreConnection connection, SessionQuery query, PageWindow window)
    {
        var filter = FilterOf(query).With("$take", window.Take).With("$skip", window.Skip);
        var items = connection.Rows(
            row => SessionRow.Read(row, query.Tenant),
            $"SELECT {SessionRow.Columns} {FromSome(query, filter, "LIMIT $take OFFSET $skip")}",
            filter.Parameters);
        return new Page<Session>(items, Count(connection, query));
    }

    internal static Page<Session> PageAfter(StoreConnection connection, SessionQuery query, Cursor? after, int take, bool count)
    {
        var filter = FilterOf(query).With("$take", take + 1)
            .And(SessionOrdering.After(query), "$keyAfter", after?.Major)
            .With("$noAfter", after?.Minor);
        var rows = connection.Rows(
            row => (Session: SessionRow.Read(row, query.Tenant), No: row.GetInt64(SessionRow.NumberColumn)),
            $"SELECT {SessionRow.Columns} {FromSome(query, filter, "LIMIT $take")}",
            filter.Parameters);
        var more = rows.Count > take;
        if (more)
            rows.RemoveAt(take);
        var next = more ? new Cursor(query.SortKeyOf(rows[^1].Session), rows[^1].No).ToString() : null;
        return new Page<Session>([.. rows.Select(row => row.Session)], count ? Count(connection, query) : null, next);
    }

    internal static SessionDetail? Detail(StoreConnection connection, TenantId tenant, string sessionId)
    {
        var found = connection.Rows(
            row => (Session: SessionRow.Read(row, tenant), No: row.GetInt64(SessionRow.NumberColumn)),
            $"""
            SELECT {SessionRow.Columns} FROM sessions
            WHERE tenant = $tenant AND no = COALESCE(
                (SELECT no FROM session_rows WHERE tenant = $tenant AND id = $id),
                (SELECT session_no FROM session_aliases WHERE tenant = $tenant AND id = $id))
            """,
            ("$tenant", tenant), ("$id", sessionId));
        if (found is not [var (session, no)])
            return null;

        var connections = connection.Rows(
            row => ConnectionRow.Read(row, tenant),
            $"""
            SELECT {ConnectionRow.Columns} FROM connections c {ConnectionRow.OfSession}
            WHERE c.tenant = $tenant AND c.session_no = $no ORDER BY c.ordinal
            """,
            ("$tenant", tenant), ("$no", no));
        var timeline = connection.Rows(
            EventRow.Read,
            $"""
            {EventRow.SelectOfSession} WHERE m.tenant = $tenant AND m.session_no = $no
            """,
            ("$tenant", tenant), ("$no", no));
        return new SessionDetail(session, connections, [.. timeline.Order(Core.Events.EventOrder.Instance)]);
    }

    public Task<RowStream<ScannedSession>> OpenAsync(SessionQuery query, CancellationToken cancel) => Task.FromResult(
        database.OpenRows(connection => Count(connection, query), connection => RowsAsync(connection, query, cancel)));

    internal static IAsyncEnumerable<ScannedSession> RowsAsync(StoreConnection connection, SessionQuery query, CancellationToken cancel)
    {
        var filter = FilterOf(query);
        var scanned = default(ScannedSession);
        return connection.StreamAsync(
            row => scanned ??= new ScannedSession(query.Tenant, row),
            $"SELECT {SessionFacts.Columns} {(IndexOf(query).Length > 0 ? FromSome(query, filter, string.Empty) : $"FROM sessions {filter.Where} {SessionOrdering.OrderBy(query)}")}",
            filter.Parameters,
            cancel);
    }

    public Task<long> CountAsync(SessionQuery query, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => Count(connection, query)));

    internal static long Count(StoreConnection connection, SessionQuery query)
    {
        var filter = FilterOf(query);
        return connection.Number($"SELECT COUNT(*) FROM session_rows {IndexOf(query)} {filter.Where}", filter.Parameters) ?? 0;
    }

    /// <summary>Numbers first, so that no fact of a row that is passed over is looked up, and by the index of what is asked for.</summary>
    private static string FromSome(SessionQuery query, SqlFilter filter, string limit) =>
        $"""
        FROM (SELECT no AS page_no FROM session_rows {IndexOf(query)} {filter.Where} {SessionOrdering.OrderBy(query)} {limit}) page
        CROSS JOIN sessions ON sessions.tenant = $tenant AND sessions.no = page.page_no
        {SessionOrdering.OrderBy(query)}
        """;

    /// <summary>SQLite would walk all sessions in their order to find the few of one user or one host.</summary>
    private static string IndexOf(SessionQuery query) =>
        query.User is not null || query.UserInAnyForm is not null ? "INDEXED BY sessions_user"
        : query.HostName is not null ? "INDEXED BY sessions_stream"
        : string.Empty;

    private static SqlFilter FilterOf(SessionQuery query) => SessionFilter.Of(query).With("$sorted", query.SortedAt.ToUnixTimeMilliseconds());
}
