using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Metrics;

/// <summary>Sends metrics and traces of requests to an OpenTelemetry collector, when the standard variables of the environment name one.</summary>
/// <remarks>Source: OpenTelemetry specification, "OpenTelemetry Protocol Exporter"; the exporter reads the other OTEL_ variables itself.</remarks>
internal sealed class OtlpExport(ServerLoadCache load) : BackgroundService
{
    /// <summary>The framework's meter and source of requests.</summary>
    private const string FrameworkMeter = "Microsoft.AspNetCore.Hosting", FrameworkSource = "Microsoft.AspNetCore";

    /// <summary>What is measured last is sent at a stop if it takes no longer.</summary>
    private const int ShutdownMsMax = 2_000;

    /// <summary>Our choice: below the minute at which metrics are sent unless the environment says otherwise.</summary>
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(15);

    /// <summary>Whether the environment names a collector, for all or for one of both, and does not switch it off.</summary>
    public static bool IsConfigured() => (Is("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") || Is("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") || Is("OTEL_EXPORTER_OTLP_ENDPOINT"))
        && !string.Equals(Variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await load.RefreshAsync(stoppingToken);
        using var metrics = IsSent("METRICS") ? BuildMetrics() : null;
        using var traces = IsSent("TRACES") ? BuildTraces() : null;
        try
        {
            using var timer = new PeriodicTimer(CountEvery);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await load.RefreshAsync(stoppingToken);
        }
        finally
        {
            metrics?.Shutdown(ShutdownMsMax);
            traces?.Shutdown(ShutdownMsMax);
        }
    }

    private static MeterProvider BuildMetrics() => Sdk.CreateMeterProviderBuilder()
        .SetResourceBuilder(Resource()).AddMeter(ServerMeter.Name).AddMeter(FrameworkMeter).AddOtlpExporter().Build();

    private static TracerProvider BuildTraces() => Sdk.CreateTracerProviderBuilder()
        .SetResourceBuilder(Resource()).AddSource(FrameworkSource).AddOtlpExporter().Build();

    /// <summary>What the environment says of the service comes last and wins.</summary>
    private static ResourceBuilder Resource() => ResourceBuilder.CreateEmpty()
        .AddService("rollcalld", serviceVersion: ProgramVersion.Text.Split(' ')[^1]).AddTelemetrySdk().AddEnvironmentVariableDetector();

    private static bool IsSent(string what) => Is($"OTEL_EXPORTER_OTLP_{what}_ENDPOINT") || Is("OTEL_EXPORTER_OTLP_ENDPOINT");

    private static bool Is(string variable) => Variable(variable) is { Length: > 0 };

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);
}
