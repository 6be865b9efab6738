using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>A server at 2030-03-01 09:00 that the tests of one class share, with a project token for each role that is asked for.</summary>
public sealed class WorkspaceServer : IAsyncLifetime
{
    internal const string Password = "correct horse";

    /// <summary>Signing in costs time on purpose: each role does it once.</summary>
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> tokens = new();

    internal FakeClock Clock { get; } = FakeClock.AtNine();

    internal RunningServer Server { get; private set; } = null!;

    internal HttpClient Http => Server.Http;

    internal string Project => Server.Bootstrap.TenantId;

    internal string Sessions => $"/v1/{Project}/session/list-sessions";

    internal string Tasks => $"/v2/{Project}/export-tasks";

    internal string Connections => $"/v2/{Project}/connections/desktops/export";

    internal string Users => $"/v3/{Project}/users/export";

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync(clock: Clock);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>A server for one test that needs settings, or the clock for itself.</summary>
    internal static async Task<WorkspaceServer> StartAsync(ServerOptions? options = null)
    {
        var own = new WorkspaceServer();
        own.Server = await RunningServer.StartAsync(options, own.Clock);
        return own;
    }

    /// <summary>A project token of an operator with this one role.</summary>
    internal Task<string> TokenAsync(string role = "first") => tokens.GetOrAdd(role, _ => new Lazy<Task<string>>(() => SignInAsync(role))).Value;

    internal async Task<Answer> GetAsync(string path, string role = "first") => await Ask.Get(path, await TokenAsync(role)).SendAsync(Http);

    internal async Task<Answer> PostAsync(string path, string body, string role = "first") =>
        await Ask.Post(path, body, await TokenAsync(role)).SendAsync(Http);

    /// <summary>A page of ListSessions; the times are the test's own business.</summary>
    internal async Task<JsonElement> ListAsync(string query) => (await GetAsync($"{Sessions}?{query}")).Is(200).Json;

    /// <summary>The ids of every task of the export centre.</summary>
    internal async Task<IReadOnlyList<string>> TaskIdsAsync() =>
        [.. (await GetAsync($"{Tasks}?limit=100")).Is(200).Json.GetProperty("export_tasks").EnumerateArray().Select(task => task.GetProperty("task_id").GetString()!)];

    /// <summary>Orders an export and waits, within a bound, until it is no longer being made.</summary>
    internal async Task<JsonElement> ExportAsync(string path, string body, string role = "first")
    {
        var id = (await PostAsync(path, body, role)).Is(200).Json.GetProperty("task_id").GetString();
        return await TaskAsync(id!, status => status is not "CREATING");
    }

    internal async Task<JsonElement> TaskAsync(string id, Func<string, bool> isReached)
    {
        const int LooksMax = 600;
        for (var look = 0; look < LooksMax; look++)
        {
            var task = Assert.Single((await GetAsync($"{Tasks}?task_id={id}")).Is(200).Json.GetProperty("export_tasks").EnumerateArray());
            if (isReached(task.GetProperty("status").GetString()!))
                return task;
            await Task.Delay(20);
        }

        throw new TimeoutException($"task {id} did not get there");
    }

    internal async Task<byte[]> DownloadAsync(JsonElement task)
    {
        Assert.Equal("SUCCESS", task.GetProperty("status").GetString());
        return (await GetAsync($"{Tasks}/{task.GetProperty("task_id").GetString()}/download")).Is(200).Bytes;
    }

    /// <summary>Sends events to another project, which is made for them.</summary>
    internal async Task SendElsewhereAsync(params JsonObject[] events)
    {
        var other = await Server.Native.AddTenantAsync("elsewhere");
        var ask = Ask.Post($"/api/v1/tenants/{other}/events", new JsonArray([.. events]).ToJsonString(), await TokenAsync());
        var receipt = await (ask with { ContentType = "application/cloudevents-batch+json" }).SendAsync(Http);
        Assert.Equal(events.Length, receipt.Is(200).Json.GetProperty("accepted").GetInt32());
    }

    /// <summary>The body of a request for a token; scope is JSON.</summary>
    internal static string TokenBody(string name, string password, string? scope) =>
        $$$"""{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":{{{JsonSerializer.Serialize(name)}}},"password":{{{JsonSerializer.Serialize(password)}}},"domain":{"name":"rollcall"} } } }"""
        + (scope is null ? "}}" : ",\"scope\":" + scope + "}}");

    internal async Task<string> IssueAsync(string name, string password, string? scope) =>
        (await Ask.Post("/v3/auth/tokens", TokenBody(name, password, scope)).SendAsync(Http)).Is(201).Header("X-Subject-Token")!;

    /// <summary>Every fact a source may know of a session, with those of <paramref name="more"/> over them.</summary>
    internal static JsonObject Full(string os, JsonObject? more = null)
    {
        var data = JsonNode.Parse(
            """
            {"host":{"name":"RDS-07","sid":"S-1-5-21-7","ip":"10.2.0.17","group_id":"g-1","group_name":"Finance","primary_group_id":"p-1","secondary_group_id":"s-1"},
             "user":"CORP\\anna","kind":"application","protocol":"HDP","app_name":"winword.exe,excel.exe","agent_version":"23.5.0",
             "client":{"name":"LT-2211","ip":"10.9.1.4","public_ip":"203.0.113.9","mac":"00-ac-9c-c7-9a-df","source_ip":"10.9.1.5","type":"Windows","version":"23.5.1"}}
            """)!.AsObject();
        data["os_session_id"] = os;
        foreach (var (name, value) in more ?? [])
            data[name] = value?.DeepClone();
        return data;
    }

    /// <summary>The least that a session's event says.</summary>
    internal static JsonObject Bare(string os, string user = "anna", string host = "RDS-07") => new()
    {
        ["host"] = new JsonObject { ["name"] = host },
        ["os_session_id"] = os,
        ["user"] = user,
    };

    internal static JsonObject Event(string kind, DateTimeOffset at, JsonObject data) => NativeClient.Event($"rollcall.session.{kind}", at, data, "agent://a");

    private async Task<string> SignInAsync(string role)
    {
        var project = $$$"""{"project":{"id":"{{{Project}}}"}}""";
        if (role is "first")
            return await IssueAsync(Server.Bootstrap.OperatorName, Server.Bootstrap.Password, project);

        await Server.Native.AddOperatorAsync($"the {role}", Password, role);
        return await IssueAsync($"the {role}", Password, project);
    }
}
