using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rollcall.Tests.Support;

/// <summary>An authority made for one test: a root, one authority between, and the certificates they sign for 127.0.0.1 and localhost.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly X509Certificate2 root;
    private readonly X509Certificate2 between;

    public TestAuthority()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        root = AuthorityRequest("CN=Test Root", rootKey).CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = AuthorityRequest("CN=Test Between", key).Create(root, Now.AddDays(-29), Now.AddDays(29), [1, 2, 3]);
        between = signed.CopyWithPrivateKey(key);
    }

    /// <summary>What a client is given to trust.</summary>
    public string RootPem => root.ExportCertificatePem();

    public string BetweenPem => between.ExportCertificatePem();

    /// <summary>A certificate with its key, signed by the authority between.</summary>
    public X509Certificate2 Issue(AsymmetricAlgorithm key, IssueTerms? terms = null)
    {
        var wanted = terms ?? new IssueTerms();
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in wanted.Names)
        {
            if (IPAddress.TryParse(name, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(name);
        }

        var request = RequestFor("CN=Test Server", key);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(wanted.Purpose)], false));
        using var signed = request.Create(
            between.SubjectName, X509SignatureGenerator.CreateForECDsa(between.GetECDsaPrivateKey()!), Now.AddDays(-2), Now.AddDays(wanted.ValidDays), RandomNumberGenerator.GetBytes(8));
        return key is RSA rsa ? signed.CopyWithPrivateKey(rsa) : signed.CopyWithPrivateKey((ECDsa)key);
    }

    /// <summary>Writes a new certificate with its chain to <c>cert.pem</c> and its key to <c>key.pem</c>, each by a rename, and returns the certificate's serial number.</summary>
    public string Write(TemporaryFolder folder, IssueTerms? terms = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue(key, terms);
        Replace(folder.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        Replace(folder.File("cert.pem"), ChainOf(certificate));
        return certificate.SerialNumber;
    }

    public string ChainOf(X509Certificate2 certificate) => $"{certificate.ExportCertificatePem()}\n{BetweenPem}\n";

    /// <summary>A client that trusts this root and nobody else; null means what the machine trusts.</summary>
    public static SslClientAuthenticationOptions Trusting(string? rootPem)
    {
        var options = new SslClientAuthenticationOptions();
        if (rootPem is null)
            return options;

        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPem(rootPem);
        return options;
    }

    public static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    public void Dispose()
    {
        root.Dispose();
        between.Dispose();
    }

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        var request = RequestFor(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request;
    }

    private static CertificateRequest RequestFor(string name, AsymmetricAlgorithm key) => key is RSA rsa
        ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
}

/// <summary>What a certificate is made for.</summary>
internal sealed record IssueTerms
{
    public const string ServerPurpose = "1.3.6.1.5.5.7.3.1", ClientPurpose = "1.3.6.1.5.5.7.3.2";

    public IReadOnlyList<string> Names { get; init; } = ["localhost", "127.0.0.1"];

    public string Purpose { get; init; } = ServerPurpose;

    /// <summary>Days from now until it ends; below zero it has ended.</summary>
    public int ValidDays { get; init; } = 20;
}
