using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Signatures;

/// <summary>
/// Signs requests as a client does. Written apart from the server's own reading: it takes the canonical path and query as the test
/// writes them, and encodes nothing.
/// </summary>
internal sealed record Signer(string AccessKey, string SecretKey, DateTimeOffset At)
{
    /// <summary>Null signs the hash of the body.</summary>
    public string? PayloadWord { get; init; }

    /// <param name="canonicalQuery">Sorted and escaped; null means that the ask has no query.</param>
    public Ask Sign(Ask ask, string? canonicalQuery = null)
    {
        var date = At.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var payload = PayloadWord ?? Hex(SHA256.HashData(ask.Body ?? []));
        var path = ask.Path.Split('?')[0];
        var headers = PayloadWord is null ? "x-sdk-date" : "x-sdk-content-sha256;x-sdk-date";
        var values = PayloadWord is null ? $"x-sdk-date:{date}\n" : $"x-sdk-content-sha256:{PayloadWord}\nx-sdk-date:{date}\n";
        var canonical = $"{ask.Method}\n{path}/\n{canonicalQuery}\n{values}\n{headers}\n{payload}";
        var text = $"SDK-HMAC-SHA256\n{date}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = Hex(HMACSHA256.HashData(Encoding.UTF8.GetBytes(SecretKey), Encoding.UTF8.GetBytes(text)));
        var signed = ask.With("X-Sdk-Date", date).With("Authorization", $"SDK-HMAC-SHA256 Access={AccessKey}, SignedHeaders={headers}, Signature={signature}");
        return PayloadWord is null ? signed : signed.With("X-Sdk-Content-Sha256", PayloadWord);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
