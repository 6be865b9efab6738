using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Rollcall.Core;

namespace Rollcall.Storage;

/// <summary>Where a page ended whose rows are ordered by a time and an id, as opaque text.</summary>
/// <param name="Ms">Milliseconds since 1970.</param>
internal sealed record TimeCursor(long Ms, string Id)
{
    private const int IdLengthMax = 64;

    public override string ToString()
    {
        var bytes = new byte[sizeof(long) + Id.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Ms);
        Encoding.ASCII.GetBytes(Id, bytes.AsSpan(sizeof(long)));
        return Base64Url.EncodeToString(bytes);
    }

    public static TimeCursor Parse(string text)
    {
        if (!Base64Url.IsValid(text, out var length) || length is <= sizeof(long) or > sizeof(long) + IdLengthMax)
            throw FaultException.Malformed("cursor", "the next_cursor of the page before");

        var bytes = Base64Url.DecodeFromChars(text);
        return new TimeCursor(BinaryPrimitives.ReadInt64BigEndian(bytes), Encoding.ASCII.GetString(bytes.AsSpan(sizeof(long))));
    }

    /// <summary>Cuts the row that only showed that there are more.</summary>
    public static Page<T> Cut<T>(List<T> rows, int take, Func<T, TimeCursor> key, long? total)
    {
        if (rows.Count <= take)
            return new Page<T>(rows, total);

        rows.RemoveAt(take);
        return new Page<T>(rows, total, key(rows[^1]).ToString());
    }
}
