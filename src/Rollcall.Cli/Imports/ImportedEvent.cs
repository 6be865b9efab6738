using System.Net;
using System.Text.Json;
using Rollcall.Cli.Events;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Imports;

/// <summary>An event and the line it was read from.</summary>
internal sealed record ImportedEvent(LedgerEvent Event, Spot Spot);

/// <summary>An event ready for the wire: UTF-8, one JSON object without line breaks.</summary>
internal sealed record OutgoingEvent(string Id, string Type, byte[] Json, Spot Spot)
{
    public static OutgoingEvent From(ImportedEvent imported) => new(
        imported.Event.Id,
        imported.Event.Type,
        JsonSerializer.SerializeToUtf8Bytes(imported.Event, NativeJson.Default.LedgerEvent),
        imported.Spot);
}

/// <summary>Reads one kind of log. Lines that make no event are counted in the tally; nothing a file holds makes it throw.</summary>
internal interface ILogImporter
{
    /// <summary>Lazy; may be walked once. Neither the order of files nor a file given twice changes what comes out as a set of ids.</summary>
    IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally);
}

/// <summary>An import that cannot be done as asked; the message says what to do instead.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Addresses as logs write them.</summary>
internal static class ClientAddress
{
    /// <summary>The client at an address, or null when the text is none. IPv4 seen through an IPv6 socket comes out as IPv4.</summary>
    public static EventClient? From(string? text, string? name = null)
    {
        var ip = IpOf(text);
        return ip is null && name is null ? null : new EventClient { Ip = ip, Name = name };
    }

    public static string? IpOf(string? text)
    {
        if (text is null || !text.AsSpan().ContainsAny(".:") || !IPAddress.TryParse(text, out var address))
            return null;

        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }
}
