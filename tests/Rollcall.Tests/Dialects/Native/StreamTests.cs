using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Dialects.Native.NativeServer;

namespace Rollcall.Tests.Dialects.Native;

/// <summary><c>GET …/stream</c>: every change once, in order, to who may see it, for as long as they may.</summary>
public sealed class StreamTests(StreamServer shared) : IClassFixture<StreamServer>
{
    private static readonly DateTimeOffset Ten = new(2030, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_change_comes_as_the_list_has_the_session()
    {
        using var stream = await OpenAsync("user=streamed-a");
        await shared.SendAsync(Session("started", Ten, "a1", "streamed-a"), Session("disconnected", Ten.AddMinutes(1), "a1", "streamed-a"));
        var first = Assert.Single(await stream.TakeAsync(1));
        await shared.SendAsync(Session("ended", Ten.AddMinutes(2), "a1", "streamed-a"));
        var second = Assert.Single(await stream.TakeAsync(1));

        Assert.Equal(("session", "session"), (first.Name, second.Name));
        Assert.Equal(("disconnected", "ended"), (first.Json.GetProperty("state").GetString(), second.Json.GetProperty("state").GetString()));
        Assert.Equal(Assert.Single(Items(await shared.GetAsync("sessions?user=streamed-a"))).GetRawText(), second.Data);
        Assert.DoesNotContain('\n', second.Data);
    }

    [Fact]
    public async Task It_is_neither_kept_nor_held_back_nor_packed()
    {
        using var stream = await OpenAsync("user=nobody");

        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", stream.Response.Headers.CacheControl?.ToString());
        Assert.Equal("no", Assert.Single(stream.Response.Headers.GetValues("X-Accel-Buffering")));
        Assert.Empty(stream.Response.Content.Headers.ContentEncoding);
        Assert.True(stream.Response.Headers.TransferEncodingChunked);
        Assert.NotNull(stream.Response.Headers.GetValues("X-Request-Id").Single());
    }

    [Fact]
    public async Task Who_sends_the_last_id_again_gets_what_came_after_it_and_nothing_twice()
    {
        string begin;
        using (var stream = await OpenAsync("user=streamed-b"))
            begin = stream.LastId!;
        var names = Enumerable.Range(0, 150).Select(number => $"b{number}").ToList();
        foreach (var chunk in names.Chunk(30))
            await shared.SendAsync([.. chunk.Select(os => Session("started", Ten, os, "streamed-b"))]);

        // Each connection takes a few and breaks off; the last id goes as a browser sends it, or in the address.
        var (seen, last) = (new List<string>(), begin);
        while (seen.Count < names.Count)
        {
            var inAddress = seen.Count % 2 == 0;
            using var stream = inAddress ? await OpenAsync($"user=streamed-b&last_event_id={last}") : await OpenAsync($"user=streamed-b&last_event_id={begin}", last);
            foreach (var one in await stream.TakeAsync(Math.Min(37, names.Count - seen.Count)))
                seen.Add(one.Json.GetProperty("os_session_id").GetString()!);
            last = stream.LastId!;
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        using var after = await OpenAsync("user=streamed-b", last);
        await shared.SendAsync(Session("ended", Ten.AddMinutes(1), "b7", "streamed-b"));
        Assert.Equal(("b7", "ended"), Of(Assert.Single(await after.TakeAsync(1))));
    }

    [Theory]
    [InlineData("7fffffffffff-1")]
    [InlineData("1-1")]
    [InlineData("nonsense")]
    [InlineData("-1--1")]
    [InlineData("ffffffffffffffffff-0")]
    public async Task A_position_that_is_not_kept_or_not_ours_is_told_and_the_stream_goes_on_from_now(string lastEventId)
    {
        await shared.SendAsync(Session("started", Ten, $"before {lastEventId}", "streamed-c"));
        using var stream = await EventStreamClient.ConnectAsync(shared.Server.Http, shared.PathOf("stream?user=streamed-c"), await shared.TokenAsync("auditor"), lastEventId);

        var reset = await stream.NextAsync();
        await shared.SendAsync(Session("started", Ten, $"c{lastEventId.Length}", "streamed-c"));

        Assert.Equal(("reset", """{"reason":"not_kept"}"""), (reset!.Name, reset.Data));
        Assert.Equal(("session", $"c{lastEventId.Length}"), await stream.NextAsync() is { } next ? (next.Name, Of(next).Os) : default);
    }

    [Fact]
    public async Task Who_fell_behind_what_is_kept_is_told()
    {
        await using var own = new NativeServer { Options = new ServerOptions { Ledger = new LedgerOptions { SessionChangesKept = 1000 } } };
        await own.InitializeAsync();
        string begin;
        using (var stream = await EventStreamClient.OpenAsync(own.Server.Http, own.PathOf("stream"), await own.TokenAsync("auditor")))
            begin = stream.LastId!;
        for (var batch = 0; batch < 4; batch++)
            await own.Server.Native.SendAsync([.. Enumerable.Range(batch * 500, 500).Select(number => Session("started", Ten, $"{number}"))]);

        using var again = await EventStreamClient.ConnectAsync(own.Server.Http, own.PathOf("stream"), await own.TokenAsync("auditor"), begin);

        Assert.Equal("reset", (await again.NextAsync())!.Name);
    }

    [Fact]
    public async Task Filters_mean_what_they_mean_in_the_list_and_a_stranger_moves_the_position_on()
    {
        using var stream = await OpenAsync("user=streamed-d&host=rds-07");
        var begin = stream.LastId;
        await shared.SendAsync(Session("started", Ten, "d1", "streamed-other"));
        await shared.SendAsync(Session("started", Ten, "d2", @"CORP\streamed-d"));

        Assert.Equal("d2", Of(Assert.Single(await stream.TakeAsync(1))).Os);
        Assert.NotEqual(begin, stream.LastId);
        (await shared.GetAsync("stream?state=active")).As(400, "malformed", "state");
        (await shared.GetAsync("stream?user=")).As(400, "malformed", "user");
    }

    [Fact]
    public async Task A_session_that_was_joined_with_another_is_told()
    {
        using var stream = await OpenAsync("user=streamed-e");
        await shared.SendAsync(Session("started", Ten, "e1", "streamed-e"));
        await shared.SendAsync(From("disconnected", Ten.AddMinutes(5), "e1", "import://e"));
        await shared.SendAsync(From("started", Ten, "e1", "import://e"));

        // The second session may be gone before it is read; then nothing but its end is told.
        StreamedEvent? told;
        while ((told = await stream.NextAsync()) is { Name: not "joined" })
            Assert.Equal("session", told.Name);
        var joined = told!.Json;

        Assert.Equal(Assert.Single(Items(await shared.GetAsync("sessions?user=streamed-e"))).GetProperty("id").GetString(), joined.GetProperty("joined_id").GetString());
        Assert.NotEqual(joined.GetProperty("joined_id").GetString(), joined.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Who_may_not_list_sessions_gets_no_stream()
    {
        var other = await shared.Server.Native.AddTenantAsync("not streamed");

        (await shared.GetAsync("stream", "agent")).As(403, "not-allowed");
        (await shared.GetAsync("stream", "self")).As(403, "not-allowed");
        (await shared.GetAsync($"/api/v1/tenants/{other}/stream")).As(403, "not-allowed");
        (await Ask.Get(shared.PathOf("stream")).SendAsync(shared.Server.Http)).As(401, "not-signed-in");
        (await shared.SendAsync("POST", "stream", "{}")).As(405, "method");
    }

    [Fact]
    public async Task Silence_is_broken_by_a_comment()
    {
        using var stream = await OpenAsync("user=nobody");
        using var waiting = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var reading = stream.NextAsync();
        while (stream.Comments == 0)
            await Task.Delay(20, waiting.Token);

        Assert.Equal(2000, stream.RetryMs);
        Assert.False(reading.IsCompleted);
    }

    [Fact]
    public async Task A_token_that_is_revoked_ends_the_stream()
    {
        var secret = await shared.Server.Native.AddApiTokenAsync("short-lived", "auditor");
        using var stream = await EventStreamClient.OpenAsync(shared.Server.Http, shared.PathOf("stream?user=nobody"), secret);
        var id = Items(await shared.GetAsync("tokens", "first")).Single(token => token.GetProperty("name").GetString() == "short-lived").GetProperty("id").GetString();

        (await shared.SendAsync("DELETE", $"tokens/{id}", role: "first")).Is(204);

        Assert.Null(await stream.NextAsync());
    }

    [Fact]
    public async Task A_stream_does_not_keep_a_silent_sign_in_alive_and_ends_with_it()
    {
        await using var own = await StreamServer.StartAsync();
        var body = new JsonObject { ["name"] = own.Server.Bootstrap.OperatorName, ["password"] = own.Server.Bootstrap.Password, ["cookie"] = true };
        var signedIn = (await Ask.Post("/api/v1/signin", body.ToJsonString()).SendAsync(own.Server.Http)).Is(200);
        using var request = new HttpRequestMessage(HttpMethod.Get, own.PathOf("stream"));
        request.Headers.Add("Cookie", signedIn.Header("Set-Cookie")!.Split(';')[0]);
        using var answer = await own.Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var rest = answer.Content.ReadAsStringAsync();
        await own.SendAsync(Session("started", Ten, "1"));
        own.Clock.Advance(TimeSpan.FromMinutes(31));

        Assert.Contains("event: session", await rest.WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_readers_than_may_be_are_refused_until_one_leaves()
    {
        await using var own = await StreamServer.StartAsync(perTenant: 2, all: 3);
        var other = await own.Server.Native.AddTenantAsync("two");
        var token = await own.TokenAsync("first");
        using var first = await EventStreamClient.OpenAsync(own.Server.Http, own.PathOf("stream"), token);
        var second = await EventStreamClient.OpenAsync(own.Server.Http, own.PathOf("stream"), token);
        using var others = await EventStreamClient.OpenAsync(own.Server.Http, $"/api/v1/tenants/{other}/stream", token);

        var refused = await own.GetAsync("stream", "first");
        (await own.GetAsync($"/api/v1/tenants/{other}/stream", "first")).As(429, "too-busy");
        second.Dispose();

        refused.As(429, "too-busy");
        Assert.Equal("30", refused.Header("Retry-After"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, own.PathOf("stream")) { Headers = { { "X-Auth-Token", token } } };
            using var answer = await own.Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (answer.IsSuccessStatusCode)
                return;
            await Task.Delay(20, limit.Token);
        }
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_streams_as_answers_end()
    {
        var own = await StreamServer.StartAsync();
        using var http = new HttpClient { BaseAddress = own.Server.BaseAddress };
        using var stream = await EventStreamClient.OpenAsync(http, own.PathOf("stream"), await own.TokenAsync("auditor"));
        var reading = stream.NextAsync();

        await own.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Null(await reading);
    }

    [Fact]
    public async Task Two_hundred_readers_miss_nothing_and_see_nothing_twice()
    {
        const int Readers = 200, Batches = 12, BatchSessions = 10;
        await using var own = await StreamServer.StartAsync();
        var token = await own.TokenAsync("auditor");
        using var http = new HttpClient { BaseAddress = own.Server.BaseAddress };
        var streams = await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => EventStreamClient.OpenAsync(http, own.PathOf("stream"), token)));
        var seen = new ConcurrentBag<string>();

        // Every third breaks off in the middle and comes back.
        var reading = Task.WhenAll(streams.Select((stream, reader) => Task.Run(async () =>
        {
            var first = reader % 3 == 0 ? Batches * BatchSessions / 2 : Batches * BatchSessions;
            var ids = (await stream.TakeAsync(first)).Select(one => Of(one).Os).ToList();
            using var again = first < Batches * BatchSessions ? await EventStreamClient.OpenAsync(http, own.PathOf("stream"), token, stream.LastId) : null;
            if (again is not null)
                ids.AddRange((await again.TakeAsync((Batches * BatchSessions) - first)).Select(one => Of(one).Os));
            seen.Add(string.Join(' ', ids));
        })));
        for (var batch = 0; batch < Batches; batch++)
            await own.SendAsync([.. Enumerable.Range(batch * BatchSessions, BatchSessions).Select(number => Session("started", Ten, $"{number}"))]);
        await reading.WaitAsync(TimeSpan.FromSeconds(60));
        foreach (var stream in streams)
            stream.Dispose();

        Assert.Equal(Readers, seen.Count);
        var told = Assert.Single(seen.Distinct(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(0, Batches * BatchSessions).Select(number => $"{number}").Order(StringComparer.Ordinal), told.Split(' ').Order(StringComparer.Ordinal));
    }

    private static (string Os, string State) Of(StreamedEvent one) =>
        (one.Json.GetProperty("os_session_id").GetString()!, one.Json.GetProperty("state").GetString()!);

    private static JsonObject From(string kind, DateTimeOffset at, string os, string source) =>
        NativeClient.Event($"rollcall.session.{kind}", at, new JsonObject { ["host"] = new JsonObject { ["name"] = "RDS-07" }, ["os_session_id"] = os, ["user"] = "streamed-e" }, source);

    private async Task<EventStreamClient> OpenAsync(string query, string? lastEventId = null) =>
        await EventStreamClient.OpenAsync(shared.Server.Http, shared.PathOf($"stream?{query}"), await shared.TokenAsync("auditor"), lastEventId);
}

/// <summary>A server whose streams give a sign of life every second.</summary>
public sealed class StreamServer : IAsyncLifetime
{
    private NativeServer own = null!;
    private int perTenant = 500, all = 2000;

    internal RunningServer Server => own.Server;

    internal FakeClock Clock => own.Clock;

    internal static async Task<StreamServer> StartAsync(int perTenant = 500, int all = 2000)
    {
        var server = new StreamServer { perTenant = perTenant, all = all };
        await server.InitializeAsync();
        return server;
    }

    public async ValueTask InitializeAsync()
    {
        own = new NativeServer { Options = new ServerOptions { Native = new NativeOptions { StreamBeatSeconds = 1, StreamsPerTenantMax = perTenant, StreamsMax = all } } };
        await own.InitializeAsync();
    }

    public ValueTask DisposeAsync() => own.DisposeAsync();

    internal string PathOf(string path) => own.PathOf(path);

    internal Task<string> TokenAsync(string role) => own.TokenAsync(role);

    internal Task<Answer> GetAsync(string path, string role = "administrator") => own.GetAsync(path, role);

    internal Task<Answer> SendAsync(string method, string path, string? body = null, string role = "administrator") => own.SendAsync(method, path, body, role);

    internal Task SendAsync(params JsonObject[] events) => own.Server.Native.SendAsync(events);
}
