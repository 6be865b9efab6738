using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Rollcall.Core;

/// <summary>An IP address as a number, so that many can be held against a range quickly. An IPv4 address and the same in IPv6's clothes are one.</summary>
/// <param name="Bits">All 128; an IPv4 address behind the prefix <c>::ffff:0:0/96</c>.</param>
public readonly record struct PlainAddress(UInt128 Bits)
{
    private const int BitsV4 = 32;

    private static readonly UInt128 MappedPrefix = 0xFFFF;

    /// <summary>Whether it is an IPv4 address, in either form.</summary>
    public bool IsV4 => Bits >> BitsV4 == MappedPrefix;

    /// <param name="text">As a source sent it.</param>
    /// <returns>Null for what is no address, and for the abbreviations and octal numbers that the base library takes as well, which people do not mean.</returns>
    public static PlainAddress? TryParse(string? text)
    {
        if (!IPAddress.TryParse(text, out var address))
            return null;
        if (address.AddressFamily is AddressFamily.InterNetwork)
            return address.ToString() == text ? Of(address) : null;

        // Brackets and a port are no part of an address; the zone after a link-local one says which wire, not where.
        return text.Contains('[', StringComparison.Ordinal) ? null : Of(address);
    }

    private static PlainAddress Of(IPAddress address)
    {
        var bytes = (Span<byte>)stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new PlainAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }
}
