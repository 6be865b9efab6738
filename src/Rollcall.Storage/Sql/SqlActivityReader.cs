using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;
using Rollcall.Storage.Columns;

namespace Rollcall.Storage.Sql;

/// <summary>Reads, user by user, what was open in a span, and when each was last seen whatever the span.</summary>
internal sealed class SqlActivityReader
{
    /// <summary>In the table's own order: every session is looked at, and no index has what is asked about it.</summary>
    private const string SessionsSql =
        """
        SELECT started_ms, ended_ms, no, state, (SELECT u.key FROM session_users u WHERE u.tenant = r.tenant AND u.no = r.user_no) FROM session_rows r NOT INDEXED
        WHERE tenant = $tenant AND state <> 5 AND started_ms <= $now
        """;

    private readonly StoreConnection connection;
    private readonly ActivityQuery query;
    private readonly List<UserTally> users = [];
    private readonly List<(string Name, string Id)> people = [];
    private readonly Dictionary<string, int> byKey = new(StringComparer.Ordinal);
    private readonly long fromMs, untilMs, nowMs;

    /// <summary>People of the directory come first, whether they had a session or not.</summary>
    public SqlActivityReader(StoreConnection connection, ActivityQuery query)
    {
        (this.connection, this.query) = (connection, query);
        (fromMs, untilMs, nowMs) = (query.From.ToUnixTimeMilliseconds(), query.Until.ToUnixTimeMilliseconds(), query.Now.ToUnixTimeMilliseconds());
        Spans = new SessionSpans(fromMs, untilMs);
        people = connection.Rows(
            row => (row.GetString(0), row.GetString(1)), "SELECT name, id FROM users WHERE tenant = $tenant", ("$tenant", query.Tenant));
        foreach (var (name, _) in people)
            Add(NameKey.Of(name));
    }

    public IReadOnlyList<UserTally> Users => users;

    /// <summary>What was read; users are the groups.</summary>
    public SessionSpans Spans { get; }

    public SqlActivityReader Read(CancellationToken cancel)
    {
        var numbers = new Utf8Numbers(NumberOf);
        connection.Scan(
            row => See(row.GetInt64(0), row.Long(1), row.GetInt64(2), (SessionState)row.GetInt64(3), numbers.Of(row.GetUtf8(4))),
            SessionsSql,
            cancel,
            ("$tenant", query.Tenant),
            ("$now", nowMs));
        return this;
    }

    /// <summary>The same from columns.</summary>
    public SqlActivityReader Read(TenantColumns columns, CancellationToken cancel)
    {
        var numbers = new LazyNumbers(columns.Users.Count, user => NumberOf(columns.Users[user].Key));
        ColumnRows.ForEach(
            columns,
            endedAfterMs: long.MinValue,
            startedBeforeMs: nowMs + 1,
            (block, index, no) =>
            {
                if (block.States[index] is not (byte)SessionState.Failed)
                    See(block.StartedMs[index], block.EndedMs[index] is var ended and not SessionBlock.Open ? ended : null, no, (SessionState)block.States[index], numbers.Of(block.Users[index]));
            },
            cancel);
        return this;
    }

    private void See(long startedMs, long? endedMs, long no, SessionState state, int user)
    {
        Spans.Add(startedMs, endedMs, no, user);
        users[user].SeenAt(Math.Min(endedMs ?? nowMs, nowMs));
        if (startedMs >= fromMs && startedMs < untilMs && state is not SessionState.Initializing)
            users[user].Logons++;
    }

    public UserActivity Named(StoreConnection snapshot, ActivityRow row) => new()
    {
        User = row.Group < people.Count
            ? people[row.Group].Name
            : SqlFleetStatistics.NewestSpelling(snapshot, query.Tenant, users[row.Group].Key) ?? users[row.Group].Key,
        UserId = row.Group < people.Count ? people[row.Group].Id : null,
        Logons = row.Logons,
        OpenMs = row.OpenMs,
        LastSeenAt = row.LastSeenMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null,
    };

    /// <summary>The person whom the directory has under the whole name, else under the plain name in it; else the name is a user of its own.</summary>
    private int NumberOf(string userKey) =>
        byKey.TryGetValue(userKey, out var whole) ? whole
        : byKey.TryGetValue(NameKey.OfPlain(userKey), out var plain) && plain < people.Count ? plain
        : Add(userKey);

    private int Add(string key)
    {
        users.Add(new UserTally(key));
        return byKey[key] = users.Count - 1;
    }
}
