using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rollcall.Server.Metrics;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Metrics;

/// <summary>Metrics and traces over OTLP, received by a real process of its own kind.</summary>
public sealed class OtlpTests
{
    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_collector_that_the_environment_names_gets_metrics_and_traces_without_names_or_ids()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address.ToString(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "250",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=the-test",
        });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var data = new JsonObject { ["host"] = new JsonObject { ["name"] = "RDS-secret" }, ["os_session_id"] = "1", ["user"] = "anna-secret" };

        while (!collector.SpanNames.Contains("POST /api/v1/tenants/{tenant}/events") || !collector.MetricNames.Contains("http.server.request.duration"))
        {
            (await server.SendEventsAsync([NativeClient.Event("rollcall.session.started", Start, data.DeepClone().AsObject(), id: "one")], limit.Token)).Dispose();
            await Task.Delay(100, limit.Token);
        }

        Assert.Contains("rollcall.sessions.open", collector.MetricNames);
        Assert.Contains("rollcall.events", collector.MetricNames);
        Assert.Contains("the-test", collector.Raw, StringComparison.Ordinal);
        Assert.Contains("rollcalld", collector.Raw, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Tenant, collector.Raw, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", collector.Raw, StringComparison.Ordinal);
        Assert.All(collector.ContentTypes, type => Assert.Equal("application/x-protobuf", type));
    }

    [Fact]
    public async Task Without_a_collector_in_the_environment_nothing_is_sent()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.False(OtlpExport.IsConfigured());
        Assert.Empty(server.Services.GetServices<IHostedService>().OfType<OtlpExport>());
    }
}
