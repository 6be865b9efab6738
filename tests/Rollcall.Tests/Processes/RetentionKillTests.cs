using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>kill -9 in the middle of retention, again and again: what should stay is there, what went is no more taken, and the chain proves the rest.</summary>
public sealed class RetentionKillTests
{
    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(1_000, 1)]
    public Task Nothing_that_should_stay_is_lost_when_the_server_is_killed(int sessions, int kills) => KillAsync(sessions, kills);

    [Theory, InlineData(10_000, 12), Trait("Category", "Long")]
    public Task Nothing_that_should_stay_is_lost_in_many_kills(int sessions, int kills) => KillAsync(sessions, kills);

    private static async Task KillAsync(int sessions, int kills)
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLLCALL_Retention__KeepDays"] = "30", ["ROLLCALL_Retention__PauseMs"] = "20" };
        await using (var filling = await ServerProcess.StartAsync(folder.File("data")))
        {
            for (var first = 0; first < sessions; first += 500)
                await SendAsync(filling, [.. Enumerable.Range(first, 500).SelectMany(number => new[] { Event("started", $"{number}"), Event("ended", $"{number}") })], accepted: 1_000);
            await SendAsync(filling, OpenOnes(), accepted: 50);
        }

        await using var server = await ServerProcess.StartAsync(folder.File("data"), environment);
        for (var kill = 0; kill < kills; kill++)
        {
            var left = await CountAsync(server, "SignedOut");
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (left > 0 && await CountAsync(server, "SignedOut") > left - (60 * (kill + 1)) && !limit.IsCancellationRequested)
                await Task.Delay(5, CancellationToken.None);
            server.Kill();
            await LedgerCommand.MustAsync("verify", "--data", folder.File("data"));
            await server.RestartAsync();
            Assert.Equal(50, await CountAsync(server, "Active"));
        }

        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (await CountAsync(server, "SignedOut") > 0)
            await Task.Delay(50, end.Token);
        await LedgerCommand.MustAsync("verify", "--data", folder.File("data"));
        await SendAsync(server, [.. Enumerable.Range(0, 500).SelectMany(number => new[] { Event("started", $"{number}"), Event("ended", $"{number}") })], accepted: 0);
        await SendAsync(server, OpenOnes(), accepted: 0);
        Assert.Equal(50, await CountAsync(server, "Active"));
    }

    private static JsonArray OpenOnes() => [.. Enumerable.Range(0, 50).Select(number => Event("started", $"open-{number}"))];

    private static JsonNode Event(string kind, string os) => NativeClient.Event(
        $"rollcall.session.{kind}", Start.AddMinutes(kind is "ended" ? 1 : 0),
        new JsonObject { ["host"] = new JsonObject { ["name"] = "RDS-07" }, ["os_session_id"] = os, ["user"] = "anna" }, id: $"{kind}-{os}");

    private static async Task SendAsync(ServerProcess server, JsonArray events, int accepted)
    {
        using var answer = await server.SendEventsAsync(events);
        var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((accepted, events.Count - accepted), (receipt.GetProperty("accepted").GetInt32(), receipt.GetProperty("duplicate").GetInt32()));
    }

    private static async Task<long> CountAsync(ServerProcess server, string state) => (await server.WorkspaceJsonAsync(
        HttpMethod.Get, $"/v1/{{p}}/session/list-sessions?limit=1&session_state={state}&query_begin_time=2024-01-01T00:00:00Z&query_end_time=2026-01-01T00:00:00Z")).GetProperty("count").GetInt64();
}
