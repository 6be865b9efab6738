using System.Net;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Listening;

/// <summary>One address to listen on, read as the web server will read it.</summary>
internal sealed record ListenUrl(string Text, bool IsHttps, bool IsLocal)
{
    /// <exception cref="SettingException">One of them is no address to listen on.</exception>
    public static IReadOnlyList<ListenUrl> ParseAll(string urls) => [.. TextsOf(urls).Select(Parse)];

    /// <summary>The addresses of a list; one that holds none is an address that cannot be read.</summary>
    public static string[] TextsOf(string urls) => urls.Split(';', StringSplitOptions.TrimEntries);

    private static ListenUrl Parse(string text)
    {
        // Uri knows a bad port, but no wildcard; BindingAddress knows wildcards, but takes a bad port for part of the name.
        var spelt = text.Replace("*", "any", StringComparison.Ordinal).Replace("+", "any", StringComparison.Ordinal);
        if (!Uri.TryCreate(spelt, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new SettingException("Urls must be addresses such as http://127.0.0.1:8080, separated by ;");

        var address = BindingAddress.Parse(text);
        return new ListenUrl(text, uri.Scheme is "https", IsLocalTo(address));
    }

    /// <summary>Whether only this machine can reach it. Any name but localhost makes the web server listen on every address.</summary>
    private static bool IsLocalTo(BindingAddress address) =>
        address.IsUnixPipe
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
}
