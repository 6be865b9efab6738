using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Server.Identity;

namespace Rollcall.Tests.Support;

/// <summary>Calls of the native API that arrange things, as the first administrator or the first agent. A call that does not succeed fails the test.</summary>
internal sealed class NativeClient(HttpClient http, BootstrapFile bootstrap) : IDisposable
{
    private string? administratorToken;

    /// <summary>A new tenant's id.</summary>
    public async Task<string> AddTenantAsync(string name) =>
        Text(await PostAsync("/api/v1/tenants", new JsonObject { ["name"] = name }), "id");

    /// <summary>A new operator's number, in the first tenant unless told otherwise. Without a password it can only be asked about, and costs no time.</summary>
    public async Task<long> AddOperatorAsync(string name, string? password, string role, string? tenant = null)
    {
        var added = await PostAsync(
            $"/api/v1/tenants/{tenant ?? bootstrap.TenantId}/operators",
            new JsonObject { ["name"] = name, ["password"] = password, ["roles"] = new JsonArray(role) });
        return added.GetProperty("id").GetInt64();
    }

    /// <summary>Takes an operator of the first tenant away.</summary>
    public async Task RemoveOperatorAsync(long id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/tenants/{bootstrap.TenantId}/operators/{id}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync());
        using var response = await http.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);
    }

    /// <summary>The administrator's token of the native API.</summary>
    public async Task<string> TokenAsync() => administratorToken ??= await SignInAsync();

    /// <summary>The secret of a new API token of the first tenant.</summary>
    public async Task<string> AddApiTokenAsync(string name, string role) => Text(
        await PostAsync($"/api/v1/tenants/{bootstrap.TenantId}/tokens", new JsonObject { ["name"] = name, ["roles"] = new JsonArray(role) }),
        "token");

    /// <summary>Sends events to the first tenant as its agent; all of them must be new and good.</summary>
    public async Task SendAsync(params JsonObject[] events)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/tenants/{bootstrap.TenantId}/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bootstrap.AgentToken);
        request.Content = JsonContent.Create(new JsonArray([.. events]), new MediaTypeHeaderValue("application/cloudevents-batch+json"));
        var receipt = await AnswerAsync(request);
        Assert.Equal(events.Length, receipt.GetProperty("accepted").GetInt32());
    }

    /// <summary>One CloudEvent, with a new id unless one is given.</summary>
    public static JsonObject Event(string type, DateTimeOffset time, JsonObject data, string source = "test://console", string? id = null) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = id ?? Guid.NewGuid().ToString("N"),
        ["source"] = source,
        ["type"] = type,
        ["time"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'"),
        ["data"] = data,
    };

    public void Dispose() => http.Dispose();

    /// <summary>Makes or changes a user of the first tenant's directory.</summary>
    public Task PutUserAsync(string name, JsonObject members) =>
        SendAsync(HttpMethod.Put, $"/api/v1/tenants/{bootstrap.TenantId}/users/{Uri.EscapeDataString(name)}", members);

    private Task<JsonElement> PostAsync(string path, JsonObject body) => SendAsync(HttpMethod.Post, path, body);

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonObject body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync());
        request.Content = JsonContent.Create(body);
        return await AnswerAsync(request);
    }

    private async Task<string> SignInAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/signin");
        request.Content = JsonContent.Create(new JsonObject { ["name"] = bootstrap.OperatorName, ["password"] = bootstrap.Password });
        return Text(await AnswerAsync(request), "token");
    }

    private async Task<JsonElement> AnswerAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{request.Method} {request.RequestUri} answered {(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    private static string Text(JsonElement answer, string member) => answer.GetProperty(member).GetString()!;
}
