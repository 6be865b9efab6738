using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Backups;

/// <summary>Backups of a real server that goes on taking events, and servers started on what was restored.</summary>
public sealed class BackupTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_backup_of_a_server_that_takes_events_has_every_event_that_was_acknowledged_before_it_began()
    {
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        using var enough = new CancellationTokenSource();
        var sent = 0;
        var load = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await SendAsync(server, Volatile.Read(ref sent), count: 50);
                Interlocked.Add(ref sent, 50);
            }
        });
        await WaitForAsync(() => Volatile.Read(ref sent) >= 500);
        var acknowledged = Volatile.Read(ref sent);

        var printed = await LedgerCommand.MustAsync("backup", folder.File("backup"), "--data", folder.File("data"));
        await WaitForAsync(() => Volatile.Read(ref sent) > acknowledged + 200);
        await enough.CancelAsync();
        await load;
        await LedgerCommand.MustAsync("verify", folder.File("backup"));
        await LedgerCommand.MustAsync("verify", "--data", folder.File("data"));

        Assert.Contains(" 1 tenant,", printed, StringComparison.Ordinal);
        Assert.Contains("restored as of", await LedgerCommand.MustAsync("restore", folder.File("backup"), "--data", folder.File("again")), StringComparison.Ordinal);
        File.Copy(folder.File("data/bootstrap.json"), folder.File("again/bootstrap.json"));
        await using var restored = await ServerProcess.StartAsync(folder.File("again"));
        var count = await CountAsync(restored);
        Assert.InRange(count, acknowledged, sent);
        Assert.Equal(0, count % 50); // batches are transactions
        Assert.Equal(await FirstSessionsAsync(server), await FirstSessionsAsync(restored));

        // What came after its instant is taken again, and nothing twice.
        for (var first = 0; first < sent; first += 50)
            await SendAsync(restored, first, count: 50);
        Assert.Equal(sent, await CountAsync(restored));
    }

    [Fact]
    public async Task Secrets_that_the_server_sealed_open_after_a_restore()
    {
        await using (var server = await ServerProcess.StartAsync(folder.File("data")))
        {
            await SendAsync(server, 0, count: 10);
            await LedgerCommand.MustAsync("backup", folder.File("backup"), "--data", folder.File("data"));
        }

        await LedgerCommand.MustAsync("restore", folder.File("backup"), "--data", folder.File("again"));

        Assert.Equal(File.ReadAllBytes(folder.File("data/server.key")), File.ReadAllBytes(folder.File("again/server.key")));
        Assert.False(File.Exists(folder.File("backup/bootstrap.json"))); // passwords in the clear
        Assert.All((string[])["backup/server.key", "backup/ledger.db", "backup/manifest.json", "again/ledger.db"], name =>
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(folder.File(name)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Finished_exports_are_in_a_backup_when_asked_for(bool areAsked)
    {
        await using (var server = await ServerProcess.StartAsync(folder.File("data")))
        {
            await SendAsync(server, 0, count: 10);
            var window = JsonContent.Create(new JsonObject { ["query_begin_time"] = "2025-01-01T00:00:00Z", ["query_end_time"] = "2025-01-30T00:00:00Z" });
            var task = await server.WorkspaceJsonAsync(HttpMethod.Post, "/v1/{p}/session/list-sessions/export", window);
            await server.FinishedTaskAsync(task.GetProperty("task_id").GetString()!, TimeSpan.FromMinutes(1));
            await LedgerCommand.MustAsync([.. (string[])["backup", folder.File("backup"), "--data", folder.File("data")], .. areAsked ? (string[])["--exports"] : []]);
        }

        await LedgerCommand.MustAsync("restore", folder.File("backup"), "--data", folder.File("again"));

        Assert.Equal(areAsked ? 1 : 0, Directory.GetFiles(folder.File("again/exports"), "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task A_backup_killed_on_its_way_leaves_nothing_that_looks_complete()
    {
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        for (var first = 0; first < 20_000; first += 1_000)
            await SendAsync(server, first, count: 1_000);

        var kills = 0;
        for (var round = 0; round < 8; round++)
        {
            var destination = folder.File($"backup-{round}");
            using var backup = LedgerCommand.Start("backup", destination, "--data", folder.File("data"));
            await WaitForAsync(() => backup.HasExited || Directory.Exists(destination + ".part"));
            await Task.Delay(round * 8, CancellationToken.None); // another place of its way each time
            backup.Kill();
            await backup.WaitForExitAsync(CancellationToken.None);
            if (Directory.Exists(destination))
            {
                await LedgerCommand.MustAsync("verify", destination);
                continue;
            }

            kills++;
            Assert.Contains("is no", await LedgerCommand.RefusedAsync("restore", destination + ".part", "--data", folder.File("again")), StringComparison.Ordinal);
            await LedgerCommand.MustAsync("backup", destination, "--data", folder.File("data"));
            Assert.False(Directory.Exists(destination + ".part"));
        }

        Assert.True(kills > 0, "no backup was killed before it was done");
    }

    [Fact]
    public async Task Nothing_is_overwritten_and_every_refusal_says_why()
    {
        await using (var server = await ServerProcess.StartAsync(folder.File("data")))
            await SendAsync(server, 0, count: 10);
        Directory.CreateDirectory(folder.File("taken"));
        Directory.CreateDirectory(folder.File("other.part"));
        File.WriteAllText(folder.File("other.part/letter.txt"), "mine");
        await LedgerCommand.MustAsync("backup", folder.File("backup"), "--data", folder.File("data"));

        Assert.Contains("is there already", await LedgerCommand.RefusedAsync("backup", folder.File("taken"), "--data", folder.File("data")), StringComparison.Ordinal);
        Assert.Contains("is in the way", await LedgerCommand.RefusedAsync("backup", folder.File("other"), "--data", folder.File("data")), StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("other.part/letter.txt")));
        Assert.Contains("There is no folder", await LedgerCommand.RefusedAsync("backup", folder.File("no/where"), "--data", folder.File("data")), StringComparison.Ordinal);
        Assert.Contains("lies in the data folder", await LedgerCommand.RefusedAsync("backup", folder.File("data/backup"), "--data", folder.File("data")), StringComparison.Ordinal);
        Assert.Contains("lies in the data folder", await LedgerCommand.RefusedAsync("backup", folder.File("data/backup"), "--data", folder.File("data") + "/"), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("backup/unfinished.lock")));
        Assert.Contains("There is no ledger in", await LedgerCommand.RefusedAsync("backup", folder.File("new"), "--data", folder.File("taken")), StringComparison.Ordinal);
        Assert.Contains("has a ledger already", await LedgerCommand.RefusedAsync("restore", folder.File("backup"), "--data", folder.File("data")), StringComparison.Ordinal);
        Assert.Contains("is no backup", await LedgerCommand.RefusedAsync("restore", folder.File("taken"), "--data", folder.File("again")), StringComparison.Ordinal);
        Assert.Contains("There is no folder", await LedgerCommand.RefusedAsync("verify", folder.File("nowhere")), StringComparison.Ordinal);
        Assert.Contains("verified with --data", await LedgerCommand.RefusedAsync("verify", folder.File("data")), StringComparison.Ordinal);
        Assert.Contains("There is no ledger at", await LedgerCommand.RefusedAsync("verify", "--data", folder.File("taken")), StringComparison.Ordinal);
        Assert.Equal(2, (await LedgerCommand.RunAsync("backup", "--data", folder.File("data"))).ExitCode);
        Assert.Equal(2, (await LedgerCommand.RunAsync("verify", folder.File("backup"), folder.File("data"))).ExitCode);
    }

    [Fact]
    public async Task A_server_does_not_start_beside_a_restore_that_was_not_finished()
    {
        Directory.CreateDirectory(folder.File("data"));
        File.WriteAllText(folder.File("data/ledger.db.restoring"), "half");

        var (code, said) = await ListeningProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), "--data", folder.File("data"));

        Assert.Equal(2, code);
        Assert.Contains("was not finished", said, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("data/ledger.db")));
    }

    private static async Task SendAsync(ServerProcess server, int first, int count)
    {
        JsonArray batch = [.. Enumerable.Range(first, count).Select(number => NativeClient.Event(
            "rollcall.session.started",
            Start.AddSeconds(number),
            new JsonObject
            {
                ["host"] = new JsonObject { ["name"] = $"RDS-{number % 50:D2}" },
                ["os_session_id"] = number.ToString(),
                ["user"] = $"user{number % 300}",
            }, id: $"event-{number}"))];
        using var answer = await server.SendEventsAsync(batch);
        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(count, receipt.GetProperty("accepted").GetInt32() + receipt.GetProperty("duplicate").GetInt32());
    }

    private static async Task<long> CountAsync(ServerProcess server)
    {
        var page = await server.WorkspaceJsonAsync(
            HttpMethod.Get, "/v1/{p}/session/list-sessions?limit=1&query_begin_time=2024-01-01T00:00:00Z&query_end_time=2026-01-01T00:00:00Z");
        return page.GetProperty("count").GetInt64();
    }

    /// <summary>Those that were acknowledged before any backup, without what the clock changes in them.</summary>
    private static async Task<string> FirstSessionsAsync(ServerProcess server)
    {
        var page = await server.WorkspaceJsonAsync(
            HttpMethod.Get, "/v1/{p}/session/list-sessions?limit=100&query_begin_time=2025-01-07T09:00:00Z&query_end_time=2025-01-07T09:08:00Z");
        return string.Join('\n', page.GetProperty("items").EnumerateArray().Select(session => string.Join(',', session.EnumerateObject()
            .Where(member => member.Name is not "status_continue_time").Select(member => $"{member.Name}={member.Value}"))));
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
            await Task.Delay(5, limit.Token);
    }
}
