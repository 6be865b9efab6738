using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>Prints events, one JSON object a line, ready to be posted as <c>application/x-ndjson</c>. Users are not events and are not printed.</summary>
/// <param name="output">Not closed here.</param>
internal sealed class NdjsonSink(TextWriter output) : IEventSink
{
    // People read this: names appear in their own script. The text is JSON, never HTML, so nothing else needs escaping.
    private static readonly NdjsonContext Json = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public async Task SendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancel)
    {
        foreach (var e in events)
        {
            await output.WriteAsync(JsonSerializer.Serialize(e, Json.LedgerEvent).AsMemory(), cancel);
            await output.WriteAsync("\n".AsMemory(), cancel);
        }

        await output.FlushAsync(cancel);
    }

    public Task ImportUsersAsync(string csv, CancellationToken cancel) => Task.CompletedTask;
}

[JsonSerializable(typeof(LedgerEvent))]
internal sealed partial class NdjsonContext : JsonSerializerContext;
