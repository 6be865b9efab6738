using System.Globalization;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;

/// <summary>What a signed request says of its signature, in <c>Authorization</c> and <c>X-Sdk-Date</c> (contract 6.4).</summary>
internal sealed record SignatureHeader
{
    public const string Algorithm = "SDK-HMAC-SHA256";
    public const string DateHeader = "X-Sdk-Date";

    /// <summary>Hexadecimal digits of an HMAC-SHA-256.</summary>
    private const int SignatureChars = 64;

    /// <summary>SDKs sign up to five; no request of a client needs more than this.</summary>
    private const int SignedHeadersMax = 64;

    private const int AccessKeyLengthMax = 64;
    private const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";

    public required string AccessKey { get; init; }

    /// <summary>Lower-case names, in the order in which they were signed; the date's is among them.</summary>
    public required IReadOnlyList<string> SignedHeaders { get; init; }

    /// <summary>Hexadecimal digits, as sent.</summary>
    public required string Signature { get; init; }

    /// <summary>As sent: it is signed as text.</summary>
    public required string Date { get; init; }

    public required DateTimeOffset SignedAt { get; init; }

    /// <summary>Null when either header is not in the vendor's form, or the date is not signed.</summary>
    public static SignatureHeader? TryRead(string authorization, string date)
    {
        if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            return null;

        string? access = null, headers = null, signature = null;
        foreach (var part in authorization[Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            switch (part.Split('=', 2))
            {
                case ["Access", var value] when access is null: access = value; break;
                case ["SignedHeaders", var value] when headers is null: headers = value; break;
                case ["Signature", var value] when signature is null: signature = value; break;
                default: return null;
            }
        }

        var signed = headers?.Split(';') ?? [];
        var isWhole = access is { Length: > 0 and <= AccessKeyLengthMax } && signature is { Length: SignatureChars } && signed.Length <= SignedHeadersMax
            && signed.Contains("x-sdk-date", StringComparer.Ordinal);
        return isWhole && TryReadDate(date, out var at)
            ? new SignatureHeader { AccessKey = access!, SignedHeaders = signed, Signature = signature!, Date = date, SignedAt = at }
            : null;
    }

    private static bool TryReadDate(string text, out DateTimeOffset at) => DateTimeOffset.TryParseExact(
        text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at);
}
