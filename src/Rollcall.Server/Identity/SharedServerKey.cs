using System.Security.Cryptography;
using System.Text;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Identity;

/// <summary>
/// Gives every server on one store the same <c>server.key</c>: what one has sealed the others must open. The store holds it sealed under the
/// store's own password, so that who has a copy of the store alone opens nothing (ADR 0008).
/// </summary>
/// <param name="facts">Of the store.</param>
/// <param name="dataFolder">Where this server keeps its own copy.</param>
/// <param name="storePassword">Empty when the store asks for none: then the file has to be carried to each server by hand.</param>
internal sealed class SharedServerKey(IServerFacts facts, string dataFolder, string storePassword)
{
    private const string Name = "server-key";
    private const string Purpose = "server-key";

    /// <summary>Our choice: a tenth of a second at each start, and as much for each guess of a password.</summary>
    private const int Iterations = 200_000;

    private const int SaltBytes = 16;

    /// <exception cref="SettingException">The key of this ledger is not here and cannot be had; the message says what to do.</exception>
    public async Task AgreeAsync(CancellationToken cancel)
    {
        var own = SecretSealer.TryReadKey(dataFolder);
        var offered = own ?? SecretSealer.NewKey();
        var known = await facts.TryGetAsync(Name, cancel) ?? await facts.AddAsync(Name, Wrap(offered), cancel);
        var key = IsOf(known, offered) ? offered : own is null && Unwrap(known) is { } shared ? shared : throw Foreign(own);
        SecretSealer.WriteKey(dataFolder, key);

        // The store's password was changed, or there is one now.
        if (storePassword.Length > 0 && Unwrap(known) is null)
            await facts.ReplaceAsync(Name, Wrap(key), cancel);
    }

    private SettingException Foreign(byte[]? own) => new(own is null
        ? $"This ledger has a server.key that cannot be opened with the store's password: copy the file server.key from the data folder of another server to {dataFolder}"
        : $"The file server.key in {dataFolder} is not that of this ledger: start with another data folder, or copy the file from a server that uses the ledger");

    /// <summary>Which key it is (a hash tells), then salt and box; these two are left out where there is no password to seal it under.</summary>
    private byte[] Wrap(byte[] key)
    {
        if (storePassword.Length == 0)
            return HashOf(key);

        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return [.. HashOf(key), .. salt, .. SealerWith(salt).Seal(Purpose, key)];
    }

    private byte[]? Unwrap(byte[] wrapped)
    {
        var sealedPart = wrapped.AsSpan(SHA256.HashSizeInBytes);
        if (storePassword.Length == 0 || sealedPart.IsEmpty)
            return null;

        try
        {
            return SealerWith(sealedPart[..SaltBytes]).Open(Purpose, sealedPart[SaltBytes..]);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private SecretSealer SealerWith(ReadOnlySpan<byte> salt) => new(
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(storePassword), salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes));

    private static bool IsOf(byte[] wrapped, byte[] key) => CryptographicOperations.FixedTimeEquals(wrapped.AsSpan(0, SHA256.HashSizeInBytes), HashOf(key));

    private static byte[] HashOf(byte[] key) => SHA256.HashData([.. "rollcall server key"u8, .. key]);
}
