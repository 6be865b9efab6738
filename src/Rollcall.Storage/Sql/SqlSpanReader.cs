using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;

namespace Rollcall.Storage.Sql;

/// <summary>Reads what was open in a span as bare numbers, with a number for what is grouped by.</summary>
internal sealed class SqlSpanReader(StoreConnection connection, ConcurrencyQuery query)
{
    /// <summary>
    /// A group that is no column of the index must be looked up row by row, which costs thrice what reading the whole table in its order does: from
    /// a share of history of so much on (one in so many), the table is read.
    /// </summary>
    private const int TableFromShare = 4;

    /// <summary>A failed session was never open.</summary>
    private const string OverSince = "tenant = $tenant AND state = 4 AND ended_ms > $from AND started_ms < $until";

    private readonly List<string?> keys = [];
    private readonly Dictionary<string, int> byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> byHost = [];
    private int? without;

    public GroupedSpans Read(CancellationToken cancel)
    {
        var spans = new SessionSpans(query.From.ToUnixTimeMilliseconds(), query.Until.ToUnixTimeMilliseconds());
        var groupOf = GroupOf();
        (string, object?)[] parameters = [("$tenant", query.Tenant), ("$from", spans.FromMs), ("$until", spans.UntilMs)];
        if (query.By is SpanGrouping.None)
            _ = NumberOf(null);
        connection.Scan(row => spans.Add(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), groupOf(row)), OverSql(), cancel, parameters);
        connection.Scan(row => spans.Add(row.GetInt64(0), endMs: null, row.GetInt64(2), groupOf(row)), OpenSql(), cancel, parameters);
        return new GroupedSpans(spans, keys);
    }

    private string OverSql() => $"SELECT started_ms, ended_ms, no{Column} FROM session_rows r {(IsTableFaster() ? "NOT INDEXED" : "INDEXED BY sessions_ended")} WHERE {OverSince}";

    private string OpenSql() =>
        $"SELECT started_ms, ended_ms, no{Column} FROM session_rows r INDEXED BY sessions_unfinished WHERE tenant = $tenant AND state IN (1, 2, 3) AND started_ms < $until";

    private string Column => query.By switch
    {
        SpanGrouping.None => string.Empty,
        SpanGrouping.Host => ", host_no",
        SpanGrouping.HostGroup => ", (SELECT p.group_id FROM session_places p WHERE p.tenant = r.tenant AND p.no = r.place_no)",
        SpanGrouping.User => ", (SELECT u.key FROM session_users u WHERE u.tenant = r.tenant AND u.no = r.user_no)",
        SpanGrouping.Protocol => ", (SELECT n.protocol FROM session_natures n WHERE n.tenant = r.tenant AND n.no = r.nature_no)",
        _ => throw new ArgumentOutOfRangeException(nameof(query), query.By, "not a grouping"),
    };

    private bool IsTableFaster()
    {
        if (query.By is SpanGrouping.None or SpanGrouping.Host)
            return false;

        var oldestMs = connection.Number("SELECT MIN(started_ms) FROM session_rows WHERE tenant = $tenant", ("$tenant", query.Tenant));
        var untilMs = query.Until.ToUnixTimeMilliseconds();
        return (untilMs - query.From.ToUnixTimeMilliseconds()) * (double)TableFromShare > untilMs - (double)(oldestMs ?? untilMs);
    }

    private Func<StoreRows, int> GroupOf()
    {
        if (query.By is SpanGrouping.None)
            return _ => 0;
        if (query.By is SpanGrouping.Host)
            return row => NumberOfHost(row.GetInt64(3));

        var texts = new Utf8Numbers(text => NumberOf(query.By is SpanGrouping.Protocol ? NameKey.Of(text) : text));
        return row => row.IsDBNull(3) ? without ??= NumberOf(null) : texts.Of(row.GetUtf8(3));
    }

    private int NumberOfHost(long hostNo)
    {
        if (byHost.TryGetValue(hostNo, out var number))
            return number;

        var name = connection.FirstRow(row => row.GetString(0), "SELECT name_key FROM hosts WHERE tenant = $tenant AND no = $no", ("$tenant", query.Tenant), ("$no", hostNo));
        return byHost[hostNo] = NumberOf(name);
    }

    private int NumberOf(string? key)
    {
        if (key is not null && byKey.TryGetValue(key, out var number))
            return number;

        keys.Add(key);
        if (key is not null)
            byKey[key] = keys.Count - 1;
        return keys.Count - 1;
    }
}

/// <summary>What was open in a span, and what its groups are.</summary>
/// <param name="Keys">Of each group, in the order of its number: folded; null: of those that have none.</param>
internal sealed record GroupedSpans(SessionSpans Spans, IReadOnlyList<string?> Keys);
