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

    /// <summary>Checkpoints whose seal nobody could open.</summary>
    public long SealsUnchecked { get; private set; }

    /// <summary>
    /// What is wrong with the checkpoints themselves: each is chained to the one before and made after it, and sealed by the server. Whoever can write the store can make a digest, but not its seal.
    /// </summary>
    /// <param name="openSeal">What a seal holds; null when the server's key did not make it. Null: the key is not there.</param>
    public IEnumerable<string> Faults(Func<byte[], byte[]?>? openSeal)
    {
        Checkpoint? before = null;
        foreach (var (one, seal) in connection.Rows(
                     row => (new Checkpoint(new CheckpointedBatch(row.GetInt64(0), row.GetInt64(1), row.GetBytes(2)), row.GetInt64(3), row.GetBytes(4)), row.GetBytes(5)),
                     "SELECT batch, last_seq, hash, made_ms, digest, seal FROM ledger_checkpoints WHERE tenant = $tenant ORDER BY batch", ("$tenant", tenant)))
        {
            if (!DigestOf(one.Batch, one.MadeMs, before?.Digest ?? EventChain.Beginning).AsSpan().SequenceEqual(one.Digest))
                yield return $"the checkpoint at batch {one.Batch.No} is not the one that was made";
            if (openSeal is null)
                SealsUnchecked++;
            else if (openSeal(seal) is not { } opened || !opened.AsSpan().SequenceEqual(one.Digest))
                yield return $"the checkpoint at batch {one.Batch.No} is not sealed by the server's key";
            if (one.MadeMs < before?.MadeMs || one.Batch.LastSequence <= before?.Batch.LastSequence)
                yield return $"the checkpoint at batch {one.Batch.No} is not after the one before it";
            before = one;
        }

        if (connection.Number("SELECT kept_from_ms FROM tenant_retention WHERE tenant = $tenant", ("$tenant", tenant)) is null)
        {
            if (before is not null)
                yield return "its chain was cut, though nothing was ever to go";
            if (connection.Number("SELECT 1 FROM removed_leaves WHERE tenant = $tenant LIMIT 1", ("$tenant", tenant)) is not null)
                yield return "events were removed, though nothing was ever to go";
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
