using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>Who: the name folded, whole and without its domain.</summary>
internal readonly record struct UserFacts(string Key, string PlainKey)
{
    /// <summary>Places of the keys in <see cref="TenantColumns.Users"/>.</summary>
    public const int WholeKey = 0, KeyOfPlain = 1;

    public static long BytesOf(UserFacts facts) => FactTexts.BytesOf(facts.Key, facts.PlainKey);
}

/// <summary>Where.</summary>
internal readonly record struct PlaceFacts(string HostKey, string? GroupId, string? HostIp)
{
    public static long BytesOf(PlaceFacts facts) => FactTexts.BytesOf(facts.HostKey, facts.GroupId, facts.HostIp);
}

/// <summary>From where: the newest client.</summary>
/// <param name="PublicIp">As it was sent: whoever asks for one such text means it.</param>
internal readonly record struct DeviceFacts(string? NameKey, PlainAddress? Ip, string? PublicIp, PlainAddress? PublicAddress)
{
    /// <summary>Of both addresses, in the dictionary and in the list.</summary>
    private const int AddressesBytes = 128;

    /// <summary>Place of the key in <see cref="TenantColumns.Devices"/>.</summary>
    public const int Name = 0;

    public static long BytesOf(DeviceFacts facts) => AddressesBytes + FactTexts.BytesOf(facts.NameKey, facts.PublicIp);
}

/// <summary>What: of which there are few in a fleet.</summary>
internal readonly record struct NatureFacts(SessionKind Kind, string? ProtocolKey, string? AppKey, string? FailureCode)
{
    public static long BytesOf(NatureFacts facts) => FactTexts.BytesOf(facts.ProtocolKey, facts.AppKey, facts.FailureCode);
}

internal static class FactTexts
{
    /// <summary>Of an object and its length.</summary>
    private const int TextBytes = 24;

    public static string? KeyOf(string? name) => name is null ? null : NameKey.Of(name);

    public static long BytesOf(params ReadOnlySpan<string?> texts)
    {
        var bytes = 0L;
        foreach (var text in texts)
            bytes += text is null ? 0 : TextBytes + (text.Length * sizeof(char));
        return bytes;
    }
}
