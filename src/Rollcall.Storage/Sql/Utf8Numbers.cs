using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Rollcall.Storage.Sql;

/// <summary>A number for each different text of a scan; a text becomes an object only when it is first seen.</summary>
/// <param name="numberOf">Called once a different text; several texts may get one number.</param>
internal sealed class Utf8Numbers(Func<string, int> numberOf)
{
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> known =
        new Dictionary<byte[], int>(Bytes.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Of(ReadOnlySpan<byte> text)
    {
        if (known.TryGetValue(text, out var number))
            return number;

        number = numberOf(Encoding.UTF8.GetString(text));
        known[text] = number;
        return number;
    }

    private sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static Bytes Instance { get; } = new();

        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] bytes) => GetHashCode(bytes.AsSpan());

        public bool Equals(ReadOnlySpan<byte> one, byte[] other) => one.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> bytes)
        {
            var hash = default(HashCode);
            hash.AddBytes(bytes);
            return hash.ToHashCode();
        }

        public byte[] Create([DisallowNull] ReadOnlySpan<byte> bytes) => bytes.ToArray();
    }
}
