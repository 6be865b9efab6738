using System.Diagnostics.Metrics;
using System.Globalization;
using Rollcall.Server.Configuration;
using Rollcall.Server.Metrics;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Dialects.Native.NativeServer;

namespace Rollcall.Tests.Metrics;

/// <summary><c>GET /metrics</c>: what Prometheus reads, for who may.</summary>
public sealed class MetricsTests
{
    private const string Token = "a token of some length";

    private static readonly DateTimeOffset Eight = new(2030, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_is_counted_is_what_was_sent()
    {
        await using var server = await StartAsync();
        var before = await ReadAsync(server);
        await server.Server.Native.SendAsync(
            Session("initializing", Eight, "1"), Session("started", Eight, "2"), Session("started", Eight, "3"), Session("disconnected", Eight.AddMinutes(1), "3"),
            Session("failed", Eight, "4"), Session("started", Eight, "5"), Session("ended", Eight.AddMinutes(2), "5"));
        var again = Session("started", Eight, "6");
        await server.Server.Native.SendAsync(again);
        var sent = await server.SendAsync("POST", "events", $"[{again.ToJsonString()},{{}}]", "agent", BatchType);
        (await server.GetAsync("sessions?limit=1")).Is(200);
        (await server.GetAsync("sessions?limit=0")).Is(400);
        (await server.GetAsync("/no/such/path")).Is(404);
        using var waiting = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        var seen = await ReadAsync(server);
        // Counts of the whole ledger are some seconds old at most.
        while (ValueOf(seen, "rollcall_sessions_open", "state=active") != 2)
        {
            await Task.Delay(100, waiting.Token);
            seen = await ReadAsync(server);
        }

        sent.Is(200);
        Assert.Equal([0.0, 0.0, 0.0], Outcomes(before));
        Assert.Equal([8.0, 1.0, 1.0], Outcomes(seen));
        Assert.Equal((0, 4), (ValueOf(before, "rollcall_logons_total"), ValueOf(seen, "rollcall_logons_total")));
        Assert.Equal(1, ValueOf(seen, "rollcall_logon_failures_total"));
        Assert.Equal((1, 1), (ValueOf(seen, "rollcall_sessions_open", "state=initializing"), ValueOf(seen, "rollcall_sessions_open", "state=disconnected")));
        Assert.Equal((0, 0), (ValueOf(seen, "rollcall_exports_unfinished", "state=queued"), ValueOf(seen, "rollcall_exports_unfinished", "state=running")));
        Assert.Equal((1, 0), (ValueOf(seen, "rollcall_store_up"), ValueOf(seen, "rollcall_streams_open")));
        Assert.Equal(1, RequestsOf(seen, "/api/v1/tenants/{tenant}/sessions", "GET", 200));
        Assert.Equal(1, RequestsOf(seen, "/api/v1/tenants/{tenant}/sessions", "GET", 400));
        Assert.Equal(1, RequestsOf(seen, string.Empty, "GET", 404));
        Assert.InRange(ValueOf(seen, "process_start_time_seconds"), 1_700_000_000, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1);
    }

    [Fact]
    public async Task Late_events_are_counted_and_streams_while_they_are_open()
    {
        await using var server = await StartAsync();
        await server.Server.Native.SendAsync(Session("started", server.Clock.GetUtcNow(), "1"));
        server.Clock.Advance(TimeSpan.FromHours(1));
        await server.Server.Native.SendAsync(Session("disconnected", server.Clock.GetUtcNow().AddMinutes(-30), "1"));
        using var stream = await EventStreamClient.OpenAsync(server.Server.Http, server.PathOf("stream"), await server.TokenAsync("auditor"));

        var seen = await ReadAsync(server);

        Assert.Equal((1, 1), (ValueOf(seen, "rollcall_events_late_total"), ValueOf(seen, "rollcall_streams_open")));
    }

    [Fact]
    public async Task It_is_closed_to_all_but_the_servers_administrator_and_who_knows_the_token()
    {
        await using var server = await StartAsync();
        await using var without = await NativeServer.StartAsync();
        (await Ask.Get("/metrics").SendAsync(server.Server.Http)).As(401, "not-signed-in");
        (await Ask.Get("/metrics").With("Authorization", "Bearer ").SendAsync(without.Server.Http)).As(401, "not-signed-in");
        (await Ask.Get("/metrics").With("Authorization", $"Bearer {Token}x").SendAsync(server.Server.Http)).As(401, "not-signed-in");
        (await Ask.Get("/metrics").With("Authorization", $"Bearer {Token}").SendAsync(without.Server.Http)).As(401, "not-signed-in");
        foreach (var role in (string[])["administrator", "auditor", "agent"])
            (await server.GetAsync("/metrics", role)).As(403, "not-allowed");

        var answer = (await server.GetAsync("/metrics", "first")).Is(200);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.ContentType);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.DoesNotContain(server.Tenant, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("a token of some", ServerConfiguration.Describe(server.Options!), StringComparison.Ordinal);
        Assert.Throws<SettingException>(() => ServerConfiguration.Read(["--Metrics:Token", "short"]));
    }

    [Fact]
    public void Labels_and_help_are_escaped_and_sums_are_those_of_what_was_measured()
    {
        using var meter = new Meter("test");
        var series = new InstrumentSeries(meter.CreateHistogram<double>("a.b", "s", "it's a \\ and a\nline"), ["http.route"]);
        foreach (var (route, seconds) in ((string, double)[])[("/\"quoted\"\\n\n{x}", 0.005), ("/\"quoted\"\\n\n{x}", 0.006), ("/\"quoted\"\\n\n{x}", 11), ("", 0.1)])
            series.Record(seconds, [KeyValuePair.Create("http.route", (object?)route), KeyValuePair.Create("other", (object?)"left out")]);
        var text = new MetricsText();
        text.Write(series);

        var family = Assert.Single(PrometheusText.Read(text.ToString()));

        Assert.Equal(("a_b_seconds", "histogram", @"it's a \\ and a\nline"), (family.Name, family.Type, family.Help));
        Assert.Equal([0.1, 11.011], family.Samples.Where(sample => sample.Name == "a_b_seconds_sum").Select(sample => sample.Value));
        var quoted = family.Samples.Where(sample => sample.Labels["http_route"] == "/\"quoted\"\\n\n{x}").ToList();
        Assert.Equal([1, 2, 2, 3], ((string[])["0.005", "0.01", "10", "+Inf"]).Select(le => quoted.Single(sample => sample.Labels.GetValueOrDefault("le") == le).Value));
    }

    [Fact]
    public void Whatever_is_measured_makes_a_bounded_number_of_series()
    {
        using var meter = new Meter("test");
        var series = new InstrumentSeries(meter.CreateCounter<long>("a.b"), ["outcome"]);
        for (var number = 0; number < 5_000; number++)
            series.Record(1, [KeyValuePair.Create("outcome", (object?)number.ToString(CultureInfo.InvariantCulture))]);

        Assert.Equal(2_001, series.All.Count);
        Assert.Equal(5_000, series.All.Sum(one => one.Read().Sum));
    }

    private static async Task<NativeServer> StartAsync()
    {
        var server = new NativeServer { Options = new ServerOptions { Metrics = new MetricsOptions { Token = Token } } };
        await server.InitializeAsync();
        return server;
    }

    private static async Task<IReadOnlyList<Family>> ReadAsync(NativeServer server) =>
        PrometheusText.Read((await Ask.Get("/metrics").With("Authorization", $"Bearer {Token}").SendAsync(server.Server.Http)).Is(200).Text);

    private static IEnumerable<double> Outcomes(IReadOnlyList<Family> families) =>
        ((string[])["accepted", "duplicate", "rejected"]).Select(outcome => ValueOf(families, "rollcall_events_total", $"outcome={outcome}"));

    private static double ValueOf(IReadOnlyList<Family> families, string name, string labels = "") =>
        Assert.Single(families, family => family.Name == name).Samples.SingleOrDefault(sample => sample.Without("") == labels)?.Value ?? -1;

    private static double RequestsOf(IReadOnlyList<Family> families, string route, string method, int status) => Assert.Single(
        Assert.Single(families, family => family.Name == "http_server_request_duration_seconds").Samples,
        sample => sample.Name.EndsWith("_count", StringComparison.Ordinal) && sample.Labels["http_route"] == route
            && sample.Labels["http_request_method"] == method && sample.Labels["http_response_status_code"] == $"{status}").Value;
}
