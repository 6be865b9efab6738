using Microsoft.Data.Sqlite;

namespace Rollcall.Bench.Rows;

/// <summary>
/// Puts made-up sessions into an embedded ledger that no server has open, without their events: what is measured on them reads sessions alone, and
/// taking in as many events would take longer than the rest of the run.
/// </summary>
internal static class LedgerRows
{
    private const int TransactionRows = 50_000;

    private const int EndedState = 4, ReportedEnd = 1;

    private static readonly string[] _columns =
    [
        "no", "id", "anchor_seq", "epoch_us", "host_no", "stream", "user_no", "place_no", "device_no", "nature_no", "kind", "state", "requested_ms", "started_ms",
        "ended_ms", "end_source", "end_earliest_ms", "end_latest_ms", "changed_ms", "connected_ms", "disconnected_ms", "session_stamp", "revision",
    ];

    /// <param name="file">The ledger, which has the tenant.</param>
    /// <param name="count">Sessions, all of the one tenant.</param>
    public static void Write(string file, string tenant, ulong seed, long count)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA cache_size = -262144; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 65536;");
        using var facts = new LedgerFacts(connection, TenantNumber(connection, tenant));
        for (long first = 0; first < count; first += TransactionRows)
        {
            Execute(connection, "BEGIN");
            using var insert = Insert(connection, facts.Tenant);
            for (var ordinal = first; ordinal < Math.Min(count, first + TransactionRows); ordinal++)
            {
                var values = Values(facts, SessionRows.At(seed, ordinal, count));
                for (var i = 0; i < values.Length; i++)
                    insert.Parameters[i].Value = values[i] ?? DBNull.Value;
                insert.ExecuteNonQuery();
            }

            Execute(connection, "COMMIT");
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long TenantNumber(SqliteConnection connection, string tenant)
    {
        using var find = connection.CreateCommand();
        find.CommandText = "SELECT no FROM tenants WHERE id = $id";
        find.Parameters.AddWithValue("$id", tenant);
        return (long)find.ExecuteScalar()!;
    }

    private static SqliteCommand Insert(SqliteConnection connection, long tenant)
    {
        var insert = connection.CreateCommand();
        insert.CommandText = $"INSERT INTO session_rows (tenant, {string.Join(", ", _columns)}) VALUES ({tenant}, {string.Join(", ", _columns.Select(column => "$" + column))})";
        foreach (var column in _columns)
            insert.Parameters.Add(new SqliteParameter { ParameterName = "$" + column });
        return insert;
    }

    private static object?[] Values(LedgerFacts numbers, in SessionFacts facts)
    {
        var texts = SessionText.Of(facts);
        var startMs = facts.StartedAt.ToUnixTimeMilliseconds();
        var endMs = startMs + (facts.DurationSeconds * 1000L);
        var app = texts[6].Length == 0 ? null : texts[6];
        // As the ledger packs a stamp that is made of what it has anyway.
        var pattern = texts[1] == $"{texts[10]}-{texts[4]}-{texts[3]}-{texts[2]}" ? $"{{sid}}-{{user}}-{texts[3]}-{{session}}" : null;
        return
        [
            facts.Ordinal + 1, texts[0], facts.Ordinal + 1, startMs * 1000, numbers.Host(facts.Host + 1, texts[11]), "s:" + texts[2], numbers.User(texts[4]),
            numbers.Place(texts[11], texts[10], texts[12], texts[8], texts[9]), numbers.Device(texts[19], texts[20], texts[23], texts[18], texts[22], texts[21]),
            numbers.Nature(texts[3], app, texts[5], pattern), app is null ? 1 : 2, EndedState, startMs - ((long)(facts.IdHigh % 40) * 1000), startMs, endMs, ReportedEnd,
            endMs, endMs, endMs, endMs - startMs, 0, pattern is null ? texts[1] : null, 2,
        ];
    }
}
