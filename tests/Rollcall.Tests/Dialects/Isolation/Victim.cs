using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Dialects.Commvault;
using Rollcall.Tests.Dialects.HuaweiWorkspace.Signatures;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Isolation;

/// <summary>A tenant with a bit of everything, all of it under names that stand nowhere else, and another tenant beside it.</summary>
internal sealed class Victim : IAsyncDisposable
{
    public const string Marker = "zq7391";
    private const string Password = "correct horse";

    private static readonly DateTimeOffset Ten = new(2030, 3, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, string> ids = new(StringComparer.Ordinal);

    private Victim(RunningServer server, FakeClock clock) => (Server, Clock) = (server, clock);

    public RunningServer Server { get; }

    public FakeClock Clock { get; }

    /// <summary>An agent's token of the other tenant.</summary>
    public string OtherAgent { get; private set; } = string.Empty;

    /// <summary>The other tenant's administrator, by a key.</summary>
    public Signer OtherKey { get; private set; } = null!;

    /// <summary>What a route's parameter stands for here, by the route's text up to it.</summary>
    public string IdOf(string purpose) => ids[purpose];

    /// <summary>Everything that must not be seen: the marker in every name, and the ids.</summary>
    public IReadOnlyList<string> Secrets => [Marker, .. ids.Where(pair => pair.Key is not ("tenant" or "other tenant" or "operator" or "user name" or "host name")).Select(pair => pair.Value)];

    public static async Task<Victim> StartAsync()
    {
        var clock = new FakeClock(Ten);
        var victim = new Victim(await RunningServer.StartAsync(clock: clock), clock);
        await victim.FillAsync();
        return victim;
    }

    /// <summary>A project token of the administrator of the first tenant, which is the victim, or of the other.</summary>
    public async Task<string> WorkspaceTokenAsync(bool ofOther) => (await Ask.Post("/v3/auth/tokens", HuaweiWorkspace.WorkspaceServer.TokenBody(
        ofOther ? "mallory" : Server.Bootstrap.OperatorName,
        ofOther ? Password : Server.Bootstrap.Password,
        $$$"""{"project":{"id":"{{{(ofOther ? ids["other tenant"] : ids["tenant"])}}}"}}""")).SendAsync(Server.Http)).Is(201).Header("X-Subject-Token")!;

    public async Task<string> NativeTokenAsync(bool ofOther) => (await Ask.Post(
        "/api/v1/signin",
        new JsonObject { ["name"] = ofOther ? "mallory" : Server.Bootstrap.OperatorName, ["password"] = ofOther ? Password : Server.Bootstrap.Password }.ToJsonString())
        .SendAsync(Server.Http)).Is(200).Json.GetProperty("token").GetString()!;

    public Task<string> CommvaultTokenAsync(bool ofOther) =>
        Server.Http.LoginAsync(ofOther ? "mallory" : Server.Bootstrap.OperatorName, ofOther ? Password : Server.Bootstrap.Password);

    /// <summary>All that an attack could change, as the victim's administrator sees it.</summary>
    public async Task<string> DescribeAsync()
    {
        var token = await NativeTokenAsync(ofOther: false);
        string[] lists = ["sessions", "users", "operators", "tokens", "access-keys"];
        var seen = new List<string>();
        foreach (var list in lists)
        {
            var items = (await NativeAsync(token, list)).GetProperty("items").EnumerateArray();
            seen.AddRange(items.Select(item => $"{list} {item.GetProperty(list is "users" ? "name" : "id")} {(item.TryGetProperty("revision", out var revision) ? revision : default)}"));
        }

        var tasks = await Ask.Get($"/v2/{ids["tenant"]}/export-tasks?limit=100", await WorkspaceTokenAsync(ofOther: false)).SendAsync(Server.Http);
        seen.AddRange(tasks.Is(200).Json.GetProperty("export_tasks").EnumerateArray().Select(task => $"task {task.GetProperty("task_id")} {task.GetProperty("is_download")}"));
        return string.Join('\n', seen.Order(StringComparer.Ordinal));
    }

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    private async Task<JsonElement> NativeAsync(string token, string list) =>
        (await Ask.Get($"/api/v1/tenants/{ids["tenant"]}/{list}").With("Authorization", "Bearer " + token).SendAsync(Server.Http)).Is(200).Json;

    private async Task FillAsync()
    {
        ids["tenant"] = Server.Bootstrap.TenantId;
        ids["operator"] = Server.Bootstrap.OperatorId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        ids["user name"] = $"anna-{Marker}";
        ids["host name"] = $"host-{Marker}";
        ids["other tenant"] = await Server.Native.AddTenantAsync("other");
        var mallory = await Server.Native.AddOperatorAsync("mallory", Password, "administrator", ids["other tenant"]);
        OtherAgent = (await MakeAsync("tokens", new JsonObject { ["name"] = "agent", ["roles"] = new JsonArray("agent") })).GetProperty("token").GetString()!;
        var key = await MakeAsync("access-keys", new JsonObject { ["operator_id"] = mallory });
        OtherKey = new Signer(key.GetProperty("access_key").GetString()!, key.GetProperty("secret_key").GetString()!, Clock.GetUtcNow());
        ids["secret operator"] = $"{Marker}-helper";
        await Server.Native.AddOperatorAsync(ids["secret operator"], Password, "helpdesk");
        await Server.Native.SendAsync(Sessions());
        await Server.Native.PutUserAsync(ids["user name"], new JsonObject { ["email"] = $"anna@{Marker}.example" });
        ids["workspace token"] = await WorkspaceTokenAsync(ofOther: false);
        var native = await NativeTokenAsync(ofOther: false);
        ids["session"] = First(await NativeAsync(native, "sessions"), "id");
        ids["user"] = First(await NativeAsync(native, "users"), "id");
        ids["token"] = First(await NativeAsync(native, "tokens"), "id");
        ids["access key"] = First(await NativeAsync(native, "access-keys"), "id");
        ids["commvault token"] = await CommvaultTokenAsync(ofOther: false);
        ids["sign-in"] = (await Server.Http.GetAsync("Session", ids["commvault token"])).Sessions[0].GetProperty("sessionId").GetString()!;
        ids["task"] = await ExportAsync();
        ids["schedule"] = await ScheduleAsync(native);
        ids["sealed"] = await SealedAsync();
    }

    /// <summary>Of the other tenant, by its own administrator.</summary>
    private async Task<JsonElement> MakeAsync(string what, JsonObject body) => (await Ask.Post($"/api/v1/tenants/{ids["other tenant"]}/{what}", body.ToJsonString())
        .With("Authorization", "Bearer " + await NativeTokenAsync(ofOther: true)).SendAsync(Server.Http)).Is(201).Json;

    private static JsonObject[] Sessions()
    {
        var data = () => JsonNode.Parse(
            $$$"""
            {"host":{"name":"host-{{{Marker}}}","sid":"S-1-{{{Marker}}}","ip":"10.2.0.17","group_id":"g-{{{Marker}}}","group_name":"{{{Marker}}} group"},
             "user":"anna-{{{Marker}}}","os_session_id":"3","kind":"application","protocol":"RDP","app_name":"{{{Marker}}}.exe","client":{"name":"pc-{{{Marker}}}"}}
            """)!.AsObject();
        return
        [
            NativeClient.Event("rollcall.session.started", Ten.AddMinutes(-30), data()), NativeClient.Event("rollcall.session.disconnected", Ten.AddMinutes(-20), data()),
            NativeClient.Event("rollcall.session.reconnected", Ten.AddMinutes(-10), data()),
        ];
    }

    private async Task<string> ScheduleAsync(string token)
    {
        var body = $$$"""{"name":"{{{Marker}}} report","cron":"0 6 1 * *","export":{"what":"users"}}""";
        var made = await Ask.Post($"/api/v1/tenants/{ids["tenant"]}/export-schedules", body).With("Authorization", "Bearer " + token).SendAsync(Server.Http);
        return made.Is(201).Json.GetProperty("id").GetString()!;
    }

    private async Task<string> ExportAsync()
    {
        var task = (await Ask.Post($"/v1/{ids["tenant"]}/session/list-sessions/export", "{}", ids["workspace token"]).SendAsync(Server.Http)).Is(200).Json.GetProperty("task_id").GetString()!;
        const int LooksMax = 1000;
        for (var look = 0; look < LooksMax; look++)
        {
            var found = await Ask.Get($"/v2/{ids["tenant"]}/export-tasks?task_id={task}&status=SUCCESS", ids["workspace token"]).SendAsync(Server.Http);
            if (found.Is(200).Json.GetProperty("count").GetInt32() == 1)
                return task;
            await Task.Delay(20);
        }

        throw new TimeoutException("the export did not finish");
    }

    /// <summary>A refusal's sealed reason, of a caller of the victim's.</summary>
    private async Task<string> SealedAsync()
    {
        var helper = (await Ask.Post("/v3/auth/tokens", HuaweiWorkspace.WorkspaceServer.TokenBody(ids["secret operator"], Password, $$$"""{"project":{"id":"{{{ids["tenant"]}}}"}}""")).SendAsync(Server.Http)).Is(201).Header("X-Subject-Token")!;
        var refused = await Ask.Get($"/v2/{ids["tenant"]}/connections/desktops/export", helper).SendAsync(Server.Http);
        return refused.Is(403).Json.GetProperty("encoded_authorization_message").GetString()!;
    }

    private static string First(JsonElement list, string member) => list.GetProperty("items")[0].GetProperty(member).ToString();
}
