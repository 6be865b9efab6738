using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Cli.Sample;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;
using Rollcall.Core.Users;
using Rollcall.Tests.Storage;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Backups.Moves;

/// <summary>An embedded ledger with something in every table, made by what a server does: three tenants, random events, operators, users, exports, retention.</summary>
internal sealed class FilledLedger
{
    /// <summary>Texts that one of the engines cannot keep as they are, or would take for another.</summary>
    private static readonly string[] Hostile = ["a\0", "\0", "a\u0001\u0002\u0003", "\u0001", "half \ud800 pair", "李雷", "e\u0301", "\"quoted\"; DROP TABLE events; --", "\\x00", "\t,\r\n"];

    private FilledLedger(string folder, string password, IReadOnlyList<string> tenants, IReadOnlyList<string> exports) =>
        (Folder, Password, Tenants, Exports) = (folder, password, tenants, exports);

    public static FakeClock Clock { get; } = new(RandomLedger.Now);

    public string Folder { get; }

    /// <summary>The first administrator's.</summary>
    public string Password { get; }

    public IReadOnlyList<string> Tenants { get; }

    /// <summary>Paths of finished exports.</summary>
    public IReadOnlyList<string> Exports { get; }

    public static async Task<FilledLedger> MakeAsync(string folder, int seed)
    {
        await using var server = await RunningServer.StartOnAsync(folder, clock: Clock);
        string[] tenants = [server.Bootstrap.TenantId, await server.Native.AddTenantAsync("二"), await server.Native.AddTenantAsync("drei ß")];
        var random = new SplitMix64((ulong)seed);
        foreach (var tenant in tenants)
            await FillAsync(server, TenantId.Parse(tenant), random);
        await FillDirectoryAsync(server);
        await CutAsync(server, TenantId.Parse(tenants[0]), Nine.AddMinutes(200));
        await CutAsync(server, TenantId.Parse(tenants[2]), RandomLedger.Now.AddHours(1));
        return new FilledLedger(folder, server.Bootstrap.Password, tenants, [await ExportAsync(server, "sessions"), await ExportAsync(server, "connections")]);
    }

    /// <summary>More of the same, as arrives later: some of it changes what is there.</summary>
    public static async Task AppendAsync(RunningServer server, IReadOnlyList<string> tenants, int seed)
    {
        var random = new SplitMix64((ulong)seed);
        foreach (var tenant in tenants)
        {
            List<LedgerEvent> events = [.. RandomLedger.Logons(random, 40).Select(e => e with { Id = $"later-{seed}-{e.Id}" })];
            var receipt = await server.Services.GetRequiredService<IEventLog>().AppendAsync(TenantId.Parse(tenant), events, default);
            Assert.Equal(events.Count, receipt.Accepted);
        }
    }

    /// <summary>Somewhere else, as it is now; nobody may be using it.</summary>
    public FilledLedger CopyTo(string folder)
    {
        foreach (var path in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(folder, Path.GetRelativePath(Folder, path));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(path, to);
        }

        return new FilledLedger(folder, Password, Tenants, Exports);
    }

    /// <summary>What the server answers, request by request, where the answer is the ledger's alone.</summary>
    public async Task<IReadOnlyList<string>> AnswersAsync(RunningServer server)
    {
        var token = (await Ask.Post("/api/v1/signin", new JsonObject { ["name"] = "admin", ["password"] = Password }.ToJsonString()).SendAsync(server.Http)).Is(200).Json.GetProperty("token").GetString();
        var answers = new List<string>();
        foreach (var path in Tenants.SelectMany(PathsOf).Concat(Exports).Append("/api/v1/tenants").Append("/api/v1/me"))
            answers.Add($"{path}: {(await Ask.Get(path, token).SendAsync(server.Http)).Is(200).Text}");
        return answers;
    }

    /// <summary>What the server gives out as the files of <see cref="Exports"/>, in order.</summary>
    public async Task<IReadOnlyList<byte[]>> FilesAsync(RunningServer server)
    {
        var token = await server.Native.TokenAsync();
        var files = new List<byte[]>();
        foreach (var path in Exports)
            files.Add((await Ask.Get($"{path}/file", token).SendAsync(server.Http)).Is(200).Bytes);
        return files;
    }

    private static IEnumerable<string> PathsOf(string tenant) => ((string[])[
        "sessions?limit=1000", "sessions?limit=5&host=RDS-3&as_known_at=2030-01-08T00:00:00Z", "connections?limit=1000", "users?limit=1000", "operators", "tokens", "access-keys",
        "signins?host=console-7", "hosts?limit=1000", "hosts/RDS-07", "host-groups", "health", "retention", "exports", "export-schedules", "stats/summary",
        "stats/concurrency?from=2030-01-07T00:00:00Z&to=2030-01-09T00:00:00Z"]).Select(path => $"/api/v1/tenants/{tenant}/{path}");

