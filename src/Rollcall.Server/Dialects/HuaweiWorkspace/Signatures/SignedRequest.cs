using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;

/// <summary>
/// A request as its signature covers it: the values as they were received, since SDKs sign what they send
/// and differ in what that is (contract 6.4 and 9.2).
/// </summary>
/// <param name="Target">The request line's path and query, not decoded.</param>
/// <param name="Header">The value of a header by its lower-case name; empty when it is not there.</param>
internal sealed record SignedRequest(string Method, string Target, Func<string, string> Header, ReadOnlyMemory<byte> Body)
{
    private const string HashHeader = "x-sdk-content-sha256";
    private const string Unsigned = "UNSIGNED-PAYLOAD";
    private const string UpperHex = "0123456789ABCDEF";

    private static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    /// <summary>Whether the secret made this signature; compared in constant time.</summary>
    public bool IsSignedWith(ReadOnlySpan<byte> secret, SignatureHeader signature)
    {
        var isRight = false;
        // Every reading is computed, so that the time taken says nothing of which one failed.
        foreach (var payload in PayloadHashes())
            isRight |= Matches(secret, signature, payload);
        return isRight;
    }

    /// <summary>The body's hash; with the header that leaves the body unsigned, that word, or the hash of nothing as one SDK has it.</summary>
    private IReadOnlyList<string> PayloadHashes()
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(Body.Span));
        return Header(HashHeader) switch
        {
            "" => [actual],
            Unsigned when Body.IsEmpty => [Unsigned, EmptyHash],
            Unsigned => [Unsigned],
            // A hash that is announced must be the body's: else a body could be changed under a signature that still holds.
            var announced when string.Equals(announced, actual, StringComparison.OrdinalIgnoreCase) => [announced],
            _ => [],
        };
    }

    private bool Matches(ReadOnlySpan<byte> secret, SignatureHeader signature, string payloadHash)
    {
        var canonical = Canonical(signature.SignedHeaders, payloadHash);
        var text = $"{SignatureHeader.Algorithm}\n{signature.Date}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text)));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.UTF8.GetBytes(signature.Signature));
    }

    internal string Canonical(IReadOnlyList<string> signedHeaders, string payloadHash)
    {
        var (path, query) = Target.Split('?', 2) is [var before, var after] ? (before, after) : (Target, string.Empty);
        var text = new StringBuilder(Target.Length + 512);
        text.Append(Method).Append('\n').Append(CanonicalPath(path)).Append('\n').Append(CanonicalQuery(query)).Append('\n');
        foreach (var name in signedHeaders)
            text.Append(name).Append(':').Append(Header(name).Trim()).Append('\n');
        return text.Append('\n').AppendJoin(';', signedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    /// <summary>Decoded, encoded anew, and always with a slash at its end.</summary>
    private static string CanonicalPath(string path)
    {
        var encoded = string.Join('/', Decoded(path, blankForPlus: false).Split('/').Select(Encoded));
        return encoded.EndsWith('/') ? encoded : encoded + "/";
    }

    /// <summary>Decoded by the rules of forms, since one SDK sends the query unescaped and signs it so; sorted, and encoded anew (contract 9.3).</summary>
    private static string CanonicalQuery(string query) => string.Join('&', query
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => (Key: Decoded(pair[0], blankForPlus: true), Value: pair.Length > 1 ? Decoded(pair[1], blankForPlus: true) : string.Empty))
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .ThenBy(pair => pair.Value, StringComparer.Ordinal)
        .Select(pair => $"{Encoded(pair.Key)}={Encoded(pair.Value)}"));

    /// <summary>The bytes behind escapes, one a character: comparing them compares bytes, and no byte is lost to a wrong guess of their meaning.</summary>
    private static string Decoded(string text, bool blankForPlus)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var plain = new StringBuilder(bytes.Length);
        for (var i = 0; i < bytes.Length; i++)
        {
            var isEscape = bytes[i] == '%' && i + 2 < bytes.Length && char.IsAsciiHexDigit((char)bytes[i + 1]) && char.IsAsciiHexDigit((char)bytes[i + 2]);
            if (isEscape)
                plain.Append((char)Convert.FromHexString([(char)bytes[++i], (char)bytes[++i]])[0]);
            else
                plain.Append(blankForPlus && bytes[i] == '+' ? ' ' : (char)bytes[i]);
        }

        return plain.ToString();
    }

    /// <summary>RFC 3986, section 2.3: everything but the unreserved characters is escaped.</summary>
    private static string Encoded(string bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
        {
            if (char.IsAsciiLetterOrDigit(value) || value is '-' or '_' or '.' or '~')
                text.Append(value);
            else
                text.Append('%').Append(UpperHex[value >> 4]).Append(UpperHex[value & 15]);
        }

        return text.ToString();
    }
}
