using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rollcall.Tests.Metrics;

/// <summary>A collector that takes OTLP over HTTP with protobuf, written by hand: it keeps what it gets and finds names in it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<(string Path, string? ContentType, byte[] Body)> taken = new();

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.MapPost("/v1/{signal}", async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            taken.Enqueue((context.Request.Path, context.Request.ContentType, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
    }

    public Uri Address => new(app.Urls.Single());

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>All that came, as text: protobuf leaves texts as they are.</summary>
    public string Raw => string.Concat(taken.Select(one => Encoding.Latin1.GetString(one.Body)));

    public IEnumerable<string?> ContentTypes => taken.Select(one => one.ContentType);

    /// <summary>ExportMetricsServiceRequest: resource_metrics 1, scope_metrics 2, metrics 2, name 1.</summary>
    public IReadOnlyList<string> MetricNames => Names("/v1/metrics", [1, 2, 2, 1]);

    /// <summary>ExportTraceServiceRequest: resource_spans 1, scope_spans 2, spans 2, name 5.</summary>
    public IReadOnlyList<string> SpanNames => Names("/v1/traces", [1, 2, 2, 5]);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private List<string> Names(string path, int[] fields) =>
        [.. taken.Where(one => one.Path == path).SelectMany(one => At(one.Body, fields)).Select(Encoding.UTF8.GetString).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<byte[]> At(byte[] message, ReadOnlyMemory<int> fields)
    {
        var inside = FieldsOf(message).Where(field => field.Number == fields.Span[0]).Select(field => field.Content);
        return fields.Length == 1 ? inside : inside.SelectMany(content => At(content, fields[1..]));
    }

    /// <summary>Fields that have a length; numbers are stepped over.</summary>
    private static List<(int Number, byte[] Content)> FieldsOf(byte[] message)
    {
        var all = new List<(int, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            switch (key & 7)
            {
                case 0: Varint(message, ref at); break;
                case 1: at += 8; break;
                case 5: at += 4; break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    all.Add(((int)(key >> 3), message[at..(at + length)]));
                    at += length;
                    break;
                default: throw new InvalidDataException("no protobuf");
            }
        }

        return all;
    }

    private static long Varint(byte[] message, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            value |= (long)(message[at] & 0x7F) << shift;
            if (message[at++] < 0x80)
                return value;
        }
    }
}
