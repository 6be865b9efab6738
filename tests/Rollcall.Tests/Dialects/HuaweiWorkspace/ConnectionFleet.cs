using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>
/// A server with six connections, newest first those of berta, Änne, 昇, CORP\anna (who came back), CORP\anna and old; all but
/// old's lie within the last 30 days. Another tenant has people of the same names.
/// </summary>
public sealed class ConnectionFleet : IAsyncLifetime
{
    public const string Everybody = @"berta Änne@corp.example 昇 CORP\anna CORP\anna old";

    /// <summary>All but <c>old</c>.</summary>
    public const string Latest = @"berta Änne@corp.example 昇 CORP\anna CORP\anna";

    /// <summary>When anna asked for her first connection.</summary>
    internal static readonly DateTimeOffset Ten = new(2030, 2, 20, 10, 0, 0, TimeSpan.Zero);

    internal WorkspaceServer Server { get; } = new();

    internal string Records => $"/v2/{Server.Project}/connections/desktops";

    internal string Task => $"/v3/{Server.Project}/desktops/connections/export";

    internal string UserConnections => $"/v1/{Server.Project}/session/user-connection";

    internal string AppConnections => $"/v1/{Server.Project}/session/app-connection";

    /// <summary>The other tenant's project.</summary>
    internal string Other { get; private set; } = null!;

    /// <summary>A token of the other tenant's project.</summary>
    internal string OtherToken { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Server.InitializeAsync();
        var native = Server.Server.Native;
        await native.PutUserAsync("anna", new JsonObject { ["subproject"] = "ep-7", ["domain"] = "ELSEWHERE" });
        await native.PutUserAsync("berta", new JsonObject { ["subproject"] = "ep-1", ["domain"] = "Försterei" });
        await native.PutUserAsync("Änne@corp.example", []);
        await native.PutUserAsync("änne", new JsonObject { ["subproject"] = "ep-5" });
        await native.SendAsync([.. Anna(), .. OthersAndOld()]);
        await FillOtherTenantAsync();
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>The users of a list's rows, in its order.</summary>
    internal static string UsersOf(JsonElement list, string rows) =>
        string.Join(' ', list.GetProperty(rows).EnumerateArray().Select(row => row.GetProperty("user_name").GetString()));

    /// <summary>The users of an exported sheet's rows, in its order.</summary>
    internal static string UsersOf(OpenXmlReading.Sheet sheet, int column) => string.Join(' ', sheet.Rows.Skip(1).Select(row => row[column]));

    /// <summary>Orders a file with GET, waits for it and reads it.</summary>
    internal async Task<OpenXmlReading.Sheet> OrderedAsync(string path) => await FileAsync((await Server.GetAsync(path)).Is(200));

    /// <summary>Orders a file with POST, waits for it and reads it.</summary>
    internal async Task<OpenXmlReading.Sheet> OrderedAsync(string path, string body) => await FileAsync((await Server.PostAsync(path, body)).Is(200));

    /// <summary>A cell of a sheet holds days as a fraction: the last of its digits is not a time's.</summary>
    internal static object? Rounded(object? cell) =>
        cell is DateTime time ? DateTime.SpecifyKind(new DateTime((long)Math.Round(time.Ticks / 10_000d) * 10_000), DateTimeKind.Utc) : cell;

    private async Task<OpenXmlReading.Sheet> FileAsync(Answer answer)
    {
        Assert.Equal(["task_id"], answer.Json.EnumerateObject().Select(member => member.Name));
        var task = await Server.TaskAsync(answer.Json.GetProperty("task_id").GetString()!, status => status is not "CREATING");
        return Assert.Single(OpenXmlReading.Read(await Server.DownloadAsync(task)));
    }

    private static IEnumerable<JsonObject> Anna()
    {
        var first = WorkspaceServer.Full("1", new JsonObject { ["transaction_id"] = "t-1", ["network_rtt_ms"] = 12, ["e2e_rtt_ms"] = 34 });
        var again = WorkspaceServer.Full("1");
        again["client"]!["type"] = "Mac";
        yield return WorkspaceServer.Event("initializing", Ten.AddMilliseconds(400), first);
        yield return WorkspaceServer.Event("started", Ten.AddSeconds(3), first.DeepClone().AsObject());
        yield return WorkspaceServer.Event("disconnected", Ten.AddMinutes(5), WorkspaceServer.Full("1"));
        yield return WorkspaceServer.Event("reconnected", Ten.AddMinutes(10), again);
    }

    private static IEnumerable<JsonObject> OthersAndOld()
    {
        var third = WorkspaceServer.Bare("2", "昇", "rds-08");
        third["network_rtt_ms"] = 100;
        third["e2e_rtt_ms"] = 200;
        var fourth = WorkspaceServer.Bare("3", "Änne@corp.example", "rds-09");
        fourth["failure"] = new JsonObject { ["code"] = "7", ["reason"] = "no licence" };
        var fifth = WorkspaceServer.Bare("4", "berta", "APS-1");
        fifth["host"] = JsonNode.Parse("""{"name":"APS-1","ip":"10.2.0.18","group_id":"g-2","group_name":"Ärzte"}""");
        fifth["kind"] = "application";
        fifth["app_name"] = "Ärztesoftware.exe";
        fifth["client"] = JsonNode.Parse("""{"name":"Ärzte-PC","type":"Windows 10"}""");
        yield return WorkspaceServer.Event("started", Ten.AddHours(1), third);
        yield return WorkspaceServer.Event("failed", Ten.AddHours(2), fourth);
        yield return WorkspaceServer.Event("started", Ten.AddHours(3), fifth);
        yield return WorkspaceServer.Event("ended", Ten.AddHours(3.5), fifth.DeepClone().AsObject());
        yield return WorkspaceServer.Event("started", new DateTimeOffset(2030, 1, 15, 8, 0, 0, TimeSpan.Zero), WorkspaceServer.Bare("5", "old", "rds-10"));
    }

    private async Task FillOtherTenantAsync()
    {
        var first = Server.Server.Bootstrap;
        Other = await Server.Server.Native.AddTenantAsync("other");
        OtherToken = await Server.IssueAsync(first.OperatorName, first.Password, "{\"project\":{\"id\":\"" + Other + "\"}}");
        var events = new JsonArray(WorkspaceServer.Event("started", Ten, WorkspaceServer.Full("1")), WorkspaceServer.Event("started", Ten, WorkspaceServer.Bare("9", "old")));
        var sent = Ask.Post($"/api/v1/tenants/{Other}/events", events.ToJsonString(), OtherToken) with { ContentType = "application/cloudevents-batch+json" };
        Assert.Equal(2, (await sent.SendAsync(Server.Http)).Is(200).Json.GetProperty("accepted").GetInt32());
        foreach (var (name, body) in ((string, string)[])[("old", """{"subproject":"ep-1","domain":"Försterei"}"""), ("anna", """{"subproject":"ep-9"}""")])
            (await (Ask.Post($"/api/v1/tenants/{Other}/users/{name}", body, OtherToken) with { Method = "PUT" }).SendAsync(Server.Http)).Is(201);
    }
}
