using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent.Real;

/// <summary>What the ledger of a real server says of one host.</summary>
internal sealed class LedgerView(ServerProcess server, string host)
{
    private string? token;

    /// <summary>The host's sessions, the oldest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> SessionsAsync()
    {
        var page = await GetAsync($"sessions?host={host}&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&limit=1000");
        return [.. page.GetProperty("items").EnumerateArray().OrderBy(s => s.GetProperty("start_time").GetDateTimeOffset())];
    }

    /// <summary>How many sessions of the host match.</summary>
    public async Task<long> CountAsync(string filter)
    {
        var page = await GetAsync($"sessions?host={host}&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&limit=1&{filter}".TrimEnd('&'));
        return page.GetProperty("count").GetInt64();
    }

    /// <summary>The types of a session's events, in order.</summary>
    public async Task<IReadOnlyList<(string Type, DateTimeOffset At)>> TimelineAsync(string id)
    {
        var session = await GetAsync($"sessions/{id}");
        return [.. session.GetProperty("timeline").EnumerateArray().Select(e => (e.GetProperty("type").GetString()!.Replace("rollcall.session.", "", StringComparison.Ordinal), e.GetProperty("time").GetDateTimeOffset()))];
    }

    /// <summary>Forgets the sign-in, after the server was started again.</summary>
    public void SignInAgain() => token = null;

    private async Task<JsonElement> GetAsync(string path)
    {
        token ??= await SignInAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/tenants/{server.Tenant}/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await server.Http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<string> SignInAsync()
    {
        var body = new JsonObject { ["name"] = server.Bootstrap.GetProperty("operator").GetString(), ["password"] = server.Bootstrap.GetProperty("password").GetString() };
        using var answer = await server.Http.PostAsJsonAsync("/api/v1/signin", body);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }
}
