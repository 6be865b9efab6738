using System.Diagnostics;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Rollcall.Tests.Support;

/// <summary>The real server binary with the options and the environment of the test's choosing. It keeps what it says.</summary>
internal sealed partial class ListeningProcess : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder = new();
    private readonly Process process;
    private readonly StringBuilder said = new();
    private readonly Lock gate = new();

    private ListeningProcess(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "rollcalld"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        start.Environment["ROLLCALL_DATA"] = DataPath;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string DataPath => folder.File("data");

    /// <summary>Everything it wrote until now, to the log and to the error output.</summary>
    public string Said
    {
        get
        {
            lock (gate)
                return said.ToString();
        }
    }

    /// <summary>In the order of <c>--urls</c>, with the ports they really have.</summary>
    public IReadOnlyList<Uri> Urls => [.. Listens().Matches(Said).Select(match => new Uri(match.Groups["url"].Value))];

    /// <summary>The process.</summary>
    public int Id => process.Id;

    public int Port => Urls[0].Port;

    public static Task<ListeningProcess> StartAsync(params string[] arguments) => StartAsync(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    public static async Task<ListeningProcess> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var server = new ListeningProcess(environment, arguments);
        await server.WaitForAsync("Tenant, administrator, key and agent token:");
        return server;
    }

    /// <summary>Runs it to its end; the exit code and everything it wrote.</summary>
    public static async Task<(int ExitCode, string Said)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var server = new ListeningProcess(environment, arguments);
        using var limit = new CancellationTokenSource(WaitMax);
        await server.process.WaitForExitAsync(limit.Token);
        return (server.process.ExitCode, server.Said);
    }

    /// <summary>Waits until it has said this.</summary>
    public async Task WaitForAsync(string text)
    {
        using var limit = new CancellationTokenSource(WaitMax);
        while (!Said.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(limit.IsCancellationRequested || process.HasExited, $"rollcalld never said \"{text}\":\n{Said}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Asks it to stop, as a supervisor does, and waits; how long that took.</summary>
    public async Task<TimeSpan> StopAsync()
    {
        var watch = Stopwatch.StartNew();
        using var kill = Process.Start("/bin/kill", ["-TERM", process.Id.ToString()]);
        using var limit = new CancellationTokenSource(WaitMax);
        await process.WaitForExitAsync(limit.Token);
        return watch.Elapsed;
    }

    /// <summary>A client that trusts one root and nobody else.</summary>
    public HttpClient NewHttp(string? rootPem = null, int url = 0) =>
        new(new SocketsHttpHandler { UseCookies = false, SslOptions = TestAuthority.Trusting(rootPem) }) { BaseAddress = Urls[url] };

    /// <summary>The serial number of the certificate that a new connection is shown; the handshake must succeed.</summary>
    public async Task<string> ServedSerialAsync(string rootPem, SslProtocols protocol = SslProtocols.None)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        await using var tls = new SslStream(client.GetStream());
        var options = TestAuthority.Trusting(rootPem);
        (options.TargetHost, options.EnabledSslProtocols) = ("localhost", protocol);
        await tls.AuthenticateAsClientAsync(options, CancellationToken.None);
        Assert.True(protocol is SslProtocols.None || tls.SslProtocol == protocol);
        return ((X509Certificate2)tls.RemoteCertificate!).SerialNumber;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
        folder.Dispose();
    }

    private void Keep(string? line)
    {
        lock (gate)
            said.AppendLine(line);
    }

    [GeneratedRegex("^Rollcall listens on (?<url>https?://[^;]+);", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listens();
}
