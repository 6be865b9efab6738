using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>Fills a tenant's columns from the store: whole, or with what changed since.</summary>
internal static class ColumnReader
{
    /// <summary>Rows between two looks at whether to go on.</summary>
    private const int CancelEvery = 4096;

    private const string Columns =
        """
        sessions.no, user_key, user_plain_key, host_name_key, group_id, host_ip, client_name, client_ip, client_public_ip,
        kind, protocol, app_name, failure_code, state, started_ms, ended_ms, end_source
        """;

    /// <summary>Where the snapshot's feed ends.</summary>
    public static FeedPosition EndOf(StoreConnection snapshot, TenantId tenant)
    {
        using var rows = snapshot.Open(
            "SELECT no, at_ms FROM session_changes WHERE tenant = $tenant ORDER BY no DESC LIMIT 1", ("$tenant", tenant.Value));
        return rows.Read() ? new FeedPosition(rows.GetInt64(0), rows.GetInt64(1)) : default;
    }

    /// <param name="bytesMax">What the columns may take; more ends the reading.</param>
    /// <returns>Null when they would take more.</returns>
    public static TenantColumns? TryRead(StoreConnection snapshot, TenantId tenant, long bytesMax, CancellationToken cancel)
    {
        var columns = new TenantColumns();
        using var rows = snapshot.OpenStream($"SELECT {Columns} FROM sessions NOT INDEXED WHERE tenant = $tenant", ("$tenant", tenant.Value));
        for (var read = 0; rows.Read(); read++)
        {
            if (read % CancelEvery == 0)
                cancel.ThrowIfCancellationRequested();
            columns.Set(rows.GetInt64(0), CellsOf(rows, columns));
            if (columns.Bytes > bytesMax)
                return null;
        }

        return columns;
    }

    /// <summary>Reads anew what changed.</summary>
    /// <param name="after">Up to where the columns know the feed.</param>
    /// <returns>False when the feed has lost what follows that.</returns>
    public static bool TryCatchUp(StoreConnection snapshot, TenantId tenant, TenantColumns columns, FeedPosition after)
    {
        var oldest = snapshot.Number("SELECT MIN(no) FROM session_changes WHERE tenant = $tenant", ("$tenant", tenant.Value));
        if (oldest is null || oldest > after.No + 1)
            return false;

        using var rows = snapshot.Open(
            $"""
            SELECT {Columns}, c.changed_no
            FROM (SELECT DISTINCT session_no AS changed_no FROM session_changes WHERE tenant = $tenant AND no > $after) c
            LEFT JOIN sessions ON sessions.tenant = $tenant AND sessions.no = c.changed_no
            """,
            ("$tenant", tenant.Value), ("$after", after.No));
        while (rows.Read())
        {
            if (rows.IsDBNull(0))
                columns.Remove(rows.GetInt64(17));
            else
                columns.Set(rows.GetInt64(0), CellsOf(rows, columns));
        }

        return true;
    }

    private static SessionCells CellsOf(StoreRows row, TenantColumns columns) => new(
        row.GetInt64(14),
        row.Long(15) ?? SessionBlock.Open,
        columns.Users.NumberOf(new UserFacts(row.GetString(1), row.GetString(2))),
        columns.Places.NumberOf(new PlaceFacts(row.GetString(3), row.Text(4), row.Text(5))),
        columns.Devices.NumberOf(new DeviceFacts(FactTexts.KeyOf(row.Text(6)), row.Text(7), row.Text(8))),
        columns.Natures.NumberOf(new NatureFacts((SessionKind)row.GetInt32(9), FactTexts.KeyOf(row.Text(10)), FactTexts.KeyOf(row.Text(11)), row.Text(12))),
        (byte)row.GetInt32(13),
        (byte)(row.Int(16) ?? 0));
}
