using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>
/// What the vendor's Python library puts on the wire, byte for byte as it was seen (contract, section 6): over bare sockets, so that no
/// client of ours corrects anything on the way.
/// </summary>
public sealed class SdkConversationTests : IAsyncLifetime
{
    private const string Name = CommvaultServer.SelfName, Password = CommvaultServer.SelfPassword;

    private readonly FakeClock clock = FakeClock.AtNine();
    private RunningServer server = null!;
    private long selfId;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.StartAsync(clock: clock);
        selfId = await server.Native.AddOperatorAsync(Name, Password, "self");
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    /// <summary>The library tries https on the same port first, and a server that keeps silent costs it ten seconds.</summary>
    [Fact]
    public async Task A_tls_hello_on_the_plain_port_is_answered_or_closed_at_once()
    {
        // Record header, handshake header, version, random, no session, one cipher suite, no compression: RFC 5246, 7.4.1.2.
        byte[] hello = [0x16, 0x03, 0x01, 0x00, 0x2D, 0x01, 0x00, 0x00, 0x29, 0x03, 0x03, .. new byte[32], 0x00, 0x00, 0x02, 0x00, 0x2F, 0x01, 0x00];
        var watch = Stopwatch.StartNew();

        var answer = await ExchangeAsync(hello);

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), answer);
    }

    [Theory]
    [InlineData("/commandcenter/api/")]
    [InlineData("/webconsole/api/")]
    public async Task The_library_connects_lists_renews_and_leaves(string root)
    {
        Assert.Equal("200", (await AskAsync("GET", root, token: null, "*/*")).Status);
        var token = await LoginAsync(root);

        // Releases up to SP38 read all of these in their constructor.
        var commServ = (await AskAsync("GET", root + "CommServ", token)).Json;
        Assert.All(
            (string[])["hostName", "commcell", "csTimeZone", "currentSPVersion", "timeZone", "csVersionInfo", "releaseName"],
            member => Assert.True(commServ.TryGetProperty(member, out _), member));
        Assert.Contains('(', commServ.GetProperty("timeZone").GetString()!);

        var user = Assert.Single((await AskAsync("GET", root + "User", token)).Json.GetProperty("users").EnumerateArray()).GetProperty("userEntity");
        Assert.Equal((Name, selfId), (user.GetProperty("userName").GetString(), user.GetProperty("userId").GetInt64()));
        Assert.Equal("200", (await AskAsync("GET", $"{root}User/{selfId}?Level=50", token)).Status);
        Assert.Equal("200", (await AskAsync("GET", root + "Security/TwoFactorAuth/Status?username=jsmith", token)).Status);

        var listed = await AskAsync("GET", $"{root}/Session?userId={selfId}", token); // the slash is doubled, as Ansible's module does it
        Assert.Equal("cvclient.corp.example", Assert.Single(listed.Json.GetProperty("sessions").EnumerateArray()).GetProperty("host").GetString());

        clock.Advance(TimeSpan.FromHours(1));
        var denied = await AskAsync("GET", $"{root}Session?userId={selfId}", token);
        Assert.Equal(("401", """{"errorMessage":"Access denied","errorCode":5}"""), (denied.Status, denied.Body));
        var renewed = (await RenewAsync(root, token)).GetProperty("token").GetString()!;
        var again = await AskAsync("GET", $"{root}Session?userId={selfId}", renewed);
        Assert.Equal(("200", 0), (again.Status, again.Json.GetProperty("sessions")[0].GetProperty("logoutTime").GetInt64()));

        // It sends no body with a DELETE, whatever its caller wants: told so, not failed.
        var bare = await AskAsync("DELETE", root + "Sessions", renewed);
        Assert.Equal(("400", "sessions must be present: name the sessions to log off, one element each"), (bare.Status, bare.Json.GetProperty("errorMessage").GetString()));

        await LeaveAsync(root, renewed);
    }

    private async Task<string> LoginAsync(string root)
    {
        var body = $$"""{"mode": 4, "username": "{{Name}}", "password": "{{CommvaultRequests.Encode(Password)}}", "deviceId": "cvclient.corp.example", "clientType": 30}""";
        var login = await AskAsync("POST", root + "Login", token: null, body: body);
        Assert.Equal(("200", Name), (login.Status, login.Json.GetProperty("userName").GetString()));
        return login.Json.GetProperty("token").GetString()!;
    }

    /// <summary>The library takes anything but 200 for a token that is dead for good, and asks again.</summary>
    private async Task<JsonElement> RenewAsync(string root, string token)
    {
        var reply = await AskAsync("POST", root + "RenewLoginToken", token, body: $$"""{"sessionId": "{{token}}", "deviceId": "cvclient.corp.example"}""");
        Assert.Equal("200", reply.Status);
        return reply.Json;
    }

    private async Task LeaveAsync(string root, string token)
    {
        var left = await AskAsync("POST", root + "Logout", token, body: string.Empty, type: "application/xml");
        Assert.Equal(("200", "User logged out"), (left.Status, left.Body));
        Assert.Equal("401", (await AskAsync("POST", root + "Logout", token, body: string.Empty, type: "application/xml")).Status);
        Assert.NotEmpty((await RenewAsync(root, token)).GetProperty("error").GetProperty("errLogMessage").GetString()!);
    }

    /// <param name="body">Null sends none and no length, as the library does with GET and DELETE.</param>
    private async Task<(string Status, string Body, JsonElement Json)> AskAsync(
        string method, string path, string? token, string accept = "application/json", string? body = null, string type = "application/json")
    {
        var request = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: {server.BaseAddress.Authority}\r\nUser-Agent: python-requests/2.28.1\r\n")
            .Append(CultureInfo.InvariantCulture, $"Accept-Encoding: gzip, deflate\r\nAccept: {accept}\r\nConnection: close\r\nContent-type: {type}\r\n");
        if (token is not null)
            request.Append(CultureInfo.InvariantCulture, $"Authtoken: {token}\r\n");
        if (body is not null)
            request.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        var answer = await ExchangeAsync(Encoding.ASCII.GetBytes(request.Append("\r\n").Append(body).ToString()));

        var parts = answer.Split("\r\n\r\n", 2);
        var text = parts[0].Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase) ? Joined(parts[1]) : parts[1];
        return (answer.Split(' ')[1], text, text.StartsWith('{') ? JsonElement.Parse(text) : default);
    }

    /// <summary>What the server says until it closes.</summary>
    private async Task<string> ExchangeAsync(byte[] request)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.BaseAddress.Port, bound.Token);
        var stream = socket.GetStream();
        await stream.WriteAsync(request, bound.Token);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, bound.Token);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    /// <summary>RFC 9112, 7.1: sizes in hexadecimal, a line each, until one is 0.</summary>
    private static string Joined(string chunked)
    {
        var text = new StringBuilder();
        while (chunked.Split("\r\n", 2) is [var size, var rest] && int.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var length)
        {
            text.Append(rest, 0, length); // every answer here is ASCII: characters are bytes
            chunked = rest[(length + 2)..];
        }

        return text.ToString();
    }
}
