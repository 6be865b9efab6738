using System.Net;
using System.Net.Sockets;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Listening;

/// <summary>Which addresses a start warns of. A second address that is taken ends each start before it is open to anybody.</summary>
public sealed class OpenAddressTests : IDisposable
{
    private static readonly Dictionary<string, string> NoVariables = new(StringComparer.Ordinal);

    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();
    private readonly TcpListener taken = new(IPAddress.Loopback, 0);

    public OpenAddressTests() => taken.Start();

    private int Port => ((IPEndPoint)taken.LocalEndpoint).Port;

    [Theory]
    [InlineData("http://0.0.0.0:{port}")]
    [InlineData("http://[::]:{port}")]
    [InlineData("http://*:{port}")]
    [InlineData("http://+:{port}")]
    [InlineData("HTTP://rollcall.example.com:{port}")]
    [InlineData("http://127.0.0.1:{port};http://*:{port}")]
    [InlineData("http://192.0.2.1:{port}")]
    public async Task A_start_that_would_show_passwords_to_the_network_warns_and_says_what_to_do(string urls)
    {
        var said = await StartInVainAsync(urls);

        Assert.Single(said.Split("is open beyond this machine without TLS").Skip(1));
        Assert.Contains("--tls-cert", said, StringComparison.Ordinal);
        Assert.Contains("--trusted-proxies", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_trusted_proxies_the_warning_says_that_only_they_should_reach_the_address()
    {
        var said = await StartInVainAsync("http://0.0.0.0:{port}", "--trusted-proxies", "10.0.0.1");

        Assert.Contains("see to it that only the trusted proxies can reach it", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{port}")]
    [InlineData("http://127.9.9.9:0;http://127.0.0.1:{port}")]
    [InlineData("http://[::1]:0;http://127.0.0.1:{port}")]
    [InlineData("http://LOCALHOST:{port}")]
    [InlineData("http://unix:{socket};http://127.0.0.1:{port}")]
    [InlineData("https://0.0.0.0:{port};http://127.0.0.1:{port}", "--tls-cert", "{cert}", "--tls-key", "{key}")]
    public async Task A_start_that_is_safe_does_not_warn(string urls, params string[] more)
    {
        authority.Write(folder);

        var said = await StartInVainAsync(urls, more);

        Assert.DoesNotContain("without TLS", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1", "https://rollcall.example.com/v3")]
    [InlineData("", "http://local/v3")]
    public async Task Who_may_open_the_servers_socket_is_a_trusted_proxy_as_soon_as_there_are_any(string trusted, string expected)
    {
        var path = folder.File("server.sock");
        await using var server = await ListeningProcess.StartAsync("--urls", $"http://unix:{path}", "--trusted-proxies=" + trusted);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        http.BaseAddress = new Uri("http://local");

        var answer = await Ask.Get("/v3/projects")
            .With("X-Forwarded-For", "203.0.113.9").With("X-Forwarded-Proto", "https").With("X-Forwarded-Host", "rollcall.example.com").SendAsync(http);

        Assert.Equal($"Keystone uri=\"{expected}\"", answer.Header("WWW-Authenticate"));
    }

    public void Dispose()
    {
        taken.Dispose();
        authority.Dispose();
        folder.Dispose();
    }

    private async Task<string> StartInVainAsync(string urls, params string[] more)
    {
        var (code, said) = await ListeningProcess.RunAsync(NoVariables, [.. new[] { "--urls", urls, "--Log:Format", "text" }.Concat(more).Select(Filled)]);

        Assert.Equal(1, code);
        Assert.Contains("rollcalld: cannot listen on", said, StringComparison.Ordinal);
        return said;
    }

    private string Filled(string text) => text
        .Replace("{port}", Port.ToString(), StringComparison.Ordinal)
        .Replace("{socket}", folder.File("s.sock"), StringComparison.Ordinal)
        .Replace("{cert}", folder.File("cert.pem"), StringComparison.Ordinal)
        .Replace("{key}", folder.File("key.pem"), StringComparison.Ordinal);
}
