using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Rollcall.Cli.Native;

/// <summary>Speaks the native API of one server: JSON in and out, refusals as <see cref="NativeException"/>.</summary>
internal sealed class NativeClient : IDisposable
{
    /// <summary>How long one request may take: a batch of events is written durably before the answer.</summary>
    private static readonly TimeSpan RequestMax = TimeSpan.FromMinutes(2);

    /// <summary>Most of an answer to keep, in bytes. Pages hold at most 1 000 rows.</summary>
    private const int AnswerBytesMax = 64 * 1024 * 1024;

    private readonly HttpClient http;
    private readonly Uri server;
    private readonly BusyWait wait;
    private readonly ServerTrust trust;

    /// <param name="authorities">The only ones whose word for the server's certificate is taken; null means those of this machine.</param>
    public NativeClient(Uri server, TimeProvider time, X509Certificate2Collection? authorities = null)
    {
        trust = new ServerTrust(authorities);
        // A redirect could carry the token to another host, and no path of the API redirects.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = trust.Options };
        http = new HttpClient(handler) { Timeout = RequestMax, MaxResponseContentBufferSize = AnswerBytesMax };
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        this.server = new Uri(server.AbsoluteUri.TrimEnd('/') + "/");
        wait = new BusyWait(time);
    }

    /// <summary>The bearer token of every later request; null sends none.</summary>
    public string? Token { get; set; }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> answer, CancellationToken cancel) =>
        AskAsync(HttpMethod.Get, path, () => null, answer, cancel);

    public Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, JsonTypeInfo<TIn> asks, JsonTypeInfo<TOut> answer, CancellationToken cancel)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, asks);
        return AskAsync(HttpMethod.Post, path, () => ContentOf(bytes, "application/json"), answer, cancel);
    }

    /// <summary>Posts bytes of any media type.</summary>
    public Task<T> PostAsync<T>(string path, byte[] body, string mediaType, JsonTypeInfo<T> answer, CancellationToken cancel) =>
        AskAsync(HttpMethod.Post, path, () => ContentOf(body, mediaType), answer, cancel);

    /// <summary>Opens a file's bytes from an offset on, without waiting for all of them. The caller disposes the answer.</summary>
    /// <param name="tag">The entity tag whose rest is wanted: of any other file the server sends the whole.</param>
    /// <exception cref="NativeException">Refused, or not reached.</exception>
    public async Task<HttpResponseMessage> OpenAsync(string path, long offset, string tag, CancellationToken cancel)
    {
        using var request = NewRequest(HttpMethod.Get, path, body: null);
        if (offset > 0)
        {
            request.Headers.Range = new RangeHeaderValue(offset, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue(tag));
        }

        var answer = await SendOnceAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (answer.IsSuccessStatusCode)
            return answer;

        using (answer)
            throw await Refusal.FromAsync(answer, cancel);
    }

    /// <summary>Posts without a body and expects none.</summary>
    public async Task PostAsync(string path, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Post, path, () => null, cancel);
    }

    public async Task DeleteAsync(string path, CancellationToken cancel)
    {
        using var answer = await SendAsync(HttpMethod.Delete, path, () => null, cancel);
    }

    public void Dispose() => http.Dispose();

    private async Task<T> AskAsync<T>(HttpMethod method, string path, Func<HttpContent?> body, JsonTypeInfo<T> shape, CancellationToken cancel)
    {
        using var answer = await SendAsync(method, path, body, cancel);
        try
        {
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancel);
            return JsonSerializer.Deserialize(bytes, shape)
                ?? throw new NativeException($"{server} answered nothing where JSON was expected. Is it a Rollcall server?");
        }
        catch (JsonException)
        {
            throw new NativeException($"{server} answered something that is not the expected JSON. Is it a Rollcall server?");
        }
    }

    /// <summary>Sends until the server is not busy. Every request made here may be repeated: a busy server has stored nothing.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Func<HttpContent?> body, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = NewRequest(method, path, body());
            var answer = await SendOnceAsync(request, HttpCompletionOption.ResponseContentRead, cancel);
            if (answer.IsSuccessStatusCode)
                return answer;

            using (answer)
            {
                var busy = answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
                if (!busy || !await wait.TryWaitAsync(attempt, answer.Headers.RetryAfter, cancel))
                    throw await Refusal.FromAsync(answer, cancel);
            }
        }
    }

    private HttpRequestMessage NewRequest(HttpMethod method, string path, HttpContent? body)
    {
        var request = new HttpRequestMessage(method, new Uri(server, path)) { Content = body };
        if (Token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return request;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, HttpCompletionOption until, CancellationToken cancel)
    {
        try
        {
            return await http.SendAsync(request, until, cancel);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.SecureConnectionError)
        {
            throw new NativeException($"No safe connection to {server}: {trust.WhyNot(e)}");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ResponseEnded && server.Scheme == Uri.UriSchemeHttp)
        {
            throw new NativeException($"{server} hung up without an answer. If the server listens with a certificate there, write https instead of http.");
        }
        catch (HttpRequestException e)
        {
            throw new NativeException(
                $"No answer from {server} ({e.HttpRequestError}: {e.Message}). Is the server running there? Start it with rollcalld, or name another with --server or ROLLCALL_SERVER.");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // A server that dies while the connection is made: HttpClient lets the socket's own error through.
            throw new NativeException($"No answer from {server} ({e.Message}). Is the server running there?");
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new NativeException($"No answer from {server} within {RequestMax.TotalSeconds:0} seconds.");
        }
    }

    private static ByteArrayContent ContentOf(byte[] bytes, string mediaType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return content;
    }
}
