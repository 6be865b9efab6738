using System.Security.Cryptography;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Backups;

/// <summary>Binds the place where a tenant's chain was cut to the key of the server that cut it: who can write the ledger and has no key cannot cut it.</summary>
internal static class CheckpointSeal
{
    private const string Purpose = "ledger-checkpoint";

    public static byte[] Make(SecretSealer sealer, byte[] digest) => sealer.Seal(Purpose, digest);

    /// <summary>What a seal holds, null when that key did not make it; null when the folder has no key.</summary>
    /// <exception cref="CommandException">The key's file is none.</exception>
    public static Func<byte[], byte[]?>? TryOpener(string folder)
    {
        try
        {
            return SecretSealer.TryReadKey(folder) is { } key ? box => TryOpen(new SecretSealer(key), box) : null;
        }
        catch (FormatException cause)
        {
            throw new CommandException($"The file server.key in {folder} is damaged", cause);
        }
    }

    private static byte[]? TryOpen(SecretSealer sealer, byte[] box)
    {
        try
        {
            return sealer.Open(Purpose, box);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
