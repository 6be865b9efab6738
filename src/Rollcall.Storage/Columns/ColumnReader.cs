using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>Fills a tenant's columns from the store: whole, or with what changed since.</summary>
internal static class ColumnReader
{
    /// <summary>Rows between two looks at whether to go on, and at how much they take: a megabyte at most.</summary>
    private const int LookEvery = 4096;

    private const string Columns =
        "r.no, r.user_no, r.place_no, r.device_no, r.nature_no, r.kind, r.state, r.started_ms, r.ended_ms, r.end_source";

    private const int ColumnCount = 10;

    /// <summary>Where the snapshot's feed ends.</summary>
    public static FeedPosition EndOf(StoreConnection snapshot, TenantId tenant)
    {
        using var rows = snapshot.Open(
            "SELECT no, at_ms FROM session_changes WHERE tenant = $tenant ORDER BY no DESC LIMIT 1", ("$tenant", tenant));
        return rows.Read() ? new FeedPosition(rows.GetInt64(0), rows.GetInt64(1)) : default;
    }

    /// <param name="bytesMax">What the columns may take; more ends the reading.</param>
    /// <returns>Null when they would take more.</returns>
    public static TenantColumns? TryRead(StoreConnection snapshot, TenantId tenant, long bytesMax, CancellationToken cancel)
    {
        var columns = new TenantColumns();
        using var rows = snapshot.OpenStream($"SELECT {Columns} FROM session_rows r NOT INDEXED WHERE r.tenant = $tenant", ("$tenant", tenant));
        for (var read = 0; rows.Read(); read++)
        {
            if (read % LookEvery == 0)
            {
                cancel.ThrowIfCancellationRequested();
                if (columns.Bytes > bytesMax)
                    return null;
            }

            columns.Set(rows.GetInt64(0), columns.Stored.CellsOf(snapshot, tenant, columns, rows));
        }

        return columns.Bytes > bytesMax ? null : columns;
    }

    /// <summary>Reads anew what changed.</summary>
    /// <param name="after">Up to where the columns know the feed.</param>
    /// <returns>False when the feed has lost what follows that.</returns>
    public static bool TryCatchUp(StoreConnection snapshot, TenantId tenant, TenantColumns columns, FeedPosition after)
    {
        var oldest = snapshot.Number("SELECT MIN(no) FROM session_changes WHERE tenant = $tenant", ("$tenant", tenant));
        if (oldest is null || oldest > after.No + 1)
            return false;

        using var rows = snapshot.OpenStream(
            $"""
            SELECT {Columns}, c.changed_no
            FROM (SELECT DISTINCT session_no AS changed_no FROM session_changes WHERE tenant = $tenant AND no > $after) c
            LEFT JOIN session_rows r ON r.tenant = $tenant AND r.no = c.changed_no
            """,
            ("$tenant", tenant), ("$after", after.No));
        while (rows.Read())
        {
            if (rows.IsDBNull(0))
                columns.Remove(rows.GetInt64(ColumnCount));
            else
                columns.Set(rows.GetInt64(0), columns.Stored.CellsOf(snapshot, tenant, columns, rows));
        }

        return true;
    }
}
