using System.Security.Cryptography;
using System.Text;
using Rollcall.Core.Identity;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>GUIDs for things that have numbers and names at Rollcall: made from their keys, they stay the same for ever. RFC 9562, version 8.</summary>
internal static class StableGuid
{
    public static string Of(Operator known) => Of($"operator:{known.Tenant}:{known.Id}");

    /// <summary>Upper case, as this dialect has them.</summary>
    public static string Of(string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true).ToString("D").ToUpperInvariant();
    }
}
