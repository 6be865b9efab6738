using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Server.Configuration;
using Rollcall.Server.Ingest;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>A server at 2030-03-01 09:00 that the tests of one class share, with an API token for each role that is asked for.</summary>
public sealed class NativeServer : IAsyncLifetime
{
    internal const string BatchType = "application/cloudevents-batch+json", LinesType = "application/x-ndjson", Password = "correct horse";

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> tokens = new();

    internal FakeClock Clock { get; } = FakeClock.AtNine();

    /// <summary>Null means the defaults.</summary>
    internal ServerOptions? Options { get; init; }

    internal RunningServer Server { get; private set; } = null!;

    internal string Tenant => Server.Bootstrap.TenantId;

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync(Options, Clock);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    internal static async Task<NativeServer> StartAsync()
    {
        var own = new NativeServer();
        await own.InitializeAsync();
        return own;
    }

    /// <summary>Of an API token with this role; <c>first</c> is the server's administrator, signed in.</summary>
    internal Task<string> TokenAsync(string role) => tokens.GetOrAdd(role, _ => new Lazy<Task<string>>(() => role switch
    {
        "first" => SignInAsync(Server.Bootstrap.OperatorName, Server.Bootstrap.Password),
        _ => Server.Native.AddApiTokenAsync($"the {role}", role),
    })).Value;

    internal async Task<string> SignInAsync(string name, string password) =>
        (await Ask.Post("/api/v1/signin", new JsonObject { ["name"] = name, ["password"] = password }.ToJsonString()).SendAsync(Server.Http)).Is(200).Json.GetProperty("token").GetString()!;

    /// <param name="path">Below the tenant, or from the beginning when it has a slash there.</param>
    internal async Task<Answer> SendAsync(string method, string path, string? body = null, string role = "administrator", string type = "application/json") =>
        await (new Ask(method, PathOf(path)) { Token = await TokenAsync(role), Body = body is null ? null : Encoding.UTF8.GetBytes(body), ContentType = body is null ? null : type })
            .SendAsync(Server.Http);

    internal Task<Answer> GetAsync(string path, string role = "administrator") => SendAsync("GET", path, role: role);

    internal string PathOf(string path) => path.StartsWith('/') ? path : $"/api/v1/tenants/{Tenant}/{path}";

    internal static string GZip(string text, out byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        bytes = packed.ToArray();
        return text;
    }

    internal static JsonObject Session(string kind, DateTimeOffset at, string os, string user = "anna") =>
        NativeClient.Event($"rollcall.session.{kind}", at, new JsonObject { ["host"] = new JsonObject { ["name"] = "RDS-07" }, ["os_session_id"] = os, ["user"] = user }, "agent://a");

    /// <summary>A beat of the same host as <see cref="Session"/>, with these sessions in its roster.</summary>
    internal static JsonObject Beat(DateTimeOffset at, int leaseSeconds, params string[] open) => NativeClient.Event(
        "rollcall.host.beat",
        at,
        new JsonObject
        {
            ["host"] = new JsonObject { ["name"] = "RDS-07" },
            ["lease_seconds"] = leaseSeconds,
            ["roster"] = new JsonArray([.. open.Select(os => new JsonObject { ["os_session_id"] = os, ["user"] = "anna" })]),
        },
        "agent://a");

    /// <summary>Lets time pass as a server sees it that looks for silent hosts every ten seconds.</summary>
    internal static async Task PassAsync(RunningServer server, FakeClock clock, int seconds)
    {
        var watcher = server.Services.GetRequiredService<HostWatcher>();
        for (var passed = 0; passed < seconds; passed += 10)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await watcher.LookAsync(TestContext.Current.CancellationToken);
        }
    }

    internal static IReadOnlyList<JsonElement> Items(Answer answer) => [.. answer.Is(200).Json.GetProperty("items").EnumerateArray()];
}

/// <summary>What every refusal of the native API looks like (RFC 9457).</summary>
internal static class Problems
{
    public static JsonElement As(this Answer answer, int status, string kind, string? field = null)
    {
        var problem = answer.Is(status).Json;
        Assert.Equal(["type", "title", "status", "detail", "errors", "request_id"], problem.EnumerateObject().Select(member => member.Name));
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal($"urn:rollcall:refusal:{kind}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(answer.Header("X-Request-Id"), problem.GetProperty("request_id").GetString());
        Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
        if (field is not null)
            Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
        return problem;
    }
}