    private static async Task FillAsync(RunningServer server, TenantId tenant, SplitMix64 random)
    {
        var log = server.Services.GetRequiredService<IEventLog>();
        await log.AppendAsync(tenant, [Of(EventKind.SessionStarted, -9_000, id: "old 1", os: "old"), Of(EventKind.SessionEnded, -8_999, id: "old 2", os: "old")], default);
        await log.AppendAsync(tenant, RandomLedger.Logons(random, 120), [new RejectedEvent("agent://a", "RDS-07", AheadAt: null), new RejectedEvent(null, null, null)], default);
        foreach (var batch in RandomHistories.Arrivals().Sample(12).SelectMany(arrivals => arrivals))
            await log.AppendAsync(tenant, batch, default);
        await log.AppendAsync(
            tenant,
            [
                Beat(600, [Line("3", "anna")]), Beat(601, [Line("3", "anna")]), Of(EventKind.SignInStarted, 5, id: "console") with
                {
                    Host = new HostFacts { Name = "console-7" }, SignIn = new SignInFacts("anna", 7, 70),
                },
                .. Hostile.Select((text, index) => Of(EventKind.SessionStarted, 700 + index, id: $"hostile {text}", os: $"{index}", user: text) with
                {
                    AppName = text, Host = new HostFacts { Name = $"host {text}", GroupId = text, GroupName = text }, Client = new ClientFacts { Name = text },
                }),
            ],
            default);
        foreach (var joined in (LedgerEvent[])[
                     Of(EventKind.SessionStarted, 1200, os: "joined"), Of(EventKind.SessionDisconnected, 1205, os: "joined", source: "import://b"),
                     Of(EventKind.SessionStarted, 1200, os: "joined", source: "import://b")])
            await log.AppendAsync(tenant, [joined], default);
        await server.Services.GetRequiredService<IUserDirectory>().PutAsync(
            tenant, [.. Hostile.DistinctBy(NameKey.Of).Select(text => new User { Tenant = tenant, Id = Guid.NewGuid().ToString("N"), Name = text, Description = text })], default);
    }

    private static async Task FillDirectoryAsync(RunningServer server)
    {
        await server.Native.AddOperatorAsync("anna", "correct horse", "auditor");
        await server.Native.RemoveOperatorAsync(await server.Native.AddOperatorAsync("bob", null, "helpdesk"));
        await server.Native.AddOperatorAsync("bob", null, "helpdesk");
        await server.Native.AddApiTokenAsync("a token", "agent");
        await server.Native.PutUserAsync("carol", new JsonObject { ["email"] = "carol@example.org" });
        await PostAsync(server, "export-schedules", new JsonObject
        {
            ["name"] = "month", ["cron"] = "0 6 1 * *", ["time_zone"] = "Asia/Shanghai", ["period"] = "last_month", ["export"] = new JsonObject { ["what"] = "sessions", ["format"] = "csv" },
        });
    }

    /// <summary>Retention takes away what ended before, and cuts the chain behind what also arrived before.</summary>
    private static async Task CutAsync(RunningServer server, TenantId tenant, DateTimeOffset before)
    {
        var retention = server.Services.GetRequiredService<IRetention>();
        await retention.SetAsync(tenant, 400, default);
        var run = new RetentionRun(tenant, before, "test", Days: 400, DefaultDays: 0);
        for (RetentionPlace? at = null; at is not { IsDone: true };)
            at = await retention.StepAsync(run, at, default);
    }

    private static async Task<string> ExportAsync(RunningServer server, string what)
    {
        var place = (await PostAsync(server, "exports", new JsonObject { ["what"] = what, ["format"] = "csv" })).Header("Location")!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await Ask.Get(place, await server.Native.TokenAsync()).SendAsync(server.Http)).Is(200).Json.GetProperty("state").GetString() is "queued" or "running")
            await Task.Delay(20, limit.Token);
        return place;
    }

    private static async Task<Answer> PostAsync(RunningServer server, string path, JsonObject body)
    {
        var ask = Ask.Post($"/api/v1/tenants/{server.Bootstrap.TenantId}/{path}", body.ToJsonString(), await server.Native.TokenAsync());
        var answer = await ask.SendAsync(server.Http);
        Assert.True(answer.Status is 201 or 202, answer.Text);
        return answer;
    }
}
