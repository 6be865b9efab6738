using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>Takes events out of the ledger: what stays of each is its identity, for ever, and its hash, until the chain is cut behind it.</summary>
internal sealed class EventRemoval(StoreConnection connection, TenantId tenant)
{
    /// <returns>How many there were.</returns>
    public int Remove(IReadOnlyList<long> sequences)
    {
        if (sequences.Count == 0)
            return 0;

        foreach (var gone in Read(sequences))
        {
            connection.Execute(
                """
                INSERT INTO event_identities (tenant, source_no, id_hash, at_us, host_no) VALUES ($tenant, $source, $id, $at, $host)
                ON CONFLICT (tenant, source_no, id_hash) DO NOTHING
                """,
                ("$tenant", tenant), ("$source", gone.SourceNo), ("$id", gone.IdHash), ("$at", gone.AtUs), ("$host", gone.HostNo));
            connection.Execute(
                "INSERT INTO removed_leaves (tenant, seq, leaf) VALUES ($tenant, $seq, $leaf)",
                ("$tenant", tenant), ("$seq", gone.Sequence), ("$leaf", gone.Leaf));
        }

        connection.MemoryOf(tenant).HasIdentities = true;
        return connection.Execute(
            "DELETE FROM events WHERE tenant = $tenant AND seq IN (SELECT value FROM json_each($numbers))", ("$tenant", tenant), ("$numbers", sequences));
    }

    /// <summary>An event of this identity that was removed; null when there was none.</summary>
    public static KnownEvent? TryKnown(StoreConnection connection, TenantId tenant, TenantMemory memory, long sourceNo, byte[] idHash)
    {
        memory.HasIdentities ??= connection.Number("SELECT 1 FROM event_identities WHERE tenant = $tenant LIMIT 1", ("$tenant", tenant)) is not null;
        return memory.HasIdentities.Value
            ? connection.FirstRow(
                row => new KnownEvent(row.GetInt64(0), row.GetInt64(1)),
                "SELECT at_us, host_no FROM event_identities WHERE tenant = $tenant AND source_no = $source AND id_hash = $id",
                ("$tenant", tenant), ("$source", sourceNo), ("$id", idHash))
            : null;
    }

    private List<Gone> Read(IReadOnlyList<long> sequences) => connection.Rows(
        row => new Gone(
            row.GetInt64(0), row.GetInt64(1), row.GetBytes(2), row.GetInt64(3), row.GetInt64(4), EventChain.Leaf(row.GetInt64(0), row.GetBytes(5), row.GetBytes(6))),
        """
        SELECT seq, source_no, id_hash, at_us, host_no, clear, commitment FROM events
        WHERE tenant = $tenant AND seq IN (SELECT value FROM json_each($numbers))
        """,
        ("$tenant", tenant), ("$numbers", sequences));

    private sealed record Gone(long Sequence, long SourceNo, byte[] IdHash, long AtUs, long HostNo, byte[] Leaf);
}
