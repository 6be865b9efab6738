using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Server.Identity;

/// <summary>Makes tokens and passwords, and keeps them as hashes.</summary>
internal static class Secrets
{
    private const int TokenBytes = 32;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>OWASP Password Storage Cheat Sheet (2023): 600 000 rounds for PBKDF2 with HMAC-SHA-256.</summary>
    private const int Rounds = 600_000;

    private const string Scheme = "pbkdf2-sha256";

    /// <summary>A password nobody has: checked when the name is unknown, so that the answer takes as long.</summary>
    private static readonly string NobodysHash = HashPassword(NewToken());

    /// <summary>256 random bits as base64url text.</summary>
    /// <remarks>Never begins with a dash: command lines, such as <c>openstack token revoke</c>, would take it for an option.</remarks>
    public static string NewToken()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        return token[0] == '-' ? NewToken() : token;
    }

    /// <summary>512 random bits as 128 lower-case hexadecimal digits: where such tokens are known, they are long.</summary>
    public static string NewHexToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2 * TokenBytes));

    /// <summary>Tokens have 256 random bits: a plain hash cannot be guessed back.</summary>
    public static byte[] HashToken(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public static string HashPassword(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA256, HashBytes);
        return $"{Scheme}${Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";
    }

    /// <summary>Takes as long whether or not there is an account or a password.</summary>
    public static bool VerifyPassword(string password, string? stored)
    {
        var parts = (stored ?? NobodysHash).Split('$');
        var expected = Convert.FromBase64String(parts[3]);
        var rounds = int.Parse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(parts[2]), rounds, HashAlgorithmName.SHA256, expected.Length);
        return CryptographicOperations.FixedTimeEquals(hash, expected) && stored is not null;
    }
}
