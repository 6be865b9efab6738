using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Fleet;

/// <summary>The agents' and the administrator's calls, over a few connections that stay open.</summary>
internal sealed class FleetClient : IDisposable
{
    /// <summary>Beats under way at once.</summary>
    public const int Connections = 8;

    private const int PageMax = 1000;

    /// <summary>Seldom: what is asked thirty times is compiled anew by the runtime, and that would be taken for the export's.</summary>
    private static readonly TimeSpan _exportLook = TimeSpan.FromSeconds(1);

    /// <summary>Longer than a batch of starts takes on a busy machine.</summary>
    private static readonly TimeSpan _answerMax = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;
    private readonly string _tenantPath, _workspacePath;
    private readonly JsonElement _bootstrap;
    private readonly AuthenticationHeaderValue _agent;
    private readonly AuthenticationHeaderValue _administrator;

    private string? _workspaceToken;

    private FleetClient(HttpClient http, JsonElement bootstrap, string administratorToken)
    {
        (_http, _tenantPath) = (http, $"/api/v1/tenants/{bootstrap.GetProperty("tenant_id").GetString()}");
        _bootstrap = bootstrap;
        _workspacePath = $"/v1/{bootstrap.GetProperty("tenant_id").GetString()}";
        _agent = new AuthenticationHeaderValue("Bearer", bootstrap.GetProperty("agent_token").GetString());
        _administrator = new AuthenticationHeaderValue("Bearer", administratorToken);
    }

    /// <param name="connections">That stay open.</param>
    public static async Task<FleetClient> ConnectAsync(ServerRun server, CancellationToken cancel, int connections = Connections)
    {
        var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections + 1 }) { BaseAddress = server.Address, Timeout = _answerMax };
        var signIn = new JsonObject { ["name"] = server.Bootstrap.GetProperty("operator").GetString(), ["password"] = server.Bootstrap.GetProperty("password").GetString() };
        using var answer = await http.PostAsJsonAsync("/api/v1/signin", signIn, cancel);
        answer.EnsureSuccessStatusCode();
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("token").GetString()!;
        return new FleetClient(http, server.Bootstrap, token);
    }

    /// <summary>Sends a JSON batch, all of which must be new and good.</summary>
    public async Task SendAsync(byte[] batch, int events, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _tenantPath + "/events") { Content = new ByteArrayContent(batch) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json");
        var receipt = await AskAsync(request, _agent, cancel);
        if (receipt.GetProperty("accepted").GetInt32() != events)
            throw new InvalidOperationException($"of {events} events not all were accepted: {receipt}");
    }

    /// <summary>How many sessions have ended, exactly.</summary>
    public async Task<long> CountEndedAsync(CancellationToken cancel) =>
        (await GetAsync("/sessions?state=ended&limit=1&count=exact", cancel)).GetProperty("count").GetInt64();

    public async IAsyncEnumerable<JsonElement> SessionsAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string? cursor = string.Empty;
        while (cursor is not null)
        {
            var at = cursor.Length == 0 ? string.Empty : "&cursor=" + Uri.EscapeDataString(cursor);
            var page = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"/sessions?limit={PageMax}&count=none{at}"), cancel);
            foreach (var session in page.GetProperty("items").EnumerateArray())
                yield return session;

            cursor = page.GetProperty("next_cursor").GetString();
        }
    }

    /// <param name="path">Below the project's in the first version of the Workspace API.</param>
    public async Task<JsonElement> GetWorkspaceAsync(string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _workspacePath + path);
        request.Headers.Add("X-Auth-Token", _workspaceToken ??= await SignInAsync(cancel));
        return await AskAsync(request, caller: null, cancel);
    }

    /// <summary>Where a path of the Workspace API is, and the header that opens it.</summary>
    public async Task<(Uri Address, (string Name, string Value) Header)> WorkspaceAsync(string path, CancellationToken cancel) =>
        (new Uri(_http.BaseAddress!, _workspacePath + path), ("X-Auth-Token", _workspaceToken ??= await SignInAsync(cancel)));

    public async Task<byte[]> GetBytesAsync(Uri address, (string Name, string Value) header, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add(header.Name, header.Value);
        using var answer = await _http.SendAsync(request, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel);
    }

    /// <summary>A token as Workspace clients have it.</summary>
    private async Task<string> SignInAsync(CancellationToken cancel)
    {
        var user = new JsonObject { ["name"] = Text("operator"), ["password"] = Text("password"), ["domain"] = new JsonObject { ["name"] = Text("domain") } };
        var identity = new JsonObject { ["methods"] = new JsonArray("password"), ["password"] = new JsonObject { ["user"] = user } };
        var scope = new JsonObject { ["project"] = new JsonObject { ["id"] = Text("tenant_id") } };
        using var answer = await _http.PostAsJsonAsync("/v3/auth/tokens", new JsonObject { ["auth"] = new JsonObject { ["identity"] = identity, ["scope"] = scope } }, cancel);
        answer.EnsureSuccessStatusCode();
        return answer.Headers.GetValues("X-Subject-Token").Single();

        string? Text(string name) => _bootstrap.GetProperty(name).GetString();
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Orders an export, waits until it has ended, and returns its task.</summary>
    public async Task<JsonElement> ExportAsync(JsonObject order, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _tenantPath + "/exports") { Content = JsonContent.Create(order) };
        var task = await AskAsync(request, _administrator, cancel);
        var id = task.GetProperty("id").GetString();
        while (task.GetProperty("state").GetString() is "queued" or "running")
        {
            await Task.Delay(_exportLook, cancel);
            task = await GetAsync($"/exports/{id}", cancel);
        }

        return task.GetProperty("state").GetString() is "finished" ? task : throw new InvalidOperationException($"the export did not finish: {task}");
    }

    /// <param name="path">Below the tenant's, with its query.</param>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _tenantPath + path);
        return await AskAsync(request, _administrator, cancel);
    }

    private async Task<JsonElement> AskAsync(HttpRequestMessage request, AuthenticationHeaderValue? caller, CancellationToken cancel)
    {
        request.Headers.Authorization = caller;
        using var answer = await _http.SendAsync(request, cancel);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{request.Method} {request.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancel)}");

        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
    }
}
