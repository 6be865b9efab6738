using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>An answer of a count and rows, of which none is kept: each goes out as it is read, so that memory does not grow with them.</summary>
internal static class WorkspaceRows
{
    /// <summary>Text gathered before it is sent. Our choice: some hundred rows.</summary>
    private const int SendBytes = 64 * 1024;

    /// <summary>
    /// Nothing is sent before the first <see cref="SendBytes"/> are there or all is read, so that until then a failure is still answered as
    /// one. Later it breaks the connection off: what arrived is then no JSON, and nobody takes a part for the whole.
    /// </summary>
    public static async Task WriteAsync<T>(
        HttpResponse response, (string Name, long Value) count, string rowsName, IAsyncEnumerable<T> rows, JsonTypeInfo<T> type)
    {
        var cancel = response.HttpContext.RequestAborted;
        var text = new ArrayBufferWriter<byte>(2 * SendBytes);
        await using var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = type.Options.Encoder });
        json.WriteStartObject();
        json.WriteNumber(count.Name, count.Value);
        json.WriteStartArray(rowsName);
        response.ContentType = "application/json; charset=utf-8";
        await foreach (var row in rows.WithCancellation(cancel))
        {
            JsonSerializer.Serialize(json, row, type);
            if (text.WrittenCount + json.BytesPending >= SendBytes)
                await SendAsync();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await SendAsync();

        async Task SendAsync()
        {
            await json.FlushAsync(cancel);
            await response.Body.WriteAsync(text.WrittenMemory, cancel);
            text.ResetWrittenCount();
        }
    }
}
