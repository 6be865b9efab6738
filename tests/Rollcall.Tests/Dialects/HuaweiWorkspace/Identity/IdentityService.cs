using System.Collections.Concurrent;
using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>One of two identity services that are asked the same: Keystone's, or ours.</summary>
/// <param name="Domain">The name of the domain in which everybody is.</param>
internal sealed record IdentityService(HttpClient Http, string Domain)
{
    public const string Tokens = "/v3/auth/tokens";

    private readonly ConcurrentDictionary<(string User, string Scope), Lazy<Task<string>>> shared = new();

    public string InProject => $$"""{"project":{"name":"main","domain":{"name":"{{Domain}}"} } }""";

    public string InDomain => $$"""{"domain":{"name":"{{Domain}}"} }""";

    public string PasswordBody(string user, string? scope, string password = WorkspaceServer.Password) =>
        Body($$"""{"methods":["password"],"password":{"user":{"name":"{{user}}","password":"{{password}}","domain":{"name":"{{Domain}}"} } } }""", scope);

    public static string TokenBody(string token, string? scope) => Body($$"""{"methods":["token"],"token":{"id":"{{token}}"} }""", scope);

    /// <summary>A token that a test may share, since it leaves it as it is: passwords cost time on purpose.</summary>
    public Task<string> TokenAsync(string user, string scope) =>
        shared.GetOrAdd((user, scope), key => new Lazy<Task<string>>(() => IssueAsync(key.User, key.Scope))).Value;

    /// <summary>A new token.</summary>
    public async Task<string> IssueAsync(string user, string? scope) =>
        (await Ask.Post(Tokens, PasswordBody(user, scope)).SendAsync(Http)).Is(201).Header("X-Subject-Token")!;

    public async Task<string> ExchangeAsync(string token, string? scope) =>
        (await Ask.Post(Tokens, TokenBody(token, scope)).SendAsync(Http)).Is(201).Header("X-Subject-Token")!;

    public async Task<JsonElement> LookAsync(string token) =>
        (await Ask.Get(Tokens, token).With("X-Subject-Token", token).SendAsync(Http)).Is(200).Json.GetProperty("token");

    public async Task<string> UserIdAsync(string token) => (await LookAsync(token)).GetProperty("user").GetProperty("id").GetString()!;

    public async Task<string> ProjectIdAsync(string token) => (await LookAsync(token)).GetProperty("project").GetProperty("id").GetString()!;

    private static string Body(string identity, string? scope) =>
        $$"""{"auth":{"identity":{{identity}}""" + (scope is null ? "}}" : ",\"scope\":" + scope + "}}");
}
