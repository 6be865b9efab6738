using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Rollcall.Core;

/// <summary>
/// Addresses that begin alike: one, or a range in CIDR notation. An IPv4 address in IPv6's clothes (<c>::ffff:10.1.2.3</c>) is the IPv4 address; a range
/// of IPv6 holds no IPv4 address.
/// </summary>
public sealed class AddressRange
{
    private const int BitsV6 = 128, MappedBits = 96;

    private readonly UInt128 first, last;
    private readonly bool isV4;
    private readonly int fixedBits;

    private AddressRange(PlainAddress address, int prefix)
    {
        (first, last) = (address.Bits, address.Bits | Rest(prefix));
        (isV4, fixedBits) = (address.IsV4, prefix);
    }

    /// <summary>Null when the text is neither an address nor a range, or has bits set beyond its prefix.</summary>
    public static AddressRange? TryParse(string text)
    {
        var parts = text.Split('/', 2);
        if (PlainAddress.TryParse(parts[0]) is not { } address)
            return null;
        if (parts is not [_, var length])
            return new AddressRange(address, BitsV6);

        // Of an IPv4 address written plainly the length counts the last 32 bits; in IPv6's clothes it counts all.
        var hidden = address.IsV4 && !parts[0].Contains(':', StringComparison.Ordinal) ? MappedBits : 0;
        if (!DecimalText.TryParse(length, out var given) || given > BitsV6 - hidden || (address.IsV4 && given + hidden < MappedBits))
            return null;

        var prefix = (int)given + hidden;
        return (address.Bits & Rest(prefix)) == UInt128.Zero ? new AddressRange(address, prefix) : null;
    }

    /// <param name="text">As a source sent it; what is no address lies in no range.</param>
    public bool Contains(string? text) => Contains(PlainAddress.TryParse(text));

    /// <param name="address">Null, which lies in no range.</param>
    public bool Contains(PlainAddress? address) => address is { } one && one.Bits >= first && one.Bits <= last && one.IsV4 == isV4;

    /// <summary>In CIDR notation.</summary>
    public override string ToString()
    {
        var bytes = (Span<byte>)stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, first);
        var address = new IPAddress(bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{(isV4 ? address.MapToIPv4() : address)}/{(isV4 ? fixedBits - MappedBits : fixedBits)}");
    }

    /// <summary>The bits behind a prefix.</summary>
    private static UInt128 Rest(int prefix) => prefix == 0 ? UInt128.MaxValue : (UInt128.One << (BitsV6 - prefix)) - 1;
}
