using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Where a list was left off, tied to its question: in the middle of another question's rows it would mean nothing, or skip some.</summary>
/// <param name="Inner">The store's own cursor; null for the first page.</param>
/// <param name="AsOf">When the first page was asked for, to the millisecond: what is counted up to now is counted up to it on every page.</param>
internal sealed record BoundCursor(string? Inner, DateTimeOffset AsOf)
{
    private const int CheckBytes = 12;
    private const int HeadBytes = CheckBytes + sizeof(long);
    private const int LengthMax = 4096;

    /// <summary>What may differ from page to page.</summary>
    private static readonly string[] Free = ["cursor", "limit", "count"];

    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>cursor</c>: not of this question.</exception>
    public static BoundCursor Of(HttpRequest request, string? cursor, DateTimeOffset now)
    {
        if (cursor is null)
            return new BoundCursor(Inner: null, Instants.ToMilliseconds(now));
        if (cursor.Length > LengthMax || !Base64Url.IsValid(cursor, out var length) || length <= HeadBytes)
            throw Malformed();

        var bytes = Base64Url.DecodeFromChars(cursor);
        if (!Check(request, bytes.AsSpan(CheckBytes)).SequenceEqual(bytes.AsSpan(0, CheckBytes)))
            throw Malformed();

        var asOfMs = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(CheckBytes));
        if (asOfMs < 0 || asOfMs > now.ToUnixTimeMilliseconds())
            throw Malformed();

        return new BoundCursor(Encoding.UTF8.GetString(bytes.AsSpan(HeadBytes)), DateTimeOffset.FromUnixTimeMilliseconds(asOfMs));
    }

    /// <summary>The next page's; null after the last one.</summary>
    public string? Next(HttpRequest request, string? inner)
    {
        if (inner is null)
            return null;

        var bytes = new byte[HeadBytes + Encoding.UTF8.GetByteCount(inner)];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(CheckBytes), AsOf.ToUnixTimeMilliseconds());
        Encoding.UTF8.GetBytes(inner, bytes.AsSpan(HeadBytes));
        Check(request, bytes.AsSpan(CheckBytes)).CopyTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Over the path, the filter and the rest of the cursor. Against mistakes, not against malice: a cursor opens nothing.</summary>
    private static Span<byte> Check(HttpRequest request, ReadOnlySpan<byte> rest)
    {
        var question = new StringBuilder(request.Path.Value);
        foreach (var (name, values) in request.Query.Where(pair => !Free.Contains(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (var value in values.Order(StringComparer.Ordinal))
                question.Append('\n').Append(name).Append('=').Append(value);
        }

        return SHA256.HashData([.. Encoding.UTF8.GetBytes(question.ToString()), 0, .. rest]).AsSpan(0, CheckBytes);
    }

    private static FaultException Malformed() => FaultException.Malformed("cursor", "the next_cursor of the page before, with the same filter and order");
}
