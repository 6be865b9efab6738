using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Reads what <see cref="SessionChangeLog"/> wrote, with each session as it is now.</summary>
public sealed class SqlSessionFeed(StoreDatabase database) : ISessionFeed
{
    private const int ChangeColumn = SessionRow.NumberColumn + 1;

    private const string Changes =
        """
        SELECT no AS change_no, session_no AS changed_no, gone_id, at_ms AS change_ms FROM session_changes
        WHERE tenant = $tenant AND no >= $from ORDER BY no LIMIT $take
        """;

    /// <summary>In place of the columns of a session. The two arms are apart because SQLite reads the whole view for a LEFT JOIN on it.</summary>
    private static readonly string NoSession = string.Join(", ", SessionRow.Columns.Split(',').Select(_ => "NULL"));

    public Task<FeedPosition> EndAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(database.Read(connection => connection.Rows(
        row => new FeedPosition(row.GetInt64(0), row.GetInt64(1)),
        "SELECT no, at_ms FROM session_changes WHERE tenant = $tenant ORDER BY no DESC LIMIT 1",
        ("$tenant", tenant)).FirstOrDefault()));

    public Task<IReadOnlyList<SessionChange>?> TryReadAsync(TenantId tenant, FeedPosition after, int take, CancellationToken cancel)
    {
        // The change at the position is read as well: only when it is there, and is the one that was meant, does nothing lie between.
        var changes = database.Read(connection => Read(connection, tenant, after, take + 1));
        var follows = after == default
            ? changes.Count == 0 || changes[0].Position.No == 1
            : changes.Count > 0 && changes[0].Position == after;
        return Task.FromResult<IReadOnlyList<SessionChange>?>(follows ? [.. changes.Where(change => change.Position.No > after.No).Take(take)] : null);
    }

    public IDisposable OnCommit(Action<TenantId> tell) => database.OnFeedsGrew(tell);

    private static List<SessionChange> Read(StoreConnection connection, TenantId tenant, FeedPosition from, int take) => connection.Rows(
        row => new SessionChange(
            new FeedPosition(row.GetInt64(ChangeColumn), row.GetInt64(ChangeColumn + 1)),
            row.IsDBNull(SessionRow.NumberColumn) ? null : SessionRow.Read(row, tenant))
        {
            GoneId = row.Text(ChangeColumn + 2),
            JoinedId = row.Text(ChangeColumn + 3),
        },
        $"""
        SELECT {SessionRow.Columns}, c.change_no, c.change_ms, NULL, NULL
        FROM ({Changes}) c CROSS JOIN sessions ON sessions.tenant = $tenant AND sessions.no = c.changed_no
        WHERE c.gone_id IS NULL
        UNION ALL
        SELECT {NoSession}, c.change_no, c.change_ms, c.gone_id,
               (SELECT stays.id FROM session_aliases a JOIN session_rows stays ON stays.tenant = a.tenant AND stays.no = a.session_no
                WHERE a.tenant = $tenant AND a.id = c.gone_id)
        FROM ({Changes}) c
        WHERE c.gone_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM session_rows r WHERE r.tenant = $tenant AND r.no = c.changed_no)
        ORDER BY change_no
        """,
        ("$tenant", tenant), ("$from", from.No), ("$take", take));
}
