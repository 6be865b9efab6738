using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Rollcall.Tests.Support;

/// <summary>One event of a stream. The name of one that has none is <c>message</c>.</summary>
internal sealed record StreamedEvent(string Name, string Data, string? Id)
{
    public JsonElement Json => JsonElement.Parse(Data);
}

/// <summary>Reads Server-Sent Events as the HTML standard says, and remembers the last id as a browser does.</summary>
internal sealed class EventStreamClient : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;
    private string? name;

    private EventStreamClient(HttpResponseMessage response, Stream body) => (this.response, reader) = (response, new StreamReader(body, Encoding.UTF8));

    /// <summary>Events that the reader has made its own, for who watches it from another thread.</summary>
    public int Counted;

    public HttpResponseMessage Response => response;

    public string? LastId { get; private set; }

    public int Comments { get; private set; }

    public int? RetryMs { get; private set; }

    /// <summary>Opens a stream and waits for its first block, which says where it begins.</summary>
    public static async Task<EventStreamClient> OpenAsync(HttpClient http, string path, string token, string? lastEventId = null)
    {
        var client = await ConnectAsync(http, path, token, lastEventId);
        using var limit = new CancellationTokenSource(WaitMax);
        while (client.LastId is null && await client.reader.ReadLineAsync(limit.Token) is { } line)
            client.Take(line, new StringBuilder(), ref client.name);
        return client;
    }

    /// <summary>The same without waiting for anything but the answer's head.</summary>
    public static async Task<EventStreamClient> ConnectAsync(HttpClient http, string path, string token, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
        return new EventStreamClient(answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event with data, within half a minute whatever comments come; null when the stream ended as an answer should.</summary>
    public async Task<StreamedEvent?> NextAsync()
    {
        using var limit = new CancellationTokenSource(WaitMax);
        var data = new StringBuilder();
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length > 0)
            {
                Take(line, data, ref name);
                continue;
            }

            if (data.Length > 0)
                return new StreamedEvent(Interlocked.Exchange(ref name, null) ?? "message", data.ToString(0, data.Length - 1), LastId);
            name = null;
        }

        return null;
    }

    public async Task<IReadOnlyList<StreamedEvent>> TakeAsync(int count)
    {
        var taken = new List<StreamedEvent>();
        while (taken.Count < count)
            taken.Add(await NextAsync() ?? throw new EndOfStreamException($"the stream ended after {taken.Count} of {count} events"));
        return taken;
    }

    public void Dispose()
    {
        response.Dispose();
        reader.Dispose();
    }

    private void Take(string line, StringBuilder data, ref string? eventName)
    {
        var (field, value) = line.Split(": ", 2) is [var left, var right] ? (left, right) : (line.TrimEnd(':'), string.Empty);
        switch (field)
        {
            case "event": eventName = value; break;
            case "data": data.Append(value).Append('\n'); break;
            case "id": LastId = value; break;
            case "retry": RetryMs = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture); break;
            case "": Comments += line.Length > 0 ? 1 : 0; break;
            default: throw new InvalidDataException($"no field of an event stream: {line}");
        }
    }
}
