using System.Buffers.Binary;
using System.Buffers.Text;
using Rollcall.Core;

namespace Rollcall.Storage;

/// <summary>Where a page ended: two numbers that order the rows, as opaque text.</summary>
internal sealed record Cursor(long Major, long Minor)
{
    private const int SizeBytes = 2 * sizeof(long);

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Major);
        BinaryPrimitives.WriteInt64BigEndian(bytes[sizeof(long)..], Minor);
        return Base64Url.EncodeToString(bytes);
    }

    public static Cursor Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        return Base64Url.IsValid(text, out var length) && length == SizeBytes && Base64Url.TryDecodeFromChars(text, bytes, out _)
            ? new Cursor(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(long)..]))
            : throw FaultException.Malformed("cursor", "the next_cursor of the page before");
    }
}
