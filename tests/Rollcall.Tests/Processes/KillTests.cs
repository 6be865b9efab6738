using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>kill -9 at the worst moment: what was acknowledged is there, what was promised is done, nothing partial is shown.</summary>
public sealed class KillTests
{
    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(1)]
    public Task No_acknowledged_event_is_lost_when_the_server_is_killed_during_ingest(int rounds) => KillDuringIngestAsync(rounds);

    [Theory, InlineData(10), Trait("Category", "Long")]
    public Task No_acknowledged_event_is_lost_in_many_rounds(int rounds) => KillDuringIngestAsync(rounds);

    [Theory, InlineData(1)]
    public Task An_export_that_was_killed_is_finished_after_the_restart(int rounds) => KillDuringExportAsync(rounds, sessions: 3_000);

    [Theory, InlineData(5), Trait("Category", "Long")]
    public Task Exports_that_were_killed_again_and_again_are_finished(int rounds) => KillDuringExportAsync(rounds, sessions: 20_000);

    private static async Task KillDuringIngestAsync(int rounds)
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        var acknowledged = 0;
        var sent = 0;
        for (var round = 0; round < rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var killAfter = acknowledged + 400 + (37 * round);
            var killer = Task.CompletedTask;
            while (!stop.IsCancellationRequested)
            {
                var batch = Batch(sent, count: 50);
                sent += 50;
                if (acknowledged >= killAfter && killer.IsCompleted)
                    killer = Task.Run(() => { server.Kill(); stop.Cancel(); });
                acknowledged += await TrySendAsync(server, batch);
            }

            await killer;
            await server.RestartAsync();
            var stored = await CountAsync(server);
            Assert.InRange(stored, acknowledged, sent);

            // Sending all of it again adds only what was never stored: nothing twice, nothing missing.
            for (var first = 0; first < sent; first += 1_000)
                await TrySendAsync(server, Batch(first, Math.Min(1_000, sent - first)));
            Assert.Equal(sent, await CountAsync(server));
            acknowledged = sent;
        }
    }

    private static async Task KillDuringExportAsync(int rounds, int sessions)
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        for (var first = 0; first < sessions; first += 1_000)
            Assert.Equal(1_000, await TrySendAsync(server, Batch(first, 1_000)));

        for (var round = 0; round < rounds; round++)
        {
            var window = JsonContent.Create(new JsonObject { ["query_begin_time"] = "2025-01-01T00:00:00Z", ["query_end_time"] = "2025-01-30T00:00:00Z" });
            var started = await server.WorkspaceJsonAsync(HttpMethod.Post, "/v1/{p}/session/list-sessions/export", window);
            var id = started.GetProperty("task_id").GetString()!;
            server.Kill();
            await server.RestartAsync();

            await AssertNothingPartialAsync(server, id, sessions);
            var task = await server.FinishedTaskAsync(id, TimeSpan.FromMinutes(2));
            Assert.Equal("SUCCESS", task.GetProperty("status").GetString());
            using var file = await server.WorkspaceAsync(HttpMethod.Get, $"/v2/{{p}}/export-tasks/{id}/download");
            await AssertWholeAsync(file, sessions);
        }

        Assert.Empty(Directory.GetFiles(folder.File("data/exports"), "*.part", SearchOption.AllDirectories));
    }

    /// <summary>Either the whole file, or a refusal that says it is not ready.</summary>
    private static async Task AssertNothingPartialAsync(ServerProcess server, string id, int sessions)
    {
        using var answer = await server.AskWorkspaceAsync(HttpMethod.Get, $"/v2/{{p}}/export-tasks/{id}/download");
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            await AssertWholeAsync(answer, sessions);
            return;
        }

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("CREATING", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task AssertWholeAsync(HttpResponseMessage file, int sessions)
    {
        var sheet = Assert.Single(OpenXmlReading.Read(await file.Content.ReadAsByteArrayAsync()));
        Assert.Equal(sessions + 1, sheet.Rows.Count);
    }

    /// <summary>How many events of the batch the server acknowledged; 0 when it died before it answered.</summary>
    private static async Task<int> TrySendAsync(ServerProcess server, JsonArray batch)
    {
        try
        {
            using var answer = await server.SendEventsAsync(batch);
            var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(0, receipt.GetProperty("rejected").GetArrayLength());
            return receipt.GetProperty("accepted").GetInt32() + receipt.GetProperty("duplicate").GetInt32();
        }
        catch (Exception fault) when (IsLostConnection(fault))
        {
            return 0;
        }
    }

    /// <summary>A connection that is refused or reset between two of its steps comes out of HttpClient unwrapped: as an error of the socket or the stream.</summary>
    private static bool IsLostConnection(Exception fault) => fault is HttpRequestException or SocketException or IOException;

    private static async Task<long> CountAsync(ServerProcess server)
    {
        var page = await server.WorkspaceJsonAsync(
            HttpMethod.Get, "/v1/{p}/session/list-sessions?limit=1&query_begin_time=2024-01-01T00:00:00Z&query_end_time=2026-01-01T00:00:00Z");
        return page.GetProperty("count").GetInt64();
    }

    /// <summary>One session an event, so that sessions count events.</summary>
    private static JsonArray Batch(int first, int count) => [.. Enumerable.Range(first, count).Select(number => NativeClient.Event(
        "rollcall.session.started",
        Start.AddSeconds(number),
        new JsonObject
        {
            ["host"] = new JsonObject { ["name"] = $"RDS-{number % 50:D2}" },
            ["os_session_id"] = number.ToString(),
            ["user"] = $"user{number % 300}",
        }, id: $"event-{number}"))];
}
