using System.Buffers.Binary;
using System.Text;

namespace Rollcall.Storage.Sqlite;

/// <summary>
/// Texts that rows repeat: hosts, groups, versions, addresses. One that was read lately is the same object again, which spares making and
/// collecting it. A text goes when another takes its place.
/// </summary>
internal sealed class RecentTexts
{
    /// <summary>Places, each for one text: 32 KB, and some 500 KB of texts.</summary>
    private const int PlacesMax = 4096;

    /// <summary>Longer ones seldom come again.</summary>
    private const int BytesMax = 64;

    private readonly string?[] places = new string?[PlacesMax];

    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return string.Empty;
        if (utf8.Length > BytesMax)
            return Encoding.UTF8.GetString(utf8);

        ref var place = ref places[PlaceOf(utf8)];
        if (place is null || !Ascii.Equals(utf8, place))
            place = Encoding.UTF8.GetString(utf8);
        return place;
    }

    /// <summary>By both ends and the length: names of one kind differ there. 0x9E37… is 2 to the 64th by the golden ratio (Knuth, TAOCP 3, 6.4).</summary>
    private static int PlaceOf(ReadOnlySpan<byte> utf8)
    {
        var hash = utf8.Length >= sizeof(ulong)
            ? BinaryPrimitives.ReadUInt64LittleEndian(utf8) ^ (BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]) * 31)
            : Short(utf8);
        return (int)(((hash ^ (ulong)utf8.Length) * 0x9E3779B97F4A7C15) >> 52);
    }

    private static ulong Short(ReadOnlySpan<byte> utf8)
    {
        ulong all = 0;
        foreach (var one in utf8)
            all = (all << 8) | one;
        return all;
    }
}
