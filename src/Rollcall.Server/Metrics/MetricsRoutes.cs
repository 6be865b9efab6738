using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Dialects.Native;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Metrics;

/// <summary>What a monitoring system fetches: <c>GET /metrics</c>.</summary>
internal static class MetricsRoutes
{
    private const string Bearer = "Bearer ";

    public static void MapMetrics(this WebApplication app) => app.MapGet("/metrics", ReadAsync).ExcludeFromDescription();

    /// <summary>Closed to everybody but the server's administrator and who knows the configured token: how busy a server is is its operator's business.</summary>
    private static async Task<IResult> ReadAsync(
        HttpContext context, MetricSeries series, ServerLoadCache load, MetricsOptions options, CancellationToken cancel)
    {
        if (!HasToken(context.Request, options.Token))
            (await NativeCaller.BindAsync(context))!.Caller.Demand(Permission.ManageTenants);
        await load.RefreshAsync(cancel);
        var text = series.Read(TextOf);
        WriteProcess(text);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Text(text.ToString(), MetricsText.ContentType);
    }

    private static MetricsText TextOf(IReadOnlyList<InstrumentSeries> all)
    {
        var text = new MetricsText();
        foreach (var one in all)
            text.Write(one);
        return text;
    }

    /// <summary>By hashes: neither its length nor how much of it is right shows in the time that comparing takes.</summary>
    private static bool HasToken(HttpRequest request, string configured)
    {
        var sent = request.Headers.Authorization.ToString();
        return configured.Length > 0
            && sent.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(sent[Bearer.Length..].Trim()), Hash(configured));
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>Under the names that Prometheus' own client libraries give them.</summary>
    private static void WriteProcess(MetricsText text)
    {
        using var process = Process.GetCurrentProcess();
        var startedAt = new DateTimeOffset(process.StartTime);
        text.Write("process_start_time_seconds", "gauge", "When the process started, seconds since 1970", startedAt.ToUnixTimeMilliseconds() / 1000.0);
        text.Write("process_resident_memory_bytes", "gauge", "Memory of the process that is resident", process.WorkingSet64);
        text.Write("process_cpu_seconds_total", "counter", "CPU time that the process used, of user and system", process.TotalProcessorTime.TotalSeconds);
        text.Write("rollcall_build_info", "gauge", "Which program this is: always 1", 1, ("version", ProgramVersion.Text));
    }
}
