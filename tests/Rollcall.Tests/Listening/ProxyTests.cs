using System.Net;
using System.Text.Json.Nodes;
using Rollcall.Server.Configuration;
using Rollcall.Server.Listening;
using Rollcall.Tests.Dialects.Commvault;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Listening;

/// <summary>Who the client is behind proxies: what a trusted peer says is believed up to the first hop that is not trusted, and nothing else.</summary>
public sealed class ProxyTests(ProxiedServers servers) : IClassFixture<ProxiedServers>
{
    private const string OneHop = ProxiedServers.OneHop;

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("203.0.113.9, ", "203.0.113.9")]
    [InlineData("198.51.100.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("203.0.113.9, 127.0.0.1", "203.0.113.9")]
    [InlineData("203.0.113.9:61234", "203.0.113.9")]
    [InlineData("[2001:db8::9]:61234", "2001:db8::9")]
    [InlineData("[2001:db8::9]", "2001:db8::9")]
    [InlineData("2001:DB8:0::9", "2001:db8::9")]
    [InlineData("::ffff:203.0.113.9", "203.0.113.9")]
    public async Task The_client_is_whom_the_trusted_proxy_names_last(string forwardedFor, string expected) =>
        Assert.Equal(expected, await AddressSeenAsync(servers.One, ("X-Forwarded-For", forwardedFor)));

    [Theory]
    [InlineData("203.0.113.9, 10.1.2.3", "203.0.113.9")]
    [InlineData("198.51.100.1,203.0.113.9 ,10.1.2.3:8080", "203.0.113.9")]
    [InlineData("198.51.100.1, 203.0.113.9, ::ffff:10.1.2.3", "203.0.113.9")]
    [InlineData("203.0.113.9, [2001:db8:1::7]:443", "203.0.113.9")]
    [InlineData("203.0.113.9, 10.2.0.1", "10.2.0.1")]
    [InlineData("203.0.113.9, unknown, 10.1.2.3", "10.1.2.3")]
    public async Task The_client_is_the_first_hop_from_the_right_that_is_not_trusted(string forwardedFor, string expected) =>
        Assert.Equal(expected, await AddressSeenAsync(servers.Two, ("X-Forwarded-For", forwardedFor)));

    [Theory]
    [InlineData("unknown")]
    [InlineData("_hidden")]
    [InlineData("for=203.0.113.9")]
    [InlineData("203.0.113.9:99999")]
    [InlineData("203.0.113.999")]
    [InlineData("<script>")]
    [InlineData("%E6%98%87")]
    [InlineData(" , ,, ")]
    [InlineData("")]
    [InlineData("203.0.113.9, unknown")]
    public async Task What_is_no_address_is_nobody_and_the_proxy_stands_for_its_client(string forwardedFor) =>
        Assert.Equal("127.0.0.1", await AddressSeenAsync(servers.One, ("X-Forwarded-For", forwardedFor)));

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/8")]
    [InlineData("127.0.0.2,::1")]
    public async Task The_headers_of_a_peer_that_is_not_trusted_change_nothing(string trusted)
    {
        await using var server = await StartAsync(trusted);

        var seen = await AddressSeenAsync(
            server, ("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9;proto=https;host=evil.example"), ("X-Real-IP", "203.0.113.9"), ("X-Original-For", "203.0.113.9:1"));
        var refusal = await KeystoneAsync(server, ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"));

        Assert.Equal("127.0.0.1", seen);
        Assert.Equal($"Keystone uri=\"{server.BaseAddress}v3\"", refusal.Header("WWW-Authenticate"));
        Assert.Null(refusal.Header("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("https", "rollcall.example.com", "https://rollcall.example.com/v3")]
    [InlineData("HTTPS", "rollcall.example.com:8443", "https://rollcall.example.com:8443/v3")]
    [InlineData("http", "rollcall.example.com", "http://rollcall.example.com/v3")]
    [InlineData("javascript", "rollcall.example.com", "http://rollcall.example.com/v3")]
    [InlineData("https", "[2001:db8::1]:8443", "https://[2001:db8::1]:8443/v3")]
    [InlineData("https", "evil.example, rollcall.example.com", "https://rollcall.example.com/v3")]
    [InlineData("http, https", "rollcall.example.com", "https://rollcall.example.com/v3")]
    [InlineData("https", "a b\"c", "https://{own}/v3")]
    [InlineData("https", "user@evil.example", "https://{own}/v3")]
    [InlineData("https", "", "https://{own}/v3")]
    public async Task Scheme_and_host_are_what_the_client_asked_the_trusted_proxy_for(string proto, string host, string expected)
    {
        var server = servers.One;

        var answer = await KeystoneAsync(server, ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", proto), ("X-Forwarded-Host", host));

        Assert.Equal($"Keystone uri=\"{expected.Replace("{own}", server.BaseAddress.Authority, StringComparison.Ordinal)}\"", answer.Header("WWW-Authenticate"));
        Assert.Equal(expected.StartsWith("https", StringComparison.Ordinal) ? "max-age=31536000" : null, answer.Header("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Failed_sign_ins_are_counted_per_client_and_not_per_proxy()
    {
        await using var server = await StartAsync(OneHop, new SignInOptions { FailuresPerMinuteMax = 2, LoopbackFailuresPerMinuteMax = 4 });

        Assert.Equal("401 401 429", await FailAsync(server, times: 3, ("X-Forwarded-For", "198.51.100.7, 203.0.113.9")));
        // Neither a new port nor a new invention to the left of it makes another client.
        Assert.Equal("429", await FailAsync(server, times: 1, ("X-Forwarded-For", "127.0.0.1, [::ffff:203.0.113.9]:5")));
        Assert.Equal("401", await FailAsync(server, times: 1, ("X-Forwarded-For", "203.0.113.10")));
    }

    [Fact]
    public async Task A_proxy_on_this_machine_lends_its_higher_limit_to_nobody()
    {
        await using var server = await StartAsync(OneHop, new SignInOptions { FailuresPerMinuteMax = 2, LoopbackFailuresPerMinuteMax = 4 });

        Assert.Equal("401 401 429", await FailAsync(server, times: 3, ("X-Forwarded-For", "unknown")));
    }

    [Fact]
    public async Task A_script_on_this_machine_has_the_higher_limit_through_a_proxy_too()
    {
        await using var server = await StartAsync(OneHop, new SignInOptions { FailuresPerMinuteMax = 2, LoopbackFailuresPerMinuteMax = 4 });

        Assert.Equal("401 401 401 401 429", await FailAsync(server, times: 5, ("X-Forwarded-For", "127.0.0.2")));
    }

    [Fact]
    public async Task No_variable_of_the_framework_makes_the_server_believe_everybody()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true", ["DOTNET_FORWARDEDHEADERS_ENABLED"] = "true" };
        await using var server = await ListeningProcess.StartAsync(variables, "--urls", "http://127.0.0.1:0");
        using var http = server.NewHttp();

        var answer = await Ask.Get("/v3/projects").With("X-Forwarded-For", "203.0.113.9").With("X-Forwarded-Proto", "https").SendAsync(http);

        Assert.Equal($"Keystone uri=\"{server.Urls[0]}v3\"", answer.Header("WWW-Authenticate"));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.9.8.7", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.9.8.7", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.9.8.7/8", "10.0.0.1", true)]
    [InlineData("::ffff:10.0.0.0/104", "10.9.8.7", true)]
    [InlineData("::ffff:10.0.0.0/104", "11.0.0.0", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData(" 192.0.2.1 ,, ::1 ,", "::1", true)]
    [InlineData("", "127.0.0.1", false)]
    public void A_proxy_is_trusted_by_its_address_or_its_range(string trusted, string address, bool isTrusted) =>
        Assert.Equal(isTrusted, TrustedProxies.Parse(trusted).Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("*")]
    [InlineData("localhost")]
    [InlineData("10")]
    [InlineData("10/8")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("::ffff:0.0.0.0/96")]
    [InlineData("2001:db8::/129")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%1")]
    [InlineData("10.0.0.1:80")]
    public void What_is_no_proxys_address_or_would_trust_everybody_is_refused(string trusted) =>
        Assert.Contains(trusted, Assert.Throws<SettingException>(() => TrustedProxies.Parse("127.0.0.1," + trusted)).Message, StringComparison.Ordinal);

    /// <param name="limits">With some the clock stands still, so that no minute ends while failures are counted.</param>
    private static Task<RunningServer> StartAsync(string trusted, SignInOptions? limits = null) =>
        RunningServer.StartAsync(new ServerOptions { TrustedProxies = trusted, SignIn = limits ?? new SignInOptions() }, limits is null ? null : FakeClock.AtNine());

    /// <summary>The address that a sign-in is listed with.</summary>
    private static async Task<string> AddressSeenAsync(RunningServer server, params (string Name, string Value)[] headers)
    {
        using var signedIn = await SignInAsync(server.Http, server.Bootstrap.OperatorName, server.Bootstrap.Password, headers);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        var token = await server.Http.LoginAsync(server.Bootstrap.OperatorName, server.Bootstrap.Password);
        var list = await server.Http.GetAsync("Session?userId=1", token);
        // The newest is the one that asks; the one before it is the one in question.
        return list.Sessions[1].GetProperty("host").GetString()!;
    }

    private static async Task<string> FailAsync(RunningServer server, int times, params (string Name, string Value)[] headers)
    {
        var statuses = new List<int>();
        for (var time = 0; time < times; time++)
        {
            using var answer = await SignInAsync(server.Http, server.Bootstrap.OperatorName, "wrong", headers);
            statuses.Add((int)answer.StatusCode);
        }

        return string.Join(' ', statuses);
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient http, string name, string password, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/signin");
        request.Content = System.Net.Http.Json.JsonContent.Create(new JsonObject { ["name"] = name, ["password"] = password });
        foreach (var (header, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(header, value));
        return await http.SendAsync(request);
    }

    private static Task<Answer> KeystoneAsync(RunningServer server, params (string Name, string Value)[] headers) =>
        headers.Aggregate(Ask.Get("/v3/projects"), (ask, header) => ask.With(header.Name, header.Value)).SendAsync(server.Http);
}

/// <summary>Two servers that the tests of one class share: behind one proxy, and behind two.</summary>
public sealed class ProxiedServers : IAsyncLifetime
{
    internal const string OneHop = "127.0.0.1", TwoHops = "10.1.0.0/16,127.0.0.1, 2001:db8:1::/48";

    internal RunningServer One { get; private set; } = null!;

    internal RunningServer Two { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        One = await RunningServer.StartAsync(new ServerOptions { TrustedProxies = OneHop });
        Two = await RunningServer.StartAsync(new ServerOptions { TrustedProxies = TwoHops });
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Two.DisposeAsync();
    }
}
