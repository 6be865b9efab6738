using System.Globalization;
using System.Text;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>A Login, checked (contract 3.1). <c>mode</c>, <c>clientType</c> and whatever else clients send change nothing.</summary>
internal sealed record LoginRequest
{
    public static readonly BodyShape Body =
        new("DM2ContentIndexing_CheckCredentialReq", ["username", "password", "domain", "timeout", "deviceId"]) { NumberMember = "timeout" };

    private const int NameLengthMax = 256; // our choice: twice an operator's name, for a domain before it
    private const int HostLengthMax = 255; // the longest DNS name
    private const int IdleMinutesMax = 20160; // 14 days, the longest the vendor's own clients ask for

    /// <summary>A password that nobody can have, since none is shorter than 8 characters: it stands for one that cannot be read.</summary>
    private const string Nobodys = "\0";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The operator's name: plain when it came with this server's own domain, else <c>DOMAIN\name</c> whole.</summary>
    public required string Name { get; init; }

    /// <summary>In clear.</summary>
    public required string Password { get; init; }

    /// <summary>Null when the caller leaves it to the server.</summary>
    public required TimeSpan? IdleLimit { get; init; }

    /// <summary>The machine by its own account, without control characters; null when it does not say.</summary>
    public required string? Host { get; init; }

    /// <summary>The machine's own word for itself, exactly as sent: the token is renewed for it and for no other. Null when it does not say.</summary>
    public required string? DeviceId { get; init; }

    /// <param name="ownDomain">The name of the one domain that this server is.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/>.</exception>
    public static LoginRequest From(MemberBody body, string ownDomain)
    {
        var name = NameOf(body["username"], body["domain"], ownDomain);
        var password = body["password"] ?? throw FaultException.Malformed("password", "present: it is mandatory");
        return new LoginRequest
        {
            Name = name,
            Password = PasswordOf(password),
            IdleLimit = IdleLimitOf(body["timeout"]),
            Host = HostOf(body["deviceId"]),
            DeviceId = body["deviceId"] is { Length: > 0 } device ? device : null,
        };
    }

    /// <summary>
    /// A domain beside the name and one before it mean the same, and one before it wins. This server is one domain: its own is dropped, and
    /// another's stays part of the name, so that it names nobody unless an operator is called so.
    /// </summary>
    private static string NameOf(string? userName, string? domain, string ownDomain)
    {
        if (string.IsNullOrEmpty(userName))
            throw FaultException.Malformed("username", "present: it is mandatory");

        var isQualified = string.IsNullOrEmpty(domain) || userName.Contains('\\', StringComparison.Ordinal);
        var name = isQualified ? userName : $@"{domain}\{userName}";
        var own = ownDomain + '\\';
        if (name.StartsWith(own, StringComparison.OrdinalIgnoreCase))
            name = name[own.Length..];
        return name.Length is >= 1 and <= NameLengthMax ? name : throw FaultException.Malformed("username", $"1 to {NameLengthMax} characters long");
    }

    /// <summary>What is no Base64 of UTF-8 is a wrong password like any other.</summary>
    private static string PasswordOf(string base64)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var count))
            return Nobodys;

        try
        {
            return Strict.GetString(bytes, 0, count);
        }
        catch (DecoderFallbackException)
        {
            return Nobodys;
        }
    }

    private static TimeSpan? IdleLimitOf(string? minutes)
    {
        if (string.IsNullOrEmpty(minutes))
            return null;

        return DecimalText.TryParse(minutes, out var number) && number is >= 1 and <= IdleMinutesMax
            ? TimeSpan.FromMinutes(number)
            : throw FaultException.Malformed("timeout", $"a whole number of minutes from 1 to {IdleMinutesMax}");
    }

    private static string? HostOf(string? deviceId)
    {
        var printable = string.Concat((deviceId ?? string.Empty).EnumerateRunes().Where(rune => !Rune.IsControl(rune))).Trim();
        var length = Math.Min(printable.Length, HostLengthMax);
        if (length < printable.Length && char.IsLowSurrogate(printable[length]))
            length--; // half a character would be none
        return length == 0 ? null : printable[..length];
    }
}
