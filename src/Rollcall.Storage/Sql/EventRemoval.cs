using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>Takes events out of the ledger: what stays of each is its identity, for ever, and its hash, until the chain is cut behind it.</summary>
internal sealed class EventRemoval(StoreConnection connection, TenantId tenant)
{
    /// <summary>Rows that one statement inserts: a way to PostgreSQL for each event would be most of a step.</summary>
    private const int LeavesPerStatement = 50;

    /// <returns>How many there were.</returns>
    public int Remove(IReadOnlyList<long> sequences)
    {
        if (sequences.Count == 0)
            return 0;

        connection.Execute(
            """
            INSERT INTO event_identities (tenant, source_no, id_hash, at_us, host_no)
            SELECT $tenant, source_no, id_hash, at_us, host_no FROM events WHERE tenant = $tenant AND seq IN (SELECT value FROM json_each($numbers))
            ON CONFLICT (tenant, source_no, id_hash) DO NOTHING
            """,
            ("$tenant", tenant), ("$numbers", sequences));
        foreach (var some in Leaves(sequences).Chunk(LeavesPerStatement))
            Insert(some);
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

    private List<(long Sequence, byte[] Leaf)> Leaves(IReadOnlyList<long> sequences) => connection.Rows(
        row => (row.GetInt64(0), EventChain.Leaf(row.GetInt64(0), row.GetBytes(1), row.GetBytes(2))),
        "SELECT seq, clear, commitment FROM events WHERE tenant = $tenant AND seq IN (SELECT value FROM json_each($numbers))",
        ("$tenant", tenant), ("$numbers", sequences));

    private void Insert((long Sequence, byte[] Leaf)[] some)
    {
        var values = string.Join(", ", some.Select((_, index) => $"($tenant, $seq{index}, $leaf{index})"));
        (string, object?)[] parameters =
        [
            ("$tenant", tenant), .. some.SelectMany((one, index) => new (string, object?)[] { ($"$seq{index}", one.Sequence), ($"$leaf{index}", one.Leaf) }),
        ];
        connection.Execute($"INSERT INTO removed_leaves (tenant, seq, leaf) VALUES {values}", parameters);
    }
}
