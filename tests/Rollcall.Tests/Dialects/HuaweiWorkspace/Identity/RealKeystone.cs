using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>
/// Debian's own Keystone on SQLite in a folder of its own, on a free loopback port, shared by the tests of one class. It knows an
/// administrator and a reader of the project <c>main</c>.
/// </summary>
public sealed partial class RealKeystone : IAsyncLifetime
{
    internal const string Package = "python3-keystone";

    private const string Python = "/usr/bin/python3";
    private const string Manage = "/usr/bin/keystone-manage";
    private const string Wsgi = "/usr/bin/keystone-wsgi-public";
    private const int FernetKeyBytes = 32;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder = new();
    private Process? process;

    /// <summary>Null when the package is not here.</summary>
    internal IdentityService? Service { get; private set; }

    internal static bool IsHere => File.Exists(Manage) && File.Exists(Wsgi);

    public async ValueTask InitializeAsync()
    {
        if (!IsHere)
            return; // the tests say so, one by one

        var configuration = Configure();
        await RunAsync(Manage, "--config-file", configuration, "db_sync");
        var address = await LaunchAsync(configuration);
        await RunAsync(
            Manage, "--config-file", configuration, "bootstrap", "--bootstrap-username", "admin", "--bootstrap-password", WorkspaceServer.Password,
            "--bootstrap-project-name", "main", "--bootstrap-region-id", "region-1", "--bootstrap-public-url", address + "v3",
            "--bootstrap-internal-url", address + "v3", "--bootstrap-admin-url", address + "v3");
        // Its server closes after each answer without saying so; a connection kept for the next request might be gone just then.
        var http = new HttpClient(new AskAgain { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = address, DefaultRequestHeaders = { ConnectionClose = true } };
        Service = new IdentityService(http, "Default");
        await PopulateAsync(Service);
    }

    public ValueTask DisposeAsync()
    {
        Service?.Http.Dispose();
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process?.Dispose();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The administrator may act on the domain, and there is somebody who is no administrator.</summary>
    private static async Task PopulateAsync(IdentityService keystone)
    {
        var token = await keystone.IssueAsync("admin", keystone.InProject);
        var admin = await keystone.UserIdAsync(token);
        async Task<JsonElement> Said(Ask ask)
        {
            var answer = await ask.SendAsync(keystone.Http);
            Assert.InRange(answer.Status, 200, 204);
            return answer.Bytes.Length == 0 ? default : answer.Json;
        }

        var roles = (await Said(Ask.Get("/v3/roles", token))).GetProperty("roles").EnumerateArray()
            .ToDictionary(role => role.GetProperty("name").GetString()!, role => role.GetProperty("id").GetString()!, StringComparer.Ordinal);
        var user = $$$"""{"user":{"name":"reader","password":"{{{WorkspaceServer.Password}}}","domain_id":"default"}}""";
        var reader = (await Said(Ask.Post("/v3/users", user, token))).GetProperty("user").GetProperty("id").GetString();
        var project = await keystone.ProjectIdAsync(token);
        await Said(new Ask("PUT", $"/v3/projects/{project}/users/{reader}/roles/{roles["reader"]}") { Token = token });
        foreach (var role in (string[])["admin", "reader", "member"])
            await Said(new Ask("PUT", $"/v3/domains/default/users/{admin}/roles/{roles[role]}") { Token = token });
    }

    private string Configure()
    {
        var keys = Directory.CreateDirectory(folder.File("keys")).FullName;
        foreach (var name in (string[])["0", "1"])
            File.WriteAllText(Path.Combine(keys, name), Convert.ToBase64String(RandomNumberGenerator.GetBytes(FernetKeyBytes)).Replace('+', '-').Replace('/', '_'));
        var path = folder.File("keystone.conf");
        File.WriteAllText(
            path,
            $"""
             [DEFAULT]
             log_file = {folder.File("keystone.log")}
             [database]
             connection = sqlite:///{folder.File("keystone.db")}
             [identity]
             password_hash_rounds = 4
             [token]
             provider = fernet
             [fernet_tokens]
             key_repository = {keys}
             [fernet_receipts]
             key_repository = {keys}
             [credential]
             key_repository = {keys}
             [cache]
             enabled = false

             """);
        return path;
    }

    private static async Task RunAsync(string program, params string[] arguments) =>
        Assert.True(await RealPart.TryRunAsync(program, arguments) is not null, $"{program} {string.Join(' ', arguments)}");

    /// <summary>Its own WSGI script, the way its package serves it, at a port that the system chooses.</summary>
    private async Task<Uri> LaunchAsync(string configuration)
    {
        var start = new ProcessStartInfo(Python, ["-u", Wsgi, "--host", "127.0.0.1", "--port", "0"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        start.Environment["OS_KEYSTONE_CONFIG_FILES"] = configuration;
        process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(StartMax);
        // Somebody must go on reading, or it would wait for room in the pipes.
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (Available().Match(line) is not { Success: true } match)
                continue;

            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return new Uri($"http://127.0.0.1:{match.Groups["port"].Value}/");
        }

        throw new InvalidOperationException($"Keystone ended before it listened: {await File.ReadAllTextAsync(folder.File("keystone.log"), limit.Token)}");
    }

    /// <summary>
    /// Its server, Python's reference one, is of one thread with a queue of five and on a busy machine now and then hangs up
    /// without a word; every request of these tests may be said twice, so such a one is.
    /// </summary>
    private sealed class AskAgain : DelegatingHandler
    {
        private const int AttemptsMax = 5;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await base.SendAsync(request, cancellationToken);
                }
                catch (HttpRequestException unanswered) when (attempt < AttemptsMax && unanswered.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.ConnectionError or HttpRequestError.Unknown)
                {
                    // Nothing came back: asked again.
                }
            }
        }
    }

    [GeneratedRegex("^Available at http://[^:]*:(?<port>[0-9]+)/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Available();
}
