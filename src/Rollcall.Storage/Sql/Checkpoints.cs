using System.Security.Cryptography;
using System.Text;
using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>Where a tenant's chain begins since its beginning was cut off.</summary>
internal sealed class Checkpoints(StoreConnection connection, TenantId tenant)
{
    /// <summary>Null while the chain begins with the first batch.</summary>
    public Checkpoint? Newest() => connection.FirstRow(
        row => new Checkpoint(new CheckpointedBatch(row.GetInt64(0), row.GetInt64(1), row.GetBytes(2)), row.GetInt64(3), row.GetBytes(4)),
        "SELECT batch, last_seq, hash, made_ms, digest FROM ledger_checkpoints WHERE tenant = $tenant ORDER BY batch DESC LIMIT 1",
        ("$tenant", tenant));

    /// <summary>Writes down the hash of the last batch that goes, then takes it and all before it away.</summary>
    public void Cut(CheckpointedBatch last, Func<byte[], byte[]> seal, DateTimeOffset now)
    {
        var madeMs = now.ToUnixTimeMilliseconds();
        var digest = DigestOf(last, madeMs, Newest()?.Digest ?? EventChain.Beginning);
        connection.Execute(
            "INSERT INTO ledger_checkpoints (tenant, batch, last_seq, hash, made_ms, digest, seal) VALUES ($tenant, $batch, $last, $hash, $made, $digest, $seal)",
            ("$tenant", tenant), ("$batch", last.No), ("$last", last.LastSequence), ("$hash", last.Hash), ("$made", madeMs), ("$digest", digest), ("$seal", seal(digest)));
        connection.Execute("DELETE FROM removed_leaves WHERE tenant = $tenant AND seq <= $last", ("$tenant", tenant), ("$last", last.LastSequence));
        connection.Execute("DELETE FROM event_batches WHERE tenant = $tenant AND no <= $batch", ("$tenant", tenant), ("$batch", last.No));
    }

    /// <summary>What is wrong with the checkpoints themselves: each is chained to the one before.</summary>
    public IEnumerable<string> Faults()
    {
        var before = EventChain.Beginning;
        foreach (var one in connection.Rows(
                     row => new Checkpoint(new CheckpointedBatch(row.GetInt64(0), row.GetInt64(1), row.GetBytes(2)), row.GetInt64(3), row.GetBytes(4)),
                     "SELECT batch, last_seq, hash, made_ms, digest FROM ledger_checkpoints WHERE tenant = $tenant ORDER BY batch", ("$tenant", tenant)))
        {
            if (!DigestOf(one.Batch, one.MadeMs, before).AsSpan().SequenceEqual(one.Digest))
                yield return $"the checkpoint at batch {one.Batch.No} is not the one that was made";
            before = one.Digest;
        }
    }

    private byte[] DigestOf(CheckpointedBatch last, long madeMs, byte[] before)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        hash.AppendData(Encoding.ASCII.GetBytes(tenant.Value));
        hash.AppendData(BitConverter.GetBytes(last.No));
        hash.AppendData(BitConverter.GetBytes(last.LastSequence));
        hash.AppendData(last.Hash);
        hash.AppendData(BitConverter.GetBytes(madeMs));
        return hash.GetHashAndReset();
    }
}

/// <summary>The last batch that went.</summary>
internal sealed record CheckpointedBatch(long No, long LastSequence, byte[] Hash);

/// <param name="Digest">Of all of it and of the checkpoint before.</param>
internal sealed record Checkpoint(CheckpointedBatch Batch, long MadeMs, byte[] Digest);
