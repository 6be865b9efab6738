using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Server.Configuration;
using Rollcall.Server.Listening;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Listening;

/// <summary>A certificate renewed on disk while the server runs.</summary>
public sealed class RenewalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();

    [Fact]
    public async Task A_renewed_certificate_is_used_for_new_connections_and_old_ones_go_on()
    {
        var first = authority.Write(folder);
        await using var server = await StartAsync();
        using var open = server.NewHttp(authority.RootPem);
        Assert.Equal("ok\n", await open.GetStringAsync("/healthz"));
        Assert.Equal(first, await server.ServedSerialAsync(authority.RootPem));

        var second = authority.Write(folder);
        await server.WaitForAsync("New connections get the renewed certificate");
        // The key and the certificate are two files: between two renames a look may meet a pair that does not fit.
        await WaitForSerialAsync(server, second);

        Assert.Equal("ok\n", await open.GetStringAsync("/healthz"));
    }

    [Fact]
    public async Task A_renewed_PFX_is_used_for_new_connections()
    {
        const string Password = "pfx secret";
        var first = WritePfx(Password);
        await using var server = await ListeningProcess.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLLCALL_TLS_PFX_PASSWORD"] = Password },
            "--urls", "https://127.0.0.1:0", "--tls-pfx", folder.File("both.pfx"), "--Tls:ReloadSeconds", "1");
        Assert.Equal(first, await server.ServedSerialAsync(authority.RootPem));

        var second = WritePfx(Password);

        await WaitForSerialAsync(server, second);
    }

    [Fact]
    public async Task A_swapped_link_renews_the_certificate()
    {
        // As Kubernetes mounts a secret, and as certbot links to its archive.
        foreach (var name in (string[])["v1", "v2"])
        {
            authority.Write(folder);
            Directory.CreateDirectory(folder.File(name));
            File.Move(folder.File("cert.pem"), Path.Combine(folder.File(name), "cert.pem"));
            File.Move(folder.File("key.pem"), Path.Combine(folder.File(name), "key.pem"));
        }

        var second = SerialIn(Path.Combine(folder.File("v2"), "cert.pem"));
        Directory.CreateSymbolicLink(folder.File("live"), "v1");
        File.CreateSymbolicLink(folder.File("cert.pem"), Path.Combine("live", "cert.pem"));
        File.CreateSymbolicLink(folder.File("key.pem"), Path.Combine("live", "key.pem"));
        await using var server = await StartAsync();
        Assert.Equal(SerialIn(Path.Combine(folder.File("v1"), "cert.pem")), await server.ServedSerialAsync(authority.RootPem));

        Directory.CreateSymbolicLink(folder.File("live.new"), "v2");
        // The system's own rename: the framework's would refuse a link to a folder.
        Assert.NotNull(await RealPart.TryRunAsync("/bin/mv", "-T", folder.File("live.new"), folder.File("live")));
        await server.WaitForAsync("New connections get the renewed certificate");

        Assert.Equal(second, await server.ServedSerialAsync(authority.RootPem));
    }

    [Fact]
    public async Task A_broken_renewal_keeps_the_certificate_in_use_until_a_good_one_comes()
    {
        var first = authority.Write(folder);
        await using var server = await StartAsync();

        TestAuthority.Replace(folder.File("cert.pem"), "half a renew");
        await server.WaitForAsync("the one before goes on: Tls:Cert names");
        Assert.Equal(first, await server.ServedSerialAsync(authority.RootPem));
        File.Delete(folder.File("cert.pem"));
        await server.WaitForAsync("which does not exist");
        Assert.Equal(first, await server.ServedSerialAsync(authority.RootPem));

        var second = authority.Write(folder);
        await WaitForSerialAsync(server, second);
    }

    [Fact]
    public async Task A_renewal_that_cannot_be_used_is_told_once_and_not_at_every_look()
    {
        authority.Write(folder);
        var log = new KeptLog();
        using var certificate = new ServerCertificate(Options, TimeProvider.System, log);
        await certificate.OpenAsync(default);

        await LookThriceAsync(certificate);
        Assert.Empty(log.Lines);
        await File.WriteAllTextAsync(folder.File("cert.pem"), "half a renew");
        await LookThriceAsync(certificate);
        Assert.Contains("which holds no PEM certificate", Assert.Single(log.Lines), StringComparison.Ordinal);
        File.Delete(folder.File("key.pem"));
        await LookThriceAsync(certificate);
        Assert.Contains("which does not exist", Assert.Single(log.Lines.Skip(1)), StringComparison.Ordinal);
        authority.Write(folder);
        await LookThriceAsync(certificate);
        Assert.StartsWith("New connections get the renewed certificate", Assert.Single(log.Lines.Skip(2)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replaced_certificate_is_kept_for_the_handshakes_under_way_and_then_let_go()
    {
        authority.Write(folder);
        var clock = new FakeClock(TimeProvider.System.GetUtcNow());
        using var certificate = new ServerCertificate(Options, clock, NullLogger<ServerCertificate>.Instance);
        await certificate.OpenAsync(default);
        var old = certificate.Context;

        authority.Write(folder);
        await certificate.LookAsync(default);
        clock.Advance(ServerCertificate.KeepReplaced - TimeSpan.FromSeconds(1));
        await certificate.LookAsync(default);
        Assert.NotSame(old, certificate.Context);
        Assert.NotEqual(IntPtr.Zero, old.TargetCertificate.Handle);
        await AssertShakesAsync(old);

        clock.Advance(TimeSpan.FromSeconds(1));
        await certificate.LookAsync(default);
        Assert.Equal(IntPtr.Zero, old.TargetCertificate.Handle);
        await AssertShakesAsync(certificate.Context);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    private TlsOptions Options => new() { Cert = folder.File("cert.pem"), Key = folder.File("key.pem") };

    private static async Task LookThriceAsync(ServerCertificate certificate)
    {
        for (var look = 0; look < 3; look++)
            await certificate.LookAsync(default);
    }

    private Task<ListeningProcess> StartAsync() => ListeningProcess.StartAsync(
        "--urls", "https://127.0.0.1:0", "--tls-cert", folder.File("cert.pem"), "--tls-key", folder.File("key.pem"), "--Tls:ReloadSeconds", "1");

    private async Task WaitForSerialAsync(ListeningProcess server, string serial)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await server.ServedSerialAsync(authority.RootPem) != serial)
            await Task.Delay(50, limit.Token);
    }

    private async Task AssertShakesAsync(SslStreamCertificateContext context)
    {
        var (near, far) = await RawSocket.PairAsync();
        await using var server = new SslStream(near);
        await using var client = new SslStream(far);
        var trusting = TestAuthority.Trusting(authority.RootPem);
        trusting.TargetHost = "localhost";
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context }),
            client.AuthenticateAsClientAsync(trusting));
        Assert.True(client.IsEncrypted);
    }

    /// <summary>A new certificate with its key and the one between it and the authority, put in place whole; its serial number.</summary>
    private string WritePfx(string password)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = authority.Issue(key);
        using var between = X509Certificate2.CreateFromPem(authority.BetweenPem);
        var part = folder.File("both.pfx.part");
        File.WriteAllBytes(part, new X509Certificate2Collection { between, certificate }.Export(X509ContentType.Pkcs12, password)!);
        File.Move(part, folder.File("both.pfx"), overwrite: true);
        return certificate.SerialNumber;
    }

    private static string SerialIn(string path)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(path);
        return certificate.SerialNumber;
    }

    private sealed class KeptLog : ILogger<ServerCertificate>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
