using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Listening;

/// <summary>A certificate with its key and its chain, ready for handshakes.</summary>
internal sealed class LoadedCertificate : IDisposable
{
    /// <summary>The purpose "TLS server" (RFC 5280, 4.2.1.12).</summary>
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private LoadedCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        Leaf = leaf;
        // Offline: a handshake must not wait for some authority's web server.
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    public X509Certificate2 Leaf { get; }

    public SslStreamCertificateContext Context { get; }

    /// <exception cref="SettingException">The files hold no certificate that a server could show.</exception>
    public static LoadedCertificate From(CertificateFiles files, TlsOptions options)
    {
        var all = new X509Certificate2Collection();
        X509Certificate2? leaf = null;
        try
        {
            leaf = options.Pfx.Length > 0 ? FromPfx(files, options, all) : FromPem(files, options, all);
            DemandServerPurpose(leaf, options);
            return new LoadedCertificate(leaf, all);
        }
        catch
        {
            leaf?.Dispose();
            throw;
        }
        finally
        {
            // The context has taken what it needs of the chain.
            foreach (var one in all.Where(one => !ReferenceEquals(one, leaf)))
                one.Dispose();
        }
    }

    public void Dispose() => Leaf.Dispose();

    private static X509Certificate2 FromPem(CertificateFiles files, TlsOptions options, X509Certificate2Collection all)
    {
        try
        {
            all.ImportFromPem(files.CertificateText);
        }
        catch (CryptographicException)
        {
            throw new SettingException($"Tls:Cert names {options.Cert}, which holds a certificate that cannot be read");
        }

        if (all.Count == 0)
            throw new SettingException($"Tls:Cert names {options.Cert}, which holds no PEM certificate");

        var kind = PemKey.KindOf(files.KeyText);
        if (kind is PemKeyKind.None)
            throw new SettingException($"Tls:Key names {options.Key}, which holds no PEM private key");
        if (kind is PemKeyKind.OldEncrypted)
            throw new SettingException($"Tls:Key names {options.Key}, which is encrypted in the old way: write it anew with openssl pkcs8 -topk8");
        if (kind is PemKeyKind.Encrypted && options.KeyPassword.Length == 0)
            throw new SettingException($"Tls:Key names {options.Key}, which is encrypted: set ROLLCALL_TLS_KEY_PASSWORD");

        return WithKey(files, options, kind);
    }

    private static X509Certificate2 WithKey(CertificateFiles files, TlsOptions options, PemKeyKind kind)
    {
        try
        {
            return kind is PemKeyKind.Encrypted
                ? X509Certificate2.CreateFromEncryptedPem(files.CertificateText, files.KeyText, options.KeyPassword)
                : X509Certificate2.CreateFromPem(files.CertificateText, files.KeyText);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw new SettingException(kind is PemKeyKind.Encrypted
                ? $"Tls:Key names {options.Key}, which is not the key of the certificate in {options.Cert}, or ROLLCALL_TLS_KEY_PASSWORD does not open it"
                : $"Tls:Key names {options.Key}, which is not the key of the certificate in {options.Cert}");
        }
    }

    private static X509Certificate2 FromPfx(CertificateFiles files, TlsOptions options, X509Certificate2Collection all)
    {
        try
        {
            all.AddRange(X509CertificateLoader.LoadPkcs12Collection(files.Certificate, options.PfxPassword));
        }
        catch (CryptographicException)
        {
            throw new SettingException($"Tls:Pfx names {options.Pfx}, which is no PKCS#12 file, or ROLLCALL_TLS_PFX_PASSWORD does not open it");
        }

        return all.FirstOrDefault(one => one.HasPrivateKey)
            ?? throw new SettingException($"Tls:Pfx names {options.Pfx}, which holds no certificate with a private key");
    }

    /// <summary>Clients would refuse it at every handshake; better the start says so once.</summary>
    private static void DemandServerPurpose(X509Certificate2 leaf, TlsOptions options)
    {
        var purposes = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(one => one.EnhancedKeyUsages.Cast<Oid>()).ToList();
        if (purposes.Count > 0 && purposes.TrueForAll(purpose => purpose.Value != ServerAuthentication))
            throw new SettingException($"{(options.Pfx.Length > 0 ? "Tls:Pfx" : "Tls:Cert")} names {options.CertificatePath()}, whose certificate is not made for servers");
    }
}

internal enum PemKeyKind
{
    None,
    Plain,
    Encrypted,

    /// <summary>OpenSSL's own encryption of before PKCS#8, which has no standard and no reader here.</summary>
    OldEncrypted,
}

/// <summary>Tells how a private key is written, so that a refusal can say what to do.</summary>
internal static class PemKey
{
    public static PemKeyKind KindOf(string text)
    {
        foreach (var field in Labels(text))
        {
            switch (field)
            {
                case "ENCRYPTED PRIVATE KEY":
                    return PemKeyKind.Encrypted;
                case "PRIVATE KEY" or "RSA PRIVATE KEY" or "EC PRIVATE KEY":
                    return PemKeyKind.Plain;
            }
        }

        return text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal) ? PemKeyKind.OldEncrypted : PemKeyKind.None;
    }

    private static List<string> Labels(string text)
    {
        var labels = new List<string>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var field))
        {
            labels.Add(rest[field.Label].ToString());
            rest = rest[field.Location.End..];
        }

        return labels;
    }
}
