using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;

namespace Rollcall.Storage.Sql;

/// <summary>What happened in a span: counts that indexes alone answer, and the durations of what ended.</summary>
internal static class SqlFleetSummary
{
    public static FleetSummary Read(StoreConnection connection, SummaryQuery query, CancellationToken cancel)
    {
        (string, object?)[] parameters =
            [("$tenant", query.Tenant), ("$from", query.From.ToUnixTimeMilliseconds()), ("$to", query.To.ToUnixTimeMilliseconds())];
        var began = connection.Number($"SELECT COUNT(*) FROM session_rows INDEXED BY sessions_start WHERE {BeganWithin}", parameters)!.Value;
        var unborn = connection.Number($"SELECT COUNT(*) FROM session_rows INDEXED BY sessions_unfinished WHERE {BeganWithin} AND state = {(int)SessionState.Initializing} AND state IN (1, 2, 3)", parameters)!.Value;
        var codes = Codes(connection, parameters);
        var failures = codes.Sum(code => code.Count);
        return new FleetSummary(
            Open(connection, query), began - unborn - failures, failures, [.. codes.Take(query.CodesMax)], codes.Count, Durations(connection, parameters, cancel));
    }

    private const string BeganWithin = "tenant = $tenant AND started_ms >= $from AND started_ms < $to";

    private static Dictionary<SessionState, long> Open(StoreConnection connection, SummaryQuery query) =>
        new[] { SessionState.Initializing, SessionState.Active, SessionState.Disconnected }.ToDictionary(
            state => state,
            state => connection.Number(
                "SELECT COUNT(*) FROM session_rows INDEXED BY sessions_unfinished WHERE tenant = $tenant AND state = $state AND state IN (1, 2, 3)",
                ("$tenant", query.Tenant), ("$state", (int)state))!.Value);

    private static List<FailureCount> Codes(StoreConnection connection, (string, object?)[] parameters) => connection.Rows(
        row => new FailureCount(row.Text(0), row.GetInt64(1)),
        $"""
        SELECT n.failure_code, SUM(failed.count) AS total
        FROM (SELECT nature_no, COUNT(*) AS count FROM session_rows INDEXED BY sessions_failed WHERE {BeganWithin} AND state = 5 GROUP BY nature_no) failed
        LEFT JOIN session_natures n ON n.tenant = $tenant AND n.no = failed.nature_no
        GROUP BY n.failure_code ORDER BY total DESC, n.failure_code NULLS FIRST
        """,
        parameters);

    private static DurationQuantiles Durations(StoreConnection connection, (string, object?)[] parameters, CancellationToken cancel)
    {
        var durations = new List<long>();
        connection.Scan(
            row => durations.Add(row.GetInt64(0)),
            "SELECT ended_ms - started_ms FROM session_rows INDEXED BY sessions_ended WHERE tenant = $tenant AND state = 4 AND ended_ms >= $from AND ended_ms < $to",
            cancel,
            parameters);
        return DurationQuantiles.Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(durations));
    }
}
