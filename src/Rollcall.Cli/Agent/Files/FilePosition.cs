using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Rollcall.Cli.Agent.Files;

/// <summary>How far a file was read, and by what it is known again after it was renamed, copied or packed.</summary>
internal sealed record FilePosition
{
    /// <summary>Bytes at the beginning of a file by which a copy of it is known: more than a log's first line.</summary>
    public const int HeadBytesMax = 256;

    [JsonPropertyName("device")] public ulong Device { get; init; }
    [JsonPropertyName("inode")] public ulong Inode { get; init; }

    /// <summary>Bytes taken, up to the end of a whole piece.</summary>
    [JsonPropertyName("offset")] public long Offset { get; init; }

    /// <summary>Bytes that <see cref="Head"/> covers; 0 while the file was empty.</summary>
    [JsonPropertyName("head_length")] public int HeadLength { get; init; }

    /// <summary>SHA-256 of the first bytes.</summary>
    [JsonPropertyName("head")] public string Head { get; init; } = "";

    /// <summary>Since when it is known to be empty, or begun and nothing taken: what came and went since then has no head to be known by. Null once there is a head.</summary>
    [JsonPropertyName("empty_since")] public DateTimeOffset? EmptySince { get; init; }

    /// <summary>Inside a piece that is longer than is taken.</summary>
    [JsonPropertyName("skipping")] public bool IsSkipping { get; init; }

    public static string HashOf(ReadOnlySpan<byte> head) => Convert.ToHexStringLower(SHA256.HashData(head));

    public bool IsOf(FileIdentity identity) => identity.Device == Device && identity.Inode == Inode;

    /// <summary>Whether these bytes, the first of a file, are the ones that were read. An empty beginning says nothing.</summary>
    public bool BeginsAs(ReadOnlySpan<byte> first) => HeadLength > 0 && first.Length >= HeadLength && HashOf(first[..HeadLength]) == Head;
}
