using System.Security.Cryptography;
using System.Text;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Listening;

/// <summary>The bytes of the certificate's files at one look: one file of PFX, or two of PEM.</summary>
internal sealed record CertificateFiles(byte[] Certificate, byte[] Key)
{
    /// <summary>Certificates and keys take a few KiB; this keeps a wrong path from filling the memory.</summary>
    private const int BytesMax = 1024 * 1024;

    /// <summary>Equal for equal contents, whatever the files' times say: a swapped link keeps those of its target.</summary>
    public string Digest { get; } = $"{Convert.ToHexString(SHA256.HashData(Certificate))}-{Convert.ToHexString(SHA256.HashData(Key))}";

    public string CertificateText => Encoding.UTF8.GetString(Certificate);

    public string KeyText => Encoding.UTF8.GetString(Key);

    /// <exception cref="SettingException">A file cannot be read.</exception>
    public static async Task<CertificateFiles> ReadAsync(TlsOptions options, CancellationToken cancel) => options.Pfx.Length > 0
        ? new CertificateFiles(await ReadAsync("Tls:Pfx", options.Pfx, cancel), [])
        : new CertificateFiles(await ReadAsync("Tls:Cert", options.Cert, cancel), await ReadAsync("Tls:Key", options.Key, cancel));

    private static async Task<byte[]> ReadAsync(string setting, string path, CancellationToken cancel)
    {
        if (Directory.Exists(path))
            throw new SettingException($"{setting} names {path}, which is a folder");

        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[BytesMax + 1];
            var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
            return length <= BytesMax
                ? buffer[..length]
                : throw new SettingException($"{setting} names {path}, which is larger than any certificate");
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SettingException($"{setting} names {path}, which does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingException($"{setting} names {path}, which this process may not read");
        }
        catch (IOException cause)
        {
            throw new SettingException($"{setting} names {path}, which cannot be read: {cause.Message}");
        }
    }
}
