using System.Security.Cryptography;
using System.Text;
using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>Which events and beats of a batch the ledger has already. Where a statement is a long way all of the batch are asked for at once.</summary>
internal sealed class KnownIdentities(StoreConnection connection, TenantId tenant, TenantMemory memory, BeatLog beats)
{
    private const int HashBytes = 16;

    private readonly Dictionary<(long SourceNo, UInt128 Hash), KnownEvent> events = [], ofBeats = [];
    private bool isLookedUp;

    /// <summary>Of an event's id, as it is stored.</summary>
    public static byte[] HashOf(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, HashBytes).ToArray();

    /// <summary>Asks for all of these; nothing else may be asked for afterwards.</summary>
    public void Look(IReadOnlyList<(long SourceNo, byte[] Hash)> wanted)
    {
        isLookedUp = true;
        long[] sources = [.. wanted.Select(one => one.SourceNo)];
        byte[][] hashes = [.. wanted.Select(one => one.Hash)];
        using var rows = connection.Open(
            """
            SELECT 1, w.source_no, w.id_hash, e.at_us, e.host_no FROM unnest($sources, $hashes) w (source_no, id_hash)
            JOIN events e ON e.tenant = $tenant AND e.source_no = w.source_no AND e.id_hash = w.id_hash
            UNION ALL
            SELECT 1, w.source_no, w.id_hash, e.at_us, e.host_no FROM unnest($sources, $hashes) w (source_no, id_hash)
            JOIN event_identities e ON e.tenant = $tenant AND e.source_no = w.source_no AND e.id_hash = w.id_hash
            UNION ALL
            SELECT 2, w.source_no, w.id_hash, e.at_us, e.host_no FROM unnest($sources, $hashes) w (source_no, id_hash)
            JOIN host_beats e ON e.tenant = $tenant AND e.source_no = w.source_no AND e.id_hash = w.id_hash
            """,
            ("$tenant", tenant), ("$sources", sources), ("$hashes", hashes));
        while (rows.Read())
            (rows.GetInt32(0) == 1 ? events : ofBeats)[(rows.GetInt64(1), KeyOf(rows.GetBytes(2)))] = new KnownEvent(rows.GetInt64(3), rows.GetInt64(4));
    }

    /// <summary>An event of this identity, though it was removed since; null when there is none.</summary>
    public KnownEvent? TryEvent(long sourceNo, byte[] hash) => isLookedUp
        ? events.GetValueOrDefault((sourceNo, KeyOf(hash)))
        : connection.FirstRow(
            row => new KnownEvent(row.GetInt64(0), row.GetInt64(1)),
            """
            SELECT at_us, host_no FROM events INDEXED BY events_identity
            WHERE tenant = $tenant AND source_no = $source AND id_hash = $id
            """,
            ("$tenant", tenant), ("$source", sourceNo), ("$id", hash)) ?? EventRemoval.TryKnown(connection, tenant, memory, sourceNo, hash);

    /// <summary>A beat of this identity; null when there is none, or it was thinned out.</summary>
    public KnownEvent? TryBeat(long sourceNo, byte[] hash)
    {
        if (isLookedUp)
            return ofBeats.GetValueOrDefault((sourceNo, KeyOf(hash)));

        return MayHaveBeats(sourceNo) ? beats.TryKnown(sourceNo, hash) : null;
    }

    /// <summary>The batch added it.</summary>
    public void Add(long sourceNo, byte[] hash, KnownEvent added)
    {
        if (isLookedUp)
            events[(sourceNo, KeyOf(hash))] = added;
    }

    /// <summary>The batch added it.</summary>
    public void AddBeat(long sourceNo, byte[] hash, KnownEvent added)
    {
        memory.BeatSources.Keep(sourceNo, true);
        if (isLookedUp)
            ofBeats[(sourceNo, KeyOf(hash))] = added;
    }

    private static UInt128 KeyOf(byte[] hash) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);

    /// <summary>Most sources of logs never send a beat: theirs need not be looked for at each event.</summary>
    private bool MayHaveBeats(long sourceNo)
    {
        if (memory.BeatSources.TryGet(sourceNo, out var known))
            return known;

        var has = beats.HasAny(sourceNo);
        memory.BeatSources.Keep(sourceNo, has);
        return has;
    }
}
