using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Storage.Sql;

/// <summary>By what the number of a fact is found in the store: 16 bytes of SHA-256 over its texts.</summary>
internal static class FactDigest
{
    private const int Bytes = 16;

    /// <param name="texts">Null is another than empty.</param>
    public static byte[] Of(params ReadOnlySpan<string?> texts)
    {
        var length = 0;
        foreach (var text in texts)
            length += sizeof(int) + Encoding.UTF8.GetMaxByteCount(text?.Length ?? 0);
        var joined = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var end = 0;
        foreach (var text in texts)
        {
            // Each after its length, so that no two lists of texts are one.
            var written = text is null ? 0 : Encoding.UTF8.GetBytes(text, joined[(end + sizeof(int))..]);
            BinaryPrimitives.WriteInt32LittleEndian(joined[end..], text is null ? -1 : written);
            end += sizeof(int) + written;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(joined[..end], hash);
        return hash[..Bytes].ToArray();
    }
}
