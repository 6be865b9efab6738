using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Rollcall.Tests.Support;

/// <summary>The real binaries: a server process on a free port and command lines run against it.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CommandMax = TimeSpan.FromMinutes(2);

    private readonly string data;
    private readonly IReadOnlyDictionary<string, string> environment;
    private Process process;
    private string? token;

    private ServerProcess(string data, IReadOnlyDictionary<string, string> environment, Process process, Uri address)
    {
        (this.data, this.environment, this.process) = (data, environment, process);
        Http = new HttpClient { BaseAddress = address };
        Bootstrap = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(data, "bootstrap.json")));
    }

    public HttpClient Http { get; private set; }

    public JsonElement Bootstrap { get; }

    public string Tenant => Bootstrap.GetProperty("tenant_id").GetString()!;

    public string AgentToken => Bootstrap.GetProperty("agent_token").GetString()!;

    /// <param name="data">Its folder.</param>
    /// <param name="store">As in ROLLCALL_STORE; null: the embedded one.</param>
    public static Task<ServerProcess> StartAsync(string data, string? store) =>
        StartAsync(data, store is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLLCALL_STORE"] = store });

    /// <param name="data">Its folder.</param>
    /// <param name="environment">Variables that every start of it gets beside this process's own; null: none.</param>
    public static async Task<ServerProcess> StartAsync(string data, IReadOnlyDictionary<string, string>? environment = null)
    {
        environment ??= new Dictionary<string, string>(StringComparer.Ordinal);
        var (process, address) = await LaunchAsync(data, environment);
        return new ServerProcess(data, environment, process, address);
    }

    /// <summary>Another server on the same store, with a folder of its own.</summary>
    public Task<ServerProcess> StartBesideAsync(string ownData)
    {
        // What the first start made up is known to the tests of the second by its file only.
        Directory.CreateDirectory(ownData);
        File.Copy(Path.Combine(data, "bootstrap.json"), Path.Combine(ownData, "bootstrap.json"));
        return StartAsync(ownData, environment);
    }

    /// <summary>The most that was resident at once since its last start, as the kernel counted it.</summary>
    public long PeakBytes
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>kill -9: nothing is flushed, nothing is said.</summary>
    public void Kill()
    {
        process.Kill(); // it has no children; to look for some takes long on a busy machine
        process.WaitForExit();
    }

    /// <summary>Starts again on the same data; the port may be another.</summary>
    public async Task RestartAsync()
    {
        (process, var address) = await LaunchAsync(data, environment);
        Http.Dispose();
        Http = new HttpClient { BaseAddress = address };
        token = null;
    }

    /// <summary>Starts again on the same data at the same address, for clients that know only one.</summary>
    public async Task RestartInPlaceAsync()
    {
        (process, _) = await LaunchAsync(data, environment, Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        token = null;
    }

    /// <summary>Runs <c>rollcall</c> to its end, which must be a good one, and returns what it printed.</summary>
    public async Task<string> RunCliAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Binary("rollcall"), [.. arguments, "--server", Http.BaseAddress!.ToString(), "--data", data])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var limit = new CancellationTokenSource(CommandMax);
        using var command = Process.Start(start)!;
        var said = command.StandardError.ReadToEndAsync(limit.Token);
        var printed = await command.StandardOutput.ReadToEndAsync(limit.Token);
        await command.WaitForExitAsync(limit.Token);
        Assert.True(command.ExitCode == 0, $"rollcall {string.Join(' ', arguments)}: exit {command.ExitCode}\n{printed}\n{await said}");
        return printed;
    }

    /// <summary>A request with the administrator's Workspace token, for the first tenant's project; its answer must be a good one.</summary>
    public async Task<HttpResponseMessage> WorkspaceAsync(HttpMethod method, string path, HttpContent? content = null, string? accept = null)
    {
        var answer = await AskWorkspaceAsync(method, path, content, accept);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer;
    }

    /// <summary>The same, whatever the answer.</summary>
    public async Task<HttpResponseMessage> AskWorkspaceAsync(HttpMethod method, string path, HttpContent? content = null, string? accept = null)
    {
        token ??= await WorkspaceTokenAsync();
        using var request = new HttpRequestMessage(method, path.Replace("{p}", Tenant, StringComparison.Ordinal)) { Content = content };
        request.Headers.Add("X-Auth-Token", token);
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        return await Http.SendAsync(request);
    }

    public async Task<JsonElement> WorkspaceJsonAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var answer = await WorkspaceAsync(method, path, content);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Waits for an export task to leave CREATING, within a bound; its item.</summary>
    public async Task<JsonElement> FinishedTaskAsync(string taskId, TimeSpan atMost)
    {
        using var limit = new CancellationTokenSource(atMost);
        while (true)
        {
            var list = await WorkspaceJsonAsync(HttpMethod.Get, $"/v2/{{p}}/export-tasks?task_id={taskId}");
            var item = Assert.Single(list.GetProperty("export_tasks").EnumerateArray());
            if (item.GetProperty("status").GetString() != "CREATING")
                return item;
            await Task.Delay(50, limit.Token);
        }
    }

    public async Task<HttpResponseMessage> SendEventsAsync(JsonArray events, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/tenants/{Tenant}/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AgentToken);
        request.Content = JsonContent.Create(events, new MediaTypeHeaderValue("application/cloudevents-batch+json"));
        return await Http.SendAsync(request, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            Kill();
        Http.Dispose();
        process.Dispose();
        await Task.CompletedTask;
    }

    /// <summary>A new token of the administrator, good at every server of the store.</summary>
    public async Task<string> WorkspaceTokenAsync()
    {
        var user = new JsonObject
        {
            ["name"] = Bootstrap.GetProperty("operator").GetString(),
            ["password"] = Bootstrap.GetProperty("password").GetString(),
            ["domain"] = new JsonObject { ["name"] = Bootstrap.GetProperty("domain").GetString() },
        };
        var body = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = user } },
                ["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = Bootstrap.GetProperty("region").GetString() } },
            },
        };
        using var answer = await Http.PostAsJsonAsync("/v3/auth/tokens", body);
        Assert.Equal(System.Net.HttpStatusCode.Created, answer.StatusCode);
        return answer.Headers.GetValues("X-Subject-Token").Single();
    }

    private static async Task<(Process Process, Uri Address)> LaunchAsync(
        string data, IReadOnlyDictionary<string, string> environment, string urls = "http://127.0.0.1:0")
    {
        var start = new ProcessStartInfo(Binary("rollcalld"), ["--urls", urls, "--data", data])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var server = Process.Start(start)!;
        using var limit = new CancellationTokenSource(StartMax);
        // Somebody must go on reading, or the server would wait for room in the pipes.
        _ = server.StandardOutput.ReadToEndAsync(CancellationToken.None);
        while (await server.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (Listens().Match(line) is not { Success: true } match)
                continue;

            _ = server.StandardError.ReadToEndAsync(CancellationToken.None);
            return (server, new Uri(match.Groups["url"].Value));
        }

        throw new InvalidOperationException($"rollcalld ended before it listened: exit {server.ExitCode}");
    }

    public static string Binary(string name) => Path.Combine(AppContext.BaseDirectory, name);

    [GeneratedRegex("^Rollcall listens on (?<url>http://[^;]+);", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listens();
}
