using System.Net.Sockets;
using System.Text;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Listening;

/// <summary>What a socket sees: the wrong protocol on a port, https remembered by browsers, addresses that are open to the world.</summary>
public sealed class WireTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();

    [Fact]
    public async Task A_tls_hello_on_a_plain_port_is_ended_at_once()
    {
        await using var server = await ListeningProcess.StartAsync("--urls", "http://127.0.0.1:0");

        var answer = Encoding.ASCII.GetString(await RawSocket.AskAsync(server.Port, RawSocket.Hello(minor: 3)));

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        using var http = server.NewHttp();
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz"));
    }

    [Theory]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task Plain_words_on_a_tls_port_are_ended_at_once_and_get_no_answer_in_http(string words)
    {
        await using var server = await StartAsync();

        var answer = await RawSocket.AskAsync(server.Port, Encoding.ASCII.GetBytes(words));

        Assert.DoesNotContain("HTTP/", Encoding.ASCII.GetString(answer), StringComparison.Ordinal);
        using var http = server.NewHttp(authority.RootPem);
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz"));
    }

    [Fact]
    public async Task A_client_that_connects_and_says_nothing_does_not_hold_up_the_stop()
    {
        await using var server = await StartAsync();
        using var silent = new TcpClient();
        await silent.ConnectAsync("127.0.0.1", server.Port);
        using var http = server.NewHttp(authority.RootPem);
        Assert.Equal("ok\n", await http.GetStringAsync("/healthz"));

        Assert.InRange(await server.StopAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Browsers_are_told_to_insist_on_https_by_every_https_answer_and_by_no_plain_one()
    {
        authority.Write(folder);
        await using var server = await ListeningProcess.StartAsync(
            "--urls", "https://127.0.0.1:0;http://127.0.0.1:0", "--tls-cert", folder.File("cert.pem"), "--tls-key", folder.File("key.pem"));
        using var safe = server.NewHttp(authority.RootPem, url: 0);
        using var plain = server.NewHttp(url: 1);

        foreach (var path in (string[])["/healthz", "/nothing/here", "/v3/projects", "/commandcenter/api/Session", "/docs/index.html"])
        {
            Assert.Equal("max-age=31536000", (await Ask.Get(path).SendAsync(safe)).Header("Strict-Transport-Security"));
            Assert.Null((await Ask.Get(path).SendAsync(plain)).Header("Strict-Transport-Security"));
        }

        // A browser keeps it for every port of the name, so that localhost would lose its other servers.
        safe.DefaultRequestHeaders.Host = "localhost";
        Assert.Null((await Ask.Get("/healthz").SendAsync(safe)).Header("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Browsers_are_told_nothing_when_the_setting_is_0()
    {
        authority.Write(folder);
        await using var server = await StartAsync("--Tls:HstsSeconds", "0");
        using var http = server.NewHttp(authority.RootPem);

        Assert.Null((await Ask.Get("/healthz").SendAsync(http)).Header("Strict-Transport-Security"));
    }

    private Task<ListeningProcess> StartAsync(params string[] more)
    {
        authority.Write(folder);
        return ListeningProcess.StartAsync(["--urls", "https://127.0.0.1:0", "--tls-cert", folder.File("cert.pem"), "--tls-key", folder.File("key.pem"), .. more]);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
    }
}
