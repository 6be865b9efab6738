using System.Net;
using System.Net.Sockets;

namespace Rollcall.Core;

/// <summary>
/// Addresses that begin alike: one, or a range in CIDR notation. An IPv4 address in IPv6's clothes (<c>::ffff:10.1.2.3</c>) is the IPv4 address; a range
/// of IPv6 holds no IPv4 address.
/// </summary>
public sealed class AddressRange
{
    private const int BitsV4 = 32, BitsV6 = 128, MappedBits = BitsV6 - BitsV4;

    private readonly IPNetwork network;

    private AddressRange(IPNetwork network) => this.network = network;

    /// <summary>Null when the text is neither an address nor a range, or has bits set beyond its prefix.</summary>
    public static AddressRange? TryParse(string text)
    {
        var parts = text.Split('/', 2);
        if (AddressOf(parts[0]) is not { } address)
            return null;

        var isMapped = address.IsIPv4MappedToIPv6;
        var plain = isMapped ? address.MapToIPv4() : address;
        var bits = plain.AddressFamily is AddressFamily.InterNetwork ? BitsV4 : BitsV6;
        if (parts is not [_, var length])
            return new AddressRange(new IPNetwork(plain, bits));
        if (!DecimalText.TryParse(length, out var prefix) || prefix > (isMapped ? BitsV6 : bits) || (isMapped && prefix < MappedBits))
            return null;

        var fixedBits = (int)prefix - (isMapped ? MappedBits : 0);
        return IsBare(plain, fixedBits) ? new AddressRange(new IPNetwork(plain, fixedBits)) : null;
    }

    /// <param name="text">As a source sent it; what is no address lies in no range.</param>
    public bool Contains(string? text) =>
        text is not null && AddressOf(text) is { } address && network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    public override string ToString() => network.ToString();

    /// <summary>Null for the abbreviations and octal numbers that the base library takes as well, which people do not mean.</summary>
    private static IPAddress? AddressOf(string text)
    {
        if (!IPAddress.TryParse(text, out var address))
            return null;
        if (address.AddressFamily is AddressFamily.InterNetwork)
            return address.ToString() == text ? address : null;

        // Brackets and a port are no part of an address; the zone after a link-local one says which wire, not where.
        return text.Contains('[', StringComparison.Ordinal) ? null : new IPAddress(address.GetAddressBytes());
    }

    private static bool IsBare(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        return Enumerable.Range(prefix, (bytes.Length * 8) - prefix).All(bit => (bytes[bit / 8] & (0x80 >> (bit % 8))) == 0);
    }
}
