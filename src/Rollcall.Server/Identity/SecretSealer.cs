using System.Security.Cryptography;

namespace Rollcall.Server.Identity;

/// <summary>Authenticated encryption under the server's own key: what must be read back but not be read by others.</summary>
internal sealed class SecretSealer
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12; // the only size AES-GCM is defined for in the framework
    private const int TagBytes = 16;

    private readonly byte[] key;

    public SecretSealer(byte[] key) => this.key = key;

    /// <summary>Reads the key from <c>server.key</c> in the data folder, or makes it there, readable by the owner only.</summary>
    public static SecretSealer Open(string dataFolder)
    {
        if (TryReadKey(dataFolder) is { } known)
            return new SecretSealer(known);

        var made = NewKey();
        WriteKey(dataFolder, made);
        return new SecretSealer(made);
    }

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyBytes);

    /// <summary>Null when the folder has none.</summary>
    public static byte[]? TryReadKey(string dataFolder) =>
        File.Exists(PathIn(dataFolder)) ? Convert.FromBase64String(File.ReadAllText(PathIn(dataFolder))) : null;

    /// <summary>Writes nothing when the folder has it already.</summary>
    public static void WriteKey(string dataFolder, byte[] key)
    {
        if (TryReadKey(dataFolder) is not { } known || !known.AsSpan().SequenceEqual(key))
            PrivateFile.Write(PathIn(dataFolder), Convert.ToBase64String(key));
    }

    private static string PathIn(string dataFolder) => Path.Combine(dataFolder, "server.key");

    /// <param name="purpose">Bound to the result: what was sealed for one purpose does not open for another.</param>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> secret)
    {
        var result = new byte[NonceBytes + secret.Length + TagBytes];
        var nonce = result.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, secret, result.AsSpan(NonceBytes, secret.Length), result.AsSpan(NonceBytes + secret.Length), System.Text.Encoding.UTF8.GetBytes(purpose));
        return result;
    }

    /// <exception cref="CryptographicException">It was not sealed by this server for this purpose.</exception>
    public byte[] Open(string purpose, ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceBytes + TagBytes)
            throw new CryptographicException("too short to have been sealed here");

        var secret = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(box[..NonceBytes], box[NonceBytes..^TagBytes], box[^TagBytes..], secret, System.Text.Encoding.UTF8.GetBytes(purpose));
        return secret;
    }
}

/// <summary>Files with secrets: mode 0600 from the first byte on, and whole or not there.</summary>
internal static class PrivateFile
{
    public static void Write(string path, string text)
    {
        var part = path + ".part";
        File.Delete(part);
        using (var file = new FileStream(part, Options(FileMode.CreateNew)))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: true);
    }

    /// <summary>A new file to write; the caller disposes it.</summary>
    /// <exception cref="IOException">There is one already.</exception>
    public static FileStream Create(string path) => new(path, Options(FileMode.CreateNew));

    /// <summary>An empty file that nobody else may read; one that is there already stays as it is.</summary>
    public static void CreateIfMissing(string path)
    {
        using var file = new FileStream(path, Options(FileMode.OpenOrCreate));
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
