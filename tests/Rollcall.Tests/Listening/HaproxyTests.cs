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
    /// <summary>Not the proxy's own address, so that the server must tell the two apart.</summary>
    private static readonly IPAddress ClientAddress = IPAddress.Parse("127.0.0.2");

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();

    [Fact]
    public async Task Behind_haproxy_as_documented_the_client_is_known_and_cannot_pretend()
    {
        HaproxyProcess.Require();
        await using var server = await ListeningProcess.StartAsync("--urls", "http://127.0.0.1:0", "--trusted-proxies", "127.0.0.1");
        var port = HaproxyProcess.FreePort();
        await using var proxy = await StartProxyAsync(port, server.Port);
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

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }

    private async Task<HaproxyProcess> StartProxyAsync(int port, int serverPort)
    {
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        using (var certificate = authority.Issue(key))
            await File.WriteAllTextAsync(folder.File("rollcall.pem"), authority.ChainOf(certificate) + key.ExportPkcs8PrivateKeyPem());

        var setup = HaproxyProcess.Documented("haproxy")
            .Replace("bind :443 ssl crt /etc/haproxy/rollcall.pem", $"bind 127.0.0.1:{port} ssl crt {folder.File("rollcall.pem")}", StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", $"127.0.0.1:{serverPort}", StringComparison.Ordinal);
        Assert.Contains(folder.Path, setup, StringComparison.Ordinal);
        return await HaproxyProcess.StartAsync(folder.File("haproxy.cfg"), setup, port);
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
}
