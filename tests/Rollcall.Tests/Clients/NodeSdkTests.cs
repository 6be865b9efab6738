using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rollcall.Tests.Dialects.HuaweiWorkspace;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Clients;

/// <summary>The official Node.js core client, unmodified, over the wire: what it sends is understood, and what it gets it understands.</summary>
public sealed partial class NodeSdkTests(SdkProcess sdk) : IClassFixture<SdkProcess>
{
    private const string Sessions = "/v1/{project_id}/session/list-sessions";
    private const string Tasks = "/v2/{project_id}/export-tasks";
    private const string Connections = "/v2/{project_id}/connections/desktops/export";

    private static readonly DateTimeOffset Day = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_session_is_found_by_a_user_name_in_any_characters()
    {
        string[] names = ["jy 01@local.com/ü", "a+b", "a b", "a&b=c", "李雷", "o'neil!(*)~", "100%", "%41", "a%2Bb", "𝔘", ";x", "#x", "?x", "\"<>\\^`{|}", "CORP\\anna"];
        await SendSessionsAsync(names);

        foreach (var name in names)
        {
            var page = (await sdk.GetAsync(Sessions, Query(("user_name", name), ("session_state", "Disconnected, Active ,InitFail"), ("limit", 5), ("offset", 0), ("is_success", true)))).Json;

            Assert.True(page.GetProperty("count").GetInt32() == 1, $"{name}: {page}");
            Assert.Equal(name, Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("login_user").GetString());
        }

        Assert.Equal(0, (await sdk.GetAsync(Sessions, Query(("user_name", names[0]), ("session_state", "InitFail")))).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Exports_are_ordered_polled_fetched_and_deleted()
    {
        await SendSessionsAsync(["anna", "王小明"]);
        await sdk.Server.Native.PutUserAsync("王小明", []);
        foreach (var order in (Func<Task<SdkAnswer>>[])[
            () => sdk.PostAsync($"{Sessions}/export", new JsonObject { ["user_name"] = "王小明" }),
            () => sdk.PostAsync($"{Sessions}/export", body: null),
            () => sdk.PostAsync("/v3/{project_id}/users/export", new JsonObject { ["user_name"] = "王", ["language"] = "zh_CN" })])
        {
            var id = (await order()).Json.GetProperty("task_id").GetString()!;
            var task = await FinishedAsync(id);
            Assert.Equal("SUCCESS", task.GetProperty("status").GetString());
            Assert.False(task.GetProperty("is_download").GetBoolean());

            var file = await sdk.GetAsync($"{Tasks}/{id}/download", responseType: "arraybuffer");

            Assert.Equal(("buffer", 200), (file.Kind, file.Status));
            Assert.Equal(await FileOfAsync(id), file.Bytes);
            Assert.True((await FinishedAsync(id)).GetProperty("is_download").GetBoolean());
            Assert.Equal(200, (await sdk.PostAsync($"{Tasks}/batch-delete", new JsonObject { ["task_ids"] = new JsonArray(id) })).Status);
            AssertRefused(await sdk.GetAsync($"{Tasks}/{id}/download"), 404, Refused.NotFound, "There is no export task with this ID");
        }
    }

    [Theory]
    [InlineData("application/json", "PK\u0003\u0004")]
    [InlineData("text/csv", "\uFEFFConnection ID,")]
    public async Task Connection_records_arrive_whole_when_the_client_is_told_to_expect_bytes(string accept, string beginning)
    {
        var headers = new JsonObject { ["Accept"] = accept };

        var buffer = await sdk.GetAsync(Connections, headers: headers.DeepClone().AsObject(), responseType: "arraybuffer");
        var stream = await sdk.GetAsync(Connections, headers: headers, responseType: "stream");

        Assert.Equal(("buffer", "stream", 200, 200), (buffer.Kind, stream.Kind, buffer.Status, stream.Status));
        Assert.StartsWith(beginning, System.Text.Encoding.UTF8.GetString(buffer.Bytes!), StringComparison.Ordinal);
        Assert.EndsWith(beginning[0] is 'P' ? "\0\0" : "\r\n", System.Text.Encoding.Latin1.GetString(stream.Bytes!), StringComparison.Ordinal);
    }

    // docs/clients.md says so: without it, people would look for the fault in the server.
    [Fact]
    public async Task Without_being_told_to_expect_bytes_the_client_keeps_no_file_of_either_type()
    {
        foreach (var accept in (string[])["application/json", "text/csv"])
        {
            var dropped = await sdk.GetAsync(Connections, headers: new JsonObject { ["Accept"] = accept });

            Assert.Equal("httpStatusCode", Assert.Single(dropped.Json.EnumerateObject()).Name);
        }
    }

    [Fact]
    public async Task Refusals_arrive_as_the_clients_own_exceptions_with_the_request_id()
    {
        AssertRefused(await sdk.SendAsync(sdk.Key(secret: "another"), SdkProcess.Request("GET", Tasks)), 401, Refused.NotSignedIn, "verify aksk signature fail");
        AssertRefused(await sdk.GetAsync("/v2/{project_id}/desktops/nope"), 404, Refused.NoPath);
        AssertRefused(await sdk.GetAsync(Sessions, Query(("limit", 0))), 400, Refused.Parameter, "limit must be a whole number from 1 to 100");
        AssertRefused(await sdk.PostAsync(Tasks, new JsonObject()), 405, Refused.Method);

        var text = SdkProcess.Request("POST", $"{Sessions}/export");
        (text["contentType"], text["data"]) = ("text/plain", "{}");
        AssertRefused(await sdk.SendAsync(sdk.Key(), text), 415, Refused.MediaType);
    }

    [Fact]
    public async Task Another_project_is_refused_with_the_sealed_reason_where_the_pages_have_one()
    {
        var foreign = sdk.Key(project: "0123456789abcdef0123456789abcdef");

        var first = await sdk.SendAsync(foreign.DeepClone().AsObject(), SdkProcess.Request("GET", Sessions, Query()));
        var second = await sdk.SendAsync(foreign, SdkProcess.Request("GET", Tasks));

        AssertRefused(first, 403, Refused.NotAllowed);
        AssertRefused(second, 403, Refused.NotAllowed);
        Assert.Null(first.Error("encodedAuthorizationMessage"));
        Assert.True(second.Error("encodedAuthorizationMessage") is { Length: > 40 });
    }

    private static JsonObject Query(params (string Name, JsonNode Value)[] more)
    {
        var query = new JsonObject { ["query_begin_time"] = "2026-03-01T00:00:00.000Z", ["query_end_time"] = "2026-03-02T00:00:00.000Z" };
        foreach (var (name, value) in more)
            query[name] = value;
        return query;
    }

    /// <summary>Open sessions, one a name, each on a host of its own.</summary>
    private Task SendSessionsAsync(IEnumerable<string> users) => sdk.Server.Native.SendAsync(
        [.. users.Select(user => WorkspaceServer.Event("started", Day, WorkspaceServer.Bare("1", user, $"host {Guid.NewGuid()}")))]);

    private async Task<JsonElement> FinishedAsync(string id)
    {
        const int LooksMax = 600;
        for (var look = 0; look < LooksMax; look++)
        {
            var task = Assert.Single((await sdk.GetAsync(Tasks, new JsonObject { ["task_id"] = id })).Json.GetProperty("export_tasks").EnumerateArray());
            if (task.GetProperty("status").GetString() is not "CREATING")
                return task;
            await Task.Delay(20);
        }

        throw new TimeoutException($"task {id} did not get there");
    }

    /// <summary>The file as a plain HTTP client gets it.</summary>
    private async Task<byte[]> FileOfAsync(string id)
    {
        var body = WorkspaceServer.TokenBody(sdk.Bootstrap.OperatorName, sdk.Bootstrap.Password, $$$"""{"project":{"id":"{{{sdk.Bootstrap.TenantId}}}"}}""");
        var token = (await Ask.Post("/v3/auth/tokens", body).SendAsync(sdk.Server.Http)).Is(201).Header("X-Subject-Token");
        return (await Ask.Get($"/v2/{sdk.Bootstrap.TenantId}/export-tasks/{id}/download", token).SendAsync(sdk.Server.Http)).Is(200).Bytes;
    }

    /// <summary>The exception is the client's own, and the id in it is the one in the answer's header, which the client logs.</summary>
    private void AssertRefused(SdkAnswer answer, int status, string code, string word = "")
    {
        Assert.True((answer.Kind, answer.Status) == ("ClientRequestException", status), $"{answer.Kind} {answer.Status} {answer.Value}");
        Assert.Equal(code, answer.Error("errorCode"));
        Assert.Contains(word, answer.Error("errorMsg"), StringComparison.Ordinal);
        Assert.Matches(RequestId(), answer.Error("requestId")!);
        Assert.Contains($"'x-request-id': '{answer.Error("requestId")}'", sdk.Log, StringComparison.Ordinal);
    }

    [GeneratedRegex("^[0-9a-f]{32}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RequestId();
}
