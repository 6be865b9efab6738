using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Rollcall.Tests.Dialects.Commvault;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Listening;

/// <summary>The server behind a real haproxy that is set up as docs/operating.md says.</summary>
public sealed class HaproxyTests : IDisposable
{
    private const string Program = "/usr/sbin/haproxy";

    /// <summary>Not the proxy's own address, so that the server must tell the two apart.</summary>
    private static readonly IPAddress ClientAddress = IPAddress.Parse("127.0.0.2");

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();

    [Fact]
    public async Task Behind_haproxy_as_documented_the_client_is_known_and_cannot_pretend()
    {
        RealPart.Require("haproxy", () => File.Exists(Program));
        await using var server = await ListeningProcess.StartAsync("--urls", "http://127.0.0.1:0", "--trusted-proxies", "127.0.0.1");
        var port = FreePort();
        using var proxy = await StartProxyAsync(port, server.Port);
        try
        {
            using var http = NewHttp(port);
            foreach (var (name, value) in new[] { ("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "javascript") })
                http.DefaultRequestHeaders.Add(name, value);
            var bootstrap = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(server.DataPath, "bootstrap.json")));

            var token = await http.LoginAsync(bootstrap.GetProperty("operator").GetString()!, bootstrap.GetProperty("password").GetString()!);
            var list = await http.GetAsync("Session?userId=1", token);
            var refusal = await Ask.Get("/v3/projects").SendAsync(http);

            Assert.Equal("127.0.0.2", Assert.Single(list.Sessions).GetProperty("host").GetString());
            Assert.Equal($"Keystone uri=\"https://127.0.0.1:{port}/v3\"", refusal.Header("WWW-Authenticate"));
            Assert.Equal("max-age=31536000", refusal.Header("Strict-Transport-Security"));
        }
        finally
        {
            proxy.Kill();
            await proxy.WaitForExitAsync(CancellationToken.None);
        }
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    private async Task<Process> StartProxyAsync(int port, int serverPort)
    {
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        using (var certificate = authority.Issue(key))
            await File.WriteAllTextAsync(folder.File("rollcall.pem"), authority.ChainOf(certificate) + key.ExportPkcs8PrivateKeyPem());

        var setup = Documented()
            .Replace("bind :443 ssl crt /etc/haproxy/rollcall.pem", $"bind 127.0.0.1:{port} ssl crt {folder.File("rollcall.pem")}", StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", $"127.0.0.1:{serverPort}", StringComparison.Ordinal);
        Assert.Contains(folder.Path, setup, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.File("haproxy.cfg"), setup);
        var proxy = Process.Start(new ProcessStartInfo(Program, ["-db", "-f", folder.File("haproxy.cfg")]) { UseShellExecute = false })!;
        await WaitUntilOpenAsync(proxy, port);
        return proxy;
    }

    /// <summary>The block of the page, so that what it says is what was seen to work.</summary>
    private static string Documented()
    {
        var page = File.ReadAllText(Checkout.PathOf("docs", "operating.md"));
        return Assert.Single(page.Split("```haproxy\n").Skip(1)).Split("```")[0];
    }

    private static async Task WaitUntilOpenAsync(Process proxy, int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Assert.False(proxy.HasExited, "haproxy ended: its setup is wrong, or the port was taken");
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private HttpClient NewHttp(int port) => new(new SocketsHttpHandler
    {
        UseCookies = false,
        SslOptions = TestAuthority.Trusting(authority.RootPem),
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(ClientAddress, 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri($"https://127.0.0.1:{port}"),
    };

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
