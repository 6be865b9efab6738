using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>A server that the tests of one class share, with an operator without rights and tokens of both kinds.</summary>
public sealed class CommvaultServer : IAsyncLifetime
{
    internal const string SelfName = "jsmith", SelfPassword = "correct horse";

    internal RunningServer Server { get; private set; } = null!;

    internal long SelfId { get; private set; }

    /// <summary>Of the operator who may see nobody else.</summary>
    internal string SelfToken { get; private set; } = null!;

    internal string AdministratorToken { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        SelfId = await Server.Native.AddOperatorAsync(SelfName, SelfPassword, "self");
        SelfToken = await Server.Http.LoginAsync(SelfName, SelfPassword);
        AdministratorToken = await Server.Http.LoginAsync(Server.Bootstrap.OperatorName, Server.Bootstrap.Password);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>What came back, whole.</summary>
internal sealed record Reply(HttpStatusCode Status, string? ContentType, string Text, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public XElement Xml => XElement.Parse(Text);

    /// <summary>The sessions of a JSON list.</summary>
    public IReadOnlyList<JsonElement> Sessions => [.. Json.GetProperty("sessions").EnumerateArray()];
}

/// <summary>Requests as this dialect's clients make them.</summary>
internal static class CommvaultRequests
{
    public const string Root = "/commandcenter/api";

    public static string Encode(string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes(password));

    /// <summary>The token of a good Login, with its prefix.</summary>
    public static async Task<string> LoginAsync(this HttpClient http, string name, string password, params (string Name, JsonNode? Value)[] more)
    {
        var body = new JsonObject { ["mode"] = 4, ["username"] = name, ["password"] = Encode(password), ["clientType"] = 30 };
        foreach (var (member, value) in more)
            body[member] = value;
        var reply = await http.PostAsync("Login", body.ToJsonString(), "application/json");
        Assert.True(reply.Status is HttpStatusCode.OK && reply.Json.TryGetProperty("token", out _), reply.Text);
        return reply.Json.GetProperty("token").GetString()!;
    }

    public static Task<Reply> PostAsync(
        this HttpClient http, string operation, string body, string? contentType, string? accept = null, string? token = null) =>
        http.SendAsync(HttpMethod.Post, operation, body, contentType, accept, token);

    /// <summary>Logs sessions off by a JSON body.</summary>
    public static Task<Reply> LogOffAsync(this HttpClient http, string? token, params string[] sessionIds)
    {
        var body = new JsonObject { ["sessions"] = new JsonArray([.. sessionIds.Select(id => new JsonObject { ["val"] = id })]) };
        return http.SendAsync(HttpMethod.Delete, "Sessions", body.ToJsonString(), "application/json", accept: null, token);
    }

    /// <summary>As a client does after a 401: the token in the body and, as stale as it is, in the header.</summary>
    public static Task<Reply> RenewAsync(this HttpClient http, string token, string deviceId) => http.PostAsync(
        "RenewLoginToken", new JsonObject { ["sessionId"] = token, ["deviceId"] = deviceId }.ToJsonString(), "application/json", token: token);

    public static async Task<Reply> SendAsync(
        this HttpClient http, HttpMethod method, string operation, string body, string? contentType, string? accept, string? token)
    {
        using var request = new HttpRequestMessage(method, $"{Root}/{operation}");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await http.SendAsync(request, accept, ("Authtoken", token));
    }

    /// <param name="path">Below the default root, or from the very beginning when it has a slash there.</param>
    public static Task<Reply> GetAsync(this HttpClient http, string path, string? token, string? accept = null) =>
        http.GetAsync(path, accept, ("Authtoken", token));

    public static async Task<Reply> GetAsync(this HttpClient http, string path, string? accept, (string Name, string? Value) header)
    {
        // Joined as text: a path that begins with two slashes would be taken for an address.
        var server = http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        using var request = new HttpRequestMessage(HttpMethod.Get, server + (path.StartsWith('/') ? path : $"{Root}/{path}"));
        return await http.SendAsync(request, accept, header);
    }

    public static async Task<Reply> SendAsync(this HttpClient http, HttpRequestMessage request, string? accept, (string Name, string? Value) header)
    {
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (header.Value is not null)
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var response = await http.SendAsync(request);
        return new Reply(
            response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync(), response.Headers);
    }

    /// <summary>An event that another console reports.</summary>
    public static JsonObject SignInEvent(string kind, DateTimeOffset at, string operatorName, string host = "host002", int consoleType = 5) =>
        NativeClient.Event($"rollcall.signin.{kind}", at, new JsonObject
        {
            ["host"] = new JsonObject { ["name"] = host },
            ["operator"] = operatorName,
            ["console_type"] = consoleType,
            ["browser_session_id"] = 3,
        });
}
