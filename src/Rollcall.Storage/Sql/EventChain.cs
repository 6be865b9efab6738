using System.Security.Cryptography;
using System.Text;
using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>How the batches of a tenant's events are chained: in one place, for whoever appends and whoever checks.</summary>
internal static class EventChain
{
    /// <summary>What stands for the hash of the batch before the first.</summary>
    public static byte[] Beginning => new byte[SHA256.HashSizeInBytes];

    /// <summary>Of one event: hash of (number, hash of the clear part, commitment to the personal part).</summary>
    public static byte[] Leaf(long sequence, ReadOnlySpan<byte> clear, ReadOnlySpan<byte> commitment)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(sequence));
        hash.AppendData(SHA256.HashData(clear));
        hash.AppendData(commitment);
        return hash.GetHashAndReset();
    }

    /// <summary>Chains a batch to the one before: hash of (previous hash, tenant, number, arrival, leaves).</summary>
    public static byte[] Seal(byte[] previous, TenantId tenant, long no, long receivedMs, IEnumerable<byte[]> leaves)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData(Encoding.ASCII.GetBytes(tenant.Value));
        hash.AppendData(BitConverter.GetBytes(no));
        hash.AppendData(BitConverter.GetBytes(receivedMs));
        foreach (var leaf in leaves)
            hash.AppendData(leaf);
        return hash.GetHashAndReset();
    }
}
