using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Listening;

/// <summary>Settings of addresses and certificates that cannot be meant: the start says which, in one sentence.</summary>
public sealed class RefusedStartTests : IDisposable
{
    private static readonly Dictionary<string, string> NoVariables = new(StringComparer.Ordinal);

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();

    [Theory]
    [InlineData("Urls has an https address, which needs a certificate", "--urls", "http://127.0.0.1:0;https://127.0.0.1:0")]
    [InlineData("Urls has no https address", "--urls", "http://127.0.0.1:0", "--tls-cert", "{cert}", "--tls-key", "{key}")]
    [InlineData("belong together", "--tls-cert", "{cert}")]
    [InlineData("belong together", "--tls-key", "{key}")]
    [InlineData("give one of them", "--tls-cert", "{cert}", "--tls-key", "{key}", "--tls-pfx", "x.pfx")]
    [InlineData("Tls:Cert names none.pem, which does not exist", "--tls-cert", "none.pem", "--tls-key", "{key}")]
    [InlineData("Tls:Key names no/ne.pem, which does not exist", "--tls-cert", "{cert}", "--tls-key", "no/ne.pem")]
    [InlineData("Tls:Pfx names none.pfx, which does not exist", "--tls-pfx", "none.pfx")]
    [InlineData("Tls:Cert names /, which is a folder", "--tls-cert", "/", "--tls-key", "{key}")]
    [InlineData("Tls:Cert names /dev/zero, which is larger than any certificate", "--tls-cert", "/dev/zero", "--tls-key", "{key}")]
    [InlineData("which holds no PEM certificate", "--tls-cert", "{key}", "--tls-key", "{key}")]
    [InlineData("which holds a certificate that cannot be read", "--tls-cert", "{broken}", "--tls-key", "{key}")]
    [InlineData("which holds no PEM private key", "--tls-cert", "{cert}", "--tls-key", "{cert}")]
    [InlineData("which is not the key of the certificate", "--tls-cert", "{cert}", "--tls-key", "{other}")]
    [InlineData("which is not the key of the certificate", "--tls-cert", "{cert}", "--tls-key", "{rsa}")]
    [InlineData("which is encrypted: set ROLLCALL_TLS_KEY_PASSWORD", "--tls-cert", "{cert}", "--tls-key", "{encrypted}")]
    [InlineData("ROLLCALL_TLS_KEY_PASSWORD does not open it", "--tls-cert", "{cert}", "--tls-key", "{encrypted}", "--Tls:KeyPassword", "wrong")]
    [InlineData("encrypted in the old way", "--tls-cert", "{cert}", "--tls-key", "{old}")]
    [InlineData("whose certificate is not made for servers", "--tls-cert", "{client}", "--tls-key", "{clientkey}")]
    [InlineData("ROLLCALL_TLS_PFX_PASSWORD does not open it", "--tls-pfx", "{pfx}")]
    [InlineData("ROLLCALL_TLS_PFX_PASSWORD does not open it", "--tls-pfx", "{cert}")]
    [InlineData("holds no certificate with a private key", "--tls-pfx", "{nokey}")]
    [InlineData("Tls:ReloadSeconds must be from 1", "--Tls:ReloadSeconds", "0")]
    [InlineData("Tls:HstsSeconds must be", "--Tls:HstsSeconds", "-1")]
    [InlineData("--tls-certificate is no option", "--tls-certificate", "x")]
    [InlineData("Urls must be addresses", "--urls", "ftp://127.0.0.1")]
    [InlineData("TrustedProxies has proxy.example", "--trusted-proxies", "127.0.0.1, proxy.example")]
    public async Task A_start_that_cannot_be_safe_is_refused_with_one_sentence(string sentence, params string[] arguments)
    {
        WriteBadFiles();

        var (code, said) = await ListeningProcess.RunAsync(NoVariables, [.. arguments.Select(Filled)]);

        Assert.Equal(2, code);
        var line = Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("rollcalld: ", line, StringComparison.Ordinal);
        Assert.Contains(sentence, line, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    private string Filled(string argument) => argument.StartsWith('{') ? folder.File(argument.Trim('{', '}')) : argument;

    private void WriteBadFiles()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        using var good = authority.Issue(key);
        using var client = authority.Issue(rsa, new IssueTerms { Purpose = IssueTerms.ClientPurpose });
        using var bare = X509CertificateLoader.LoadCertificate(good.RawData);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2_000);
        var text = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["cert"] = authority.ChainOf(good),
            ["key"] = key.ExportPkcs8PrivateKeyPem(),
            ["other"] = other.ExportPkcs8PrivateKeyPem(),
            ["rsa"] = rsa.ExportPkcs8PrivateKeyPem(),
            ["encrypted"] = key.ExportEncryptedPkcs8PrivateKeyPem("right", encryption),
            ["old"] = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
            ["client"] = authority.ChainOf(client),
            ["clientkey"] = rsa.ExportPkcs8PrivateKeyPem(),
            ["broken"] = PemEncoding.WriteString("CERTIFICATE", [1, 2, 3]),
        };
        foreach (var (name, content) in text)
            File.WriteAllText(folder.File(name), content);
        File.WriteAllBytes(folder.File("pfx"), good.Export(X509ContentType.Pkcs12, "right"));
        File.WriteAllBytes(folder.File("nokey"), bare.Export(X509ContentType.Pkcs12));
    }
}
