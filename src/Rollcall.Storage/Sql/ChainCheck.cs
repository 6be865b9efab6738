using System.Globalization;
using System.Security.Cryptography;
using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>Computes the chain of one tenant's batches anew from its events, and says where it differs from what is stored.</summary>
/// <param name="connection">On one snapshot.</param>
/// <param name="tenant">Whose chain.</param>
internal sealed class ChainCheck(StoreConnection connection, TenantId tenant)
{
    private readonly List<byte[]> leaves = [];
    private StoredBatch? before;
    private StoredPart? next;
    private Action? onRead;
    private StoreRows? removed;
    private (long Sequence, byte[] Leaf)? nextLeaf;

    /// <summary>Events read so far.</summary>
    public long Events { get; private set; }

    /// <summary>Batches read so far.</summary>
    public long Batches { get; private set; }

    /// <summary>What is wrong, each once; a batch whose hash differs is gone on from as it is stored, so that what follows it is checked too.</summary>
    /// <param name="read">Called after each event.</param>
    public IEnumerable<string> Run(Action read)
    {
        onRead = read;
        using var events = connection.OpenStream(
            "SELECT seq, batch, clear, personal, salt, commitment FROM events WHERE tenant = $tenant ORDER BY seq", ("$tenant", tenant));
        using var batches = connection.OpenStream(
            "SELECT no, first_seq, last_seq, received_ms, previous_hash, hash FROM event_batches WHERE tenant = $tenant ORDER BY no", ("$tenant", tenant));
        using var leavesLeft = connection.OpenStream("SELECT seq, leaf FROM removed_leaves WHERE tenant = $tenant ORDER BY seq", ("$tenant", tenant));
        removed = leavesLeft;
        if (new Checkpoints(connection, tenant).Newest() is { } cut)
            before = new StoredBatch(cut.Batch.No, cut.Batch.LastSequence, cut.Batch.LastSequence, cut.MadeMs, [], cut.Batch.Hash);
        nextLeaf = NextLeaf();
        next = Next(events);
        while (batches.Read())
        {
            var batch = new StoredBatch(batches.GetInt64(0), batches.GetInt64(1), batches.GetInt64(2), batches.GetInt64(3), batches.GetBytes(4), batches.GetBytes(5));
            Batches++;
            foreach (var wrong in WrongWith(batch, events))
                yield return wrong;
            before = batch;
        }

        for (; next is { } left; next = Next(events))
            yield return $"event {left.Sequence} belongs to no batch";
        if (nextLeaf is { } stray)
            yield return $"removed event {stray.Sequence} belongs to no batch";
    }

    private IEnumerable<string> WrongWith(StoredBatch batch, StoreRows events)
    {
        if (batch.No != (before?.No ?? 0) + 1)
            yield return $"batch {batch.No} follows batch {before?.No ?? 0}: those between are missing";
        if (batch.First != (before?.Last ?? 0) + 1)
            yield return $"batch {batch.No} begins at event {batch.First}, the one before ends at {before?.Last ?? 0}";
        if (!batch.Previous.AsSpan().SequenceEqual(before?.Hash ?? EventChain.Beginning))
            yield return $"batch {batch.No} is not chained to the batch before it";

        leaves.Clear();
        for (; next is { } part && part.Sequence <= batch.Last; next = Next(events))
        {
            TakeLeaves(part.Sequence);
            if (part.Sequence < batch.First || part.Batch != batch.No)
                yield return $"event {part.Sequence} names batch {part.Batch}, which does not hold it";
            if (!part.IsCommitted())
                yield return $"event {part.Sequence}: its personal part is not the one it was stored with";
            leaves.Add(EventChain.Leaf(part.Sequence, part.Clear, part.Commitment));
        }

        TakeLeaves(batch.Last + 1);
        var expected = batch.Last - batch.First + 1;
        if (leaves.Count != expected)
            yield return $"batch {batch.No} has {leaves.Count} of its {expected} events ({batch.First} to {batch.Last})";
        else if (!EventChain.Seal(batch.Previous, tenant, batch.No, batch.ReceivedMs, leaves).AsSpan().SequenceEqual(batch.Hash))
            yield return $"batch {batch.No} (events {batch.First} to {batch.Last}, arrived {Arrival(batch.ReceivedMs)}): its hash is not that of its events";
    }

    /// <summary>Whoever changed it may have written no instant at all.</summary>
    private static string Arrival(long receivedMs) =>
        receivedMs >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && receivedMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(receivedMs).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : receivedMs.ToString(CultureInfo.InvariantCulture);

    /// <summary>Of removed events their hash alone is left, and stands in its place.</summary>
    private void TakeLeaves(long before)
    {
        for (; nextLeaf is { } leaf && leaf.Sequence < before; nextLeaf = NextLeaf())
            leaves.Add(leaf.Leaf);
    }

    private (long Sequence, byte[] Leaf)? NextLeaf() => removed!.Read() ? (removed.GetInt64(0), removed.GetBytes(1)) : null;

    private StoredPart? Next(StoreRows events)
    {
        if (!events.Read())
            return null;

        Events++;
        onRead?.Invoke();
        return new StoredPart(events.GetInt64(0), events.GetInt64(1), events.GetBytes(2), events.Bytes(3), events.Bytes(4), events.GetBytes(5));
    }

    private sealed record StoredBatch(long No, long First, long Last, long ReceivedMs, byte[] Previous, byte[] Hash);

    private sealed record StoredPart(long Sequence, long Batch, byte[] Clear, byte[]? Personal, byte[]? Salt, byte[] Commitment)
    {
        /// <summary>A personal part may be gone, with its salt: that is what the commitment is for. One that is there must be the one.</summary>
        public bool IsCommitted() => (Personal, Salt) switch
        {
            (null, null) => true,
            ({ } personal, { } salt) => HMACSHA256.HashData(salt, personal).AsSpan().SequenceEqual(Commitment),
            _ => false,
        };
    }
}
