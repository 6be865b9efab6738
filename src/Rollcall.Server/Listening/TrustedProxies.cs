using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Listening;

/// <summary>The peers whose word about the client's address, scheme and host is taken.</summary>
internal sealed class TrustedProxies
{
    /// <summary>Bits of the prefix under which IPv6 writes IPv4 addresses, <c>::ffff:0:0/96</c>.</summary>
    private const int MappedPrefixBits = 96;

    private readonly IReadOnlyList<System.Net.IPNetwork> networks;

    private TrustedProxies(IReadOnlyList<System.Net.IPNetwork> networks) => this.networks = networks;

    /// <summary>The default: every peer speaks for itself alone.</summary>
    public static TrustedProxies None { get; } = new([]);

    public bool IsEmpty => networks.Count == 0;

    /// <param name="text">Addresses and ranges such as <c>10.0.0.0/8</c>, separated by commas; empty means nobody.</param>
    /// <exception cref="SettingException">An entry is neither.</exception>
    public static TrustedProxies Parse(string text) =>
        new([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(NetworkOf)]);

    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.Contains(plain));
    }

    /// <summary>The client is the first hop from the right that is not trusted; what stands left of it is anybody's word.</summary>
    public ForwardedHeadersOptions ToOptions()
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        // The framework trusts loopback unless told otherwise.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
            options.KnownIPNetworks.Add(network);
        return options;
    }

    private static System.Net.IPNetwork NetworkOf(string entry)
    {
        var (text, length) = entry.Split('/', 2) is [var left, var right] ? (left, right) : (entry, null);
        if (!IPAddress.TryParse(text, out var address) || !IsWrittenOut(address, text))
            throw new SettingException($"TrustedProxies has {entry}, which is neither an address nor a range such as 10.0.0.0/8");

        var bitsMax = address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128;
        var bits = bitsMax;
        if (length is not null && (!int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > bitsMax))
            throw new SettingException($"TrustedProxies has {entry}, whose length must be from 1 to {bitsMax}");

        if (address.IsIPv4MappedToIPv6 && bits >= MappedPrefixBits)
            (address, bits) = (address.MapToIPv4(), bits - MappedPrefixBits);
        return bits > 0
            ? new System.Net.IPNetwork(address, bits)
            : throw new SettingException($"TrustedProxies has {entry}, which would take everybody's word: name the proxies themselves");
    }

    /// <summary>Not the short and octal spellings, by which <c>10/8</c> would mean 0.0.0.0/8 and <c>010.0.0.1</c> 8.0.0.1.</summary>
    private static bool IsWrittenOut(IPAddress address, string text) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => address.ToString() == text,
        _ => !text.Contains('%', StringComparison.Ordinal) && !text.StartsWith('['),
    };
}
