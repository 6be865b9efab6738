using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>Writes down which sessions a transaction changes, for readers that follow them, and takes the oldest of it away.</summary>
/// <param name="at">Arrival of the change.</param>
/// <param name="memory">The newest number is kept there.</param>
internal sealed class SessionChangeLog(StoreConnection connection, TenantId tenant, DateTimeOffset at, TenantMemory memory)
{
    /// <summary>Changes of a tenant that are kept. Our choice: some 20 MB, and a reader may be away for a quarter of a million changes.</summary>
    public const int KeptDefault = 250_000;

    /// <summary>Changes between two prunings: one statement that takes many rows costs less than many that take one.</summary>
    private const int PruneEvery = 256;

    /// <summary>Rows that one transaction takes away beyond those it adds, should the bound ever have been higher.</summary>
    private const int PruneMax = 1024;

    private long added;

    /// <param name="no">Of the session's row, written in this transaction.</param>
    public void Written(long no) => Add(no, goneId: null);

    /// <param name="no">The session's former number.</param>
    /// <param name="id">Its id, which now finds the session that it was joined with.</param>
    public void Joined(long no, string id) => Add(no, id);

    /// <param name="no">Of the session's row, which is no more.</param>
    /// <param name="id">Its id, which finds nothing from now on.</param>
    public void Removed(long no, string id) => Add(no, id);

    /// <summary>Takes away what is too old, now and then.</summary>
    public void Prune()
    {
        if (added == 0)
            return;

        var last = memory.LastChangeNo!.Value;
        if (last / PruneEvery == (last - added) / PruneEvery)
            return;

        // By range, not by a list of rows: both engines find its ends in the key and read nothing else.
        connection.Queue(
            """
            DELETE FROM session_changes WHERE tenant = $tenant AND no <= $floor
              AND no < $take + (SELECT MIN(oldest.no) FROM session_changes oldest WHERE oldest.tenant = $tenant)
            """,
            ("$tenant", tenant), ("$floor", last - connection.SessionChangesKept), ("$take", added + PruneMax));
    }

    private void Add(long no, string? goneId)
    {
        memory.LastChangeNo ??= connection.Number("SELECT MAX(no) FROM session_changes WHERE tenant = $tenant", ("$tenant", tenant)) ?? 0;
        memory.LastChangeNo++;
        added++;
        connection.Add(
            "INSERT INTO session_changes (tenant, no, session_no, gone_id, at_ms) VALUES ($tenant, $no, $session, $gone, $at)",
            ("$tenant", tenant), ("$no", memory.LastChangeNo), ("$session", no), ("$gone", goneId), ("$at", at.ToUnixTimeMilliseconds()));
        connection.FeedGrew(tenant);
    }
}
