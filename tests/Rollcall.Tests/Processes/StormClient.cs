using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>What a session must be like in the end; times in milliseconds since 1970.</summary>
internal sealed record ToldSession(SessionState State, long StartedMs, long? EndedMs);

/// <summary>
/// A source that sends batch after batch and each again until it is acknowledged, as the agent does. A session's events are spread over two batches;
/// now and then a host appears that is heard of once and never again.
/// </summary>
internal sealed class StormClient(HttpClient http, string tenant, string agentToken, int number)
{
    private const int SessionsOfBlock = 10, QuietEvery = 25, TwiceEvery = 7, QuietLeaseSeconds = 5;

    /// <summary>Our choice: longer than a start of the server takes on a busy machine, many times over.</summary>
    private static readonly TimeSpan AcknowledgedWithin = TimeSpan.FromMinutes(2);

    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    /// <summary>By the session's number at its host, which no two have.</summary>
    public Dictionary<string, ToldSession> Told { get; } = new(StringComparer.Ordinal);

    /// <summary>Events of which each is in the ledger once, if all is well; beats are none.</summary>
    public int Events { get; private set; }

    /// <summary>Hosts that went silent: of each the server writes one judgement.</summary>
    public int QuietHosts { get; private set; }

    /// <summary>Answers that were no receipt, or none at all.</summary>
    public int Failures { get; private set; }

    public async Task RunAsync(CancellationToken enough)
    {
        List<JsonObject> rest = [];
        for (var block = 0; !enough.IsCancellationRequested; block++)
        {
            List<JsonObject> batch = [.. rest];
            rest = [];
            for (var session = block * SessionsOfBlock; session < (block + 1) * SessionsOfBlock; session++)
                AddSession($"{number}-{session}", session, batch, rest);
            Events += batch.Count;
            if (block % QuietEvery == 0)
                AddQuiet($"{number}-quiet-{block}", batch);
            await SendAsync(batch, times: block % TwiceEvery == 0 ? 2 : 1);
        }

        Events += rest.Count;
        await SendAsync(rest, times: 1);
    }

    private void AddSession(string os, int session, List<JsonObject> now, List<JsonObject> later)
    {
        var (host, at) = ($"RDS-{session % 11}", Start.AddSeconds(session));
        now.Add(EventOf("started", at, host, os));
        if (session % 4 >= 2)
            later.Add(EventOf("disconnected", at.AddMinutes(10), host, os));
        if (session % 4 == 3)
            later.Add(EventOf("reconnected", at.AddMinutes(20), host, os));
        var ends = session % 4 is 0 or 3;
        if (ends)
            later.Add(EventOf("ended", at.AddMinutes(30), host, os));
        Told[os] = new ToldSession(
            ends ? SessionState.Ended : session % 4 == 2 ? SessionState.Disconnected : SessionState.Active,
            at.ToUnixTimeMilliseconds(),
            ends ? at.AddMinutes(30).ToUnixTimeMilliseconds() : null);
    }

    /// <summary>Ends at the beat whose roster names it, the last proof of life.</summary>
    private void AddQuiet(string os, List<JsonObject> batch)
    {
        batch.Add(EventOf("started", Start, $"QUIET-{os}", os));
        batch.Add(NativeClient.Event(
            "rollcall.host.beat",
            Start.AddMinutes(1),
            new JsonObject
            {
                ["host"] = new JsonObject { ["name"] = $"QUIET-{os}" },
                ["lease_seconds"] = QuietLeaseSeconds,
                ["roster"] = new JsonArray(new JsonObject { ["os_session_id"] = os, ["user"] = UserOf(os) }),
            },
            id: $"{os}-beat"));
        Told[os] = new ToldSession(SessionState.Ended, Start.ToUnixTimeMilliseconds(), Start.AddMinutes(1).ToUnixTimeMilliseconds());
        Events += 1;
        QuietHosts++;
    }

    private JsonObject EventOf(string kind, DateTimeOffset at, string host, string os) => NativeClient.Event(
        $"rollcall.session.{kind}",
        at,
        new JsonObject { ["host"] = new JsonObject { ["name"] = host }, ["os_session_id"] = os, ["user"] = UserOf(os) },
        source: $"storm://{number % 2}",
        id: $"{os}-{kind}");

    private static string UserOf(string os) => $"user{os.Length * 7 % 30}";

    /// <param name="times">Two: the same batch twice at once, as a source does that lost patience with the first.</param>
    private async Task SendAsync(List<JsonObject> batch, int times)
    {
        var body = new JsonArray([.. batch]).ToJsonString();
        using var limit = new CancellationTokenSource(AcknowledgedWithin);
        while (!(await Task.WhenAll(Enumerable.Range(0, times).Select(_ => TrySendAsync(body, batch.Count, limit.Token)))).Contains(true))
        {
            Failures++;
            await Task.Delay(50, limit.Token);
        }
    }

    private async Task<bool> TrySendAsync(string body, int count, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/tenants/{tenant}/events");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", agentToken);
        request.Content = new StringContent(body, new MediaTypeHeaderValue("application/cloudevents-batch+json"));
        try
        {
            using var answer = await http.SendAsync(request, cancel);
            if (answer.StatusCode is not HttpStatusCode.OK)
            {
                Assert.True((int)answer.StatusCode is 429 or >= 502, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancel)}");
                return false;
            }

            var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
            Assert.Equal(count, receipt.GetProperty("accepted").GetInt32() + receipt.GetProperty("duplicate").GetInt32());
            return true;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or System.Net.Sockets.SocketException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
