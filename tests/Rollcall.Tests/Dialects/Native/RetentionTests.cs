using System.Text.Json;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>How long history is kept, said and shown by the native API, and done by the server.</summary>
public sealed class RetentionTests(NativeServer shared) : IClassFixture<NativeServer>
{
    private const string MetricsToken = "sixteen-characters";

    [Fact]
    public async Task Everything_is_kept_until_an_administrator_says_otherwise()
    {
        var kept = (await shared.GetAsync("retention", "auditor")).Is(200).Json;

        Assert.Equal(JsonValueKind.Null, kept.GetProperty("keep_days").ValueKind);
        Assert.Equal(0, kept.GetProperty("keeps_days").GetInt32());
        Assert.Equal(JsonValueKind.Null, kept.GetProperty("kept_from").ValueKind);
        Assert.Equal(JsonValueKind.Null, (await shared.GetAsync("sessions")).Is(200).Json.GetProperty("limited_by").ValueKind);
        (await shared.SendAsync("PUT", "retention", """{"keep_days":30}""", "auditor")).As(403, "not-allowed");
        (await shared.SendAsync("PUT", "retention", """{"keep_days":30}""", "helpdesk")).As(403, "not-allowed");
        (await shared.GetAsync("retention", "agent")).As(403, "not-allowed");
    }

    [Theory]
    [InlineData("{}", "keep_days"), InlineData("""{"keep_days":-1}""", "keep_days"), InlineData("""{"keep_days":36601}""", "keep_days"), InlineData("""{"keep_days":"30"}""", "keep_days")]
    [InlineData("""{"keep_days":1.5}""", "keep_days"), InlineData("""{"keep_days":30,"events":1}""", "events")]
    public async Task What_is_no_number_of_days_is_refused(string body, string field) =>
        (await shared.SendAsync("PUT", "retention", body)).As(400, "malformed", field);

    [Fact]
    public async Task What_ended_long_ago_goes_and_every_answer_that_it_is_missing_from_says_so()
    {
        await using var own = new NativeServer { Options = new ServerOptions { Retention = new RetentionOptions { PauseMs = 0 }, Metrics = new MetricsOptions { Token = MetricsToken } } };
        await own.InitializeAsync();
        var now = own.Clock.GetUtcNow();
        await own.Server.Native.SendAsync(NativeServer.Session("started", now.AddDays(-90), "1"), NativeServer.Session("started", now.AddDays(-80), "2"));
        await own.Server.Native.SendAsync(NativeServer.Session("ended", now.AddDays(-70), "2"), NativeServer.Session("started", now.AddDays(-1), "3"));
        var gone = NativeServer.Items(await own.GetAsync("sessions?state=ended"))[0].GetProperty("id").GetString();

        await own.SendAsync("PUT", "retention", """{"keep_days":60}""");
        var kept = await FinishedAsync(own, removed: 1);

        Assert.Equal(now.AddDays(-60), kept.GetProperty("kept_from").GetDateTimeOffset());
        Assert.Equal(2, kept.GetProperty("removed").GetProperty("events").GetInt64());
        Assert.NotEqual(JsonValueKind.Null, (await own.GetAsync("health")).Is(200).Json.GetProperty("last_purge").ValueKind);
        Assert.Equal(["3", "1"], NativeServer.Items(await own.GetAsync("sessions")).Select(session => session.GetProperty("os_session_id").GetString()));
        (await own.GetAsync($"sessions/{gone}")).As(404, "not-found");
        Assert.Contains("""rollcall_retention_removed_total{kind="sessions"} 1""", (await Ask.Get("/metrics").With("Authorization", $"Bearer {MetricsToken}").SendAsync(own.Server.Http)).Is(200).Text, StringComparison.Ordinal);

        Assert.Equal("retention: what ended before 2029-12-31T09:00:00.000Z may be gone", await LimitAsync(own, "sessions"));
        Assert.NotNull(await LimitAsync(own, $"sessions?active_at={now.AddDays(-75):yyyy-MM-ddTHH:mm:ssZ}"));
        Assert.NotNull(await LimitAsync(own, $"sessions?host=RDS-07&as_known_at={now.AddDays(-1):yyyy-MM-ddTHH:mm:ssZ}"));
        Assert.Null(await LimitAsync(own, $"sessions?from={now.AddDays(-59):yyyy-MM-ddTHH:mm:ssZ}&to={now:yyyy-MM-ddTHH:mm:ssZ}"));
        Assert.Null(await LimitAsync(own, "sessions?state=active"));
        var (behind, within) = ($"from={now.AddDays(-75):yyyy-MM-ddTHH:mm:ssZ}", $"from={now.AddDays(-59):yyyy-MM-ddTHH:mm:ssZ}");
        foreach (var answer in (string[])["connections", "signins", "stats/concurrency", "stats/summary", "stats/usage"])
        {
            Assert.NotNull(await LimitAsync(own, $"{answer}?{behind}{(answer is "stats/concurrency" ? "&bucket=P1D" : "")}"));
            Assert.Null(await LimitAsync(own, $"{answer}?{within}{(answer is "stats/concurrency" ? "&bucket=P1D" : "")}"));
        }

        Assert.NotNull(await LimitAsync(own, "connections"));
        Assert.NotNull(await LimitAsync(own, "signins"));
        Assert.Null(await LimitAsync(own, "signins?open=true"));
        Assert.NotNull(await LimitAsync(own, $"stats/usage?{within}&not_seen_for=P70D"));
        Assert.Null(await LimitAsync(own, $"stats/usage?{within}&not_seen_for=P50D"));
    }

    private static async Task<string?> LimitAsync(NativeServer server, string path) => (await server.GetAsync(path)).Is(200).Json.GetProperty("limited_by").GetString();

    private static async Task<JsonElement> FinishedAsync(NativeServer server, long removed)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var kept = (await server.GetAsync("retention")).Is(200).Json;
            if (kept.GetProperty("last_finished_at").ValueKind is not JsonValueKind.Null && kept.GetProperty("removed").GetProperty("sessions").GetInt64() == removed)
                return kept;
            await Task.Delay(50, limit.Token);
        }
    }
}
