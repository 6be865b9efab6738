using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Counts over sessions and connections: one statement each, whose answer does not grow with the rows that it read.</summary>
public sealed class SqlSessionStatistics(StoreDatabase database) : ISessionStatistics
{
    /// <summary>
    /// Each session becomes the numbers of its first and last bucket. Of each, only the buckets that no earlier session of its user reached are
    /// new: so a user counts once a bucket, and the sort by user is all that is kept.
    /// </summary>
    private const string PresenceSql =
        """
        WITH spans AS (
            SELECT user_key, first_no, MAX(first_no, (ended - 1 - $from) / $bucket) AS last_no
            FROM (
                SELECT user_key, MAX(0, (started_ms - $from) / $bucket) AS first_no, MIN(COALESCE(ended_ms, $until), $until) AS ended
                FROM sessions
                WHERE tenant = $tenant AND state <> $failed AND started_ms < $until AND $from < $until
                  AND (ended_ms IS NULL OR ended_ms > $from OR started_ms >= $from)) present),
        reached AS (
            SELECT MAX(first_no, COALESCE(MAX(last_no) OVER earlier, -1) + 1) AS first_no, last_no FROM spans
            WINDOW earlier AS (PARTITION BY user_key ORDER BY first_no, last_no ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
        SELECT first_no, last_no, COUNT(*) FROM reached WHERE first_no <= last_no GROUP BY first_no, last_no
        """;

    /// <summary>
    /// Of each attached time within the span, only what no earlier one of its user covered is new, so that two sessions at once count once.
    /// The directory knows a user by the name as the source wrote it, else by the plain name in it. The count stands beside every row, and
    /// alone when the page is empty.
    /// </summary>
    private const string UsageSql =
        """
        WITH told AS (
            SELECT user_key, user_name, session_no, requested_ms >= $from AS is_asked, established_ms IS NOT NULL AS is_made, is_failed = 1 AS is_failed,
                   ROW_NUMBER() OVER (PARTITION BY user_key ORDER BY requested_ms DESC, session_no DESC, ordinal DESC) AS age,
                   MAX(established_ms, $from) AS began,
                   CASE WHEN established_ms IS NOT NULL THEN MIN(COALESCE(ended_ms, $until), $until) END AS ended
            FROM connections
            WHERE tenant = $tenant AND requested_ms < $to AND (CAST($user AS TEXT) IS NULL OR user_key LIKE $user ESCAPE '!')
              AND (requested_ms >= $from OR ($from < $until AND established_ms < $until AND (ended_ms IS NULL OR ended_ms > $from)))),
        pieces AS (
            SELECT *, MAX(0, ended - MAX(began, COALESCE(MAX(ended) OVER earlier, began))) AS new_ms FROM told
            WINDOW earlier AS (PARTITION BY user_key ORDER BY began ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
        used AS (
            SELECT user_key, MAX(CASE WHEN age = 1 THEN user_name END) AS user_name, MAX(CASE WHEN age = 1 THEN session_no END) AS session_no,
                   COALESCE(SUM(new_ms), 0) AS connected_ms, COUNT(*) FILTER (WHERE is_asked) AS attempts,
                   COUNT(*) FILTER (WHERE is_asked AND is_made) AS established, COUNT(*) FILTER (WHERE is_asked AND is_failed) AS failed
            FROM pieces GROUP BY user_key),
        known AS (
            SELECT used.*, COALESCE(whole.subproject, plain.subproject) AS subproject, COALESCE(whole.domain, plain.domain) AS domain
            FROM used
            LEFT JOIN session_rows s ON s.tenant = $tenant AND s.no = used.session_no
            LEFT JOIN session_users p ON p.tenant = $tenant AND p.no = s.user_no
            LEFT JOIN users whole ON whole.tenant = $tenant AND whole.name_key = used.user_key
            LEFT JOIN users plain ON plain.tenant = $tenant AND plain.name_key = p.plain_key),
        matching AS MATERIALIZED (
            SELECT user_key, user_name, subproject, connected_ms, attempts, established, failed FROM known
            WHERE (CAST($minMs AS BIGINT) IS NULL OR connected_ms >= $minMs) AND (CAST($maxMs AS BIGINT) IS NULL OR connected_ms <= $maxMs)
              AND (CAST($subproject AS TEXT) IS NULL OR subproject = $subproject OR ($orNone = 1 AND subproject IS NULL))
              AND ($anyDomain = 1 OR folded(domain) = $domain)),
        page AS (
            SELECT * FROM matching ORDER BY connected_ms * $direction, user_key LIMIT $take OFFSET $skip)
        SELECT total.n, page.user_name, page.subproject, page.connected_ms, page.attempts, page.established, page.failed
        FROM (SELECT COUNT(*) AS n FROM matching) AS total LEFT JOIN page ON TRUE
        ORDER BY page.connected_ms * $direction, page.user_key
        """;

    public Task<IReadOnlyList<long>> CountPresentAsync(PresenceQuery query, CancellationToken cancel)
    {
        var untilMs = Math.Min(query.To.ToUnixTimeMilliseconds(), query.Now.ToUnixTimeMilliseconds() + 1);
        var spans = database.Read(connection => connection.Rows(
            row => (First: row.GetInt64(0), Last: row.GetInt64(1), Users: row.GetInt64(2)),
            PresenceSql,
            ("$tenant", query.Tenant), ("$from", query.From.ToUnixTimeMilliseconds()), ("$until", untilMs),
            ("$bucket", (long)query.Bucket.TotalMilliseconds), ("$failed", (int)SessionState.Failed)));
        var counts = new long[query.Count];
        foreach (var (first, last, users) in spans)
        {
            for (var bucket = first; bucket <= last; bucket++)
                counts[bucket] += users;
        }

        return Task.FromResult<IReadOnlyList<long>>(counts);
    }

    public Task<Page<UserUsage>> FindUsageAsync(UsageQuery query, PageWindow window, CancellationToken cancel)
    {
        var rows = database.Read(connection => connection.Rows(
            row => (Total: row.GetInt64(0), Usage: row.IsDBNull(1) ? null : Read(row)), UsageSql, ParametersOf(query, window)));
        return Task.FromResult(new Page<UserUsage>([.. rows.Select(row => row.Usage).OfType<UserUsage>()], rows[0].Total));
    }

    private static (string, object?)[] ParametersOf(UsageQuery query, PageWindow window)
    {
        var toMs = SqlFilter.MsUp(query.To)!.Value;
        return
        [
            ("$tenant", query.Tenant), ("$from", SqlFilter.MsUp(query.From)), ("$to", toMs),
            ("$until", Math.Min(toMs, query.Now.ToUnixTimeMilliseconds())),
            ("$user", SqlFilter.Containing(query.UserContains is { } user ? NameKey.Of(user) : null)),
            ("$minMs", query.ConnectedMsMin), ("$maxMs", query.ConnectedMsMax), ("$subproject", query.Subproject?.Id),
            ("$orNone", query.Subproject is { IsDefault: true }), ("$domain", FoldedText.Of(query.Domain)), ("$anyDomain", query.Domain is null), ("$direction", query.LeastFirst ? 1 : -1),
            ("$take", window.Take), ("$skip", window.Skip),
        ];
    }

    private static UserUsage Read(StoreRows row) => new()
    {
        User = row.GetString(1),
        Subproject = row.Text(2),
        ConnectedMs = row.GetInt64(3),
        Attempts = row.GetInt64(4),
        Established = row.GetInt64(5),
        Failed = row.GetInt64(6),
    };
}
