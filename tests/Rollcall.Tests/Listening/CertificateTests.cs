using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Listening;

/// <summary>https with the operator's own certificate: how it may be written and how it is served.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string Password = "a pass word, ü";

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();

    [Theory]
    [InlineData("EC as PKCS#8"), InlineData("EC as SEC1"), InlineData("RSA as PKCS#8"), InlineData("RSA as PKCS#1"), InlineData("RSA encrypted"), InlineData("EC in one file"), InlineData("PFX")]
    public async Task A_certificate_is_served_with_its_whole_chain_however_it_is_written(string form)
    {
        var (arguments, variables, serial) = Written(form);
        await using var server = await ListeningProcess.StartAsync(variables, ["--urls", "https://127.0.0.1:0", .. arguments]);

        // The client knows the root only, so the authority between must have come with the certificate.
        Assert.Equal(serial, await server.ServedSerialAsync(authority.RootPem));
        using var http = server.NewHttp(authority.RootPem);
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz"));
        Assert.DoesNotContain(Password, server.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_1_2_and_1_3_are_spoken_and_nothing_older()
    {
        authority.Write(folder);
        await using var server = await StartAsync();

        await server.ServedSerialAsync(authority.RootPem, SslProtocols.Tls12);
        await server.ServedSerialAsync(authority.RootPem, SslProtocols.Tls13);
        // A hello that offers TLS 1.1 at most gets the alert "protocol_version" (RFC 5246, 7.2) and the end.
        var answer = await RawSocket.AskAsync(server.Port, RawSocket.Hello(minor: 2));
        Assert.Equal([0x15, 0x03], answer[..2]);
        Assert.Equal([2, 70], answer[5..7]);
    }

    [Fact]
    public async Task Without_the_chain_in_the_file_a_client_that_knows_the_root_alone_does_not_believe()
    {
        authority.Write(folder);
        await File.WriteAllTextAsync(folder.File("cert.pem"), (await File.ReadAllTextAsync(folder.File("cert.pem"))).Split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n");
        await using var server = await StartAsync();

        await Assert.ThrowsAsync<AuthenticationException>(() => server.ServedSerialAsync(authority.RootPem));
    }

    [Fact]
    public async Task With_a_certificate_and_no_word_about_addresses_the_server_is_for_https_and_shows_no_password()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ROLLCALL_TLS_CERT"] = "c.pem",
            ["ROLLCALL_TLS_KEY"] = "k.pem",
            ["ROLLCALL_TLS_KEY_PASSWORD"] = Password,
            ["ROLLCALL_TLS_PFX_PASSWORD"] = Password,
            ["ROLLCALL_TRUSTED_PROXIES"] = "10.0.0.0/8",
        };

        var (code, said) = await ListeningProcess.RunAsync(variables, "config", "--tls-key", "other.pem");

        Assert.Equal(0, code);
        foreach (var line in (string[])["Urls = https://127.0.0.1:8443", "Tls:Cert = c.pem", "Tls:Key = other.pem", "Tls:KeyPassword = (set, hidden)", "Tls:PfxPassword = (set, hidden)", "TrustedProxies = 10.0.0.0/8"])
            Assert.Contains(line + "\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_served_with_a_warning()
    {
        var serial = authority.Write(folder, new IssueTerms { ValidDays = -1 });
        await using var server = await StartAsync();

        Assert.Contains("so that clients refuse it now: renew it", server.Said, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AuthenticationException>(() => server.ServedSerialAsync(authority.RootPem));
        Assert.NotEmpty(serial);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    private Task<ListeningProcess> StartAsync() => ListeningProcess.StartAsync(
        "--urls", "https://127.0.0.1:0", "--tls-cert", folder.File("cert.pem"), "--tls-key", folder.File("key.pem"), "--Tls:ReloadSeconds", "1");

    private (string[] Arguments, Dictionary<string, string> Variables, string Serial) Written(string form)
    {
        using var key = form.StartsWith("RSA", StringComparison.Ordinal) ? (AsymmetricAlgorithm)RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = authority.Issue(key);
        var (cert, keyFile, pfx) = (folder.File("cert.pem"), folder.File("key.pem"), folder.File("both.pfx"));
        var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2_000);
        File.WriteAllText(cert, authority.ChainOf(certificate));
        File.WriteAllText(keyFile, form switch
        {
            "EC as SEC1" => ((ECDsa)key).ExportECPrivateKeyPem(),
            "RSA as PKCS#1" => ((RSA)key).ExportRSAPrivateKeyPem(),
            "RSA encrypted" => key.ExportEncryptedPkcs8PrivateKeyPem(Password, encryption),
            _ => key.ExportPkcs8PrivateKeyPem(),
        });
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        switch (form)
        {
            case "RSA encrypted":
                variables["ROLLCALL_TLS_KEY_PASSWORD"] = Password;
                break;
            case "EC in one file":
                File.AppendAllText(cert, File.ReadAllText(keyFile));
                return (["--tls-cert", cert, "--tls-key", cert], variables, certificate.SerialNumber);
            case "PFX":
                using (var between = X509Certificate2.CreateFromPem(authority.BetweenPem))
                    File.WriteAllBytes(pfx, new X509Certificate2Collection { between, certificate }.Export(X509ContentType.Pkcs12, Password)!);
                variables["ROLLCALL_TLS_PFX_PASSWORD"] = Password;
                return (["--tls-pfx", pfx], variables, certificate.SerialNumber);
        }

        return (["--tls-cert", cert, "--tls-key", keyFile], variables, certificate.SerialNumber);
    }
}
