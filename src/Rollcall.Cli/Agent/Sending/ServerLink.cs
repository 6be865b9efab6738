using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Agent.Sending;

/// <summary>What became of a batch.</summary>
internal enum Delivery
{
    /// <summary>The server answered for each event.</summary>
    Acknowledged,

    /// <summary>No answer, or a server that cannot now: the same again later.</summary>
    Later,

    /// <summary>Refused for who asks or where: the same again, slowly, until somebody mends it.</summary>
    Barred,

    /// <summary>Refused for what it holds: the batch must be taken apart.</summary>
    Unreadable,
}

/// <param name="Receipt">Of an acknowledged batch.</param>
/// <param name="Failure">In words; null when acknowledged.</param>
/// <param name="RetryAfter">What the server asked for; null when it did not say.</param>
internal sealed record Answer(Delivery Delivery, Receipt? Receipt = null, string? Failure = null, TimeSpan? RetryAfter = null)
{
    /// <summary>The same for failures that differ only in their words, such as the number of the request.</summary>
    public string Cause { get; init; } = "";
}

/// <summary>Posts batches of events to one server, each once; when to try again is the sender's to decide.</summary>
internal sealed class ServerLink : IDisposable
{
    private const string BatchType = "application/cloudevents-batch+json";

    /// <summary>A batch is written durably before the answer; an agent can wait no longer than its beats may.</summary>
    private static readonly TimeSpan RequestMax = TimeSpan.FromSeconds(30);

    private const int AnswerBytesMax = 4 * 1024 * 1024;

    private readonly HttpClient http;
    private readonly Uri events;
    private readonly ServerTrust trust;
    private readonly Func<string?> token;
    private readonly TimeProvider time;

    /// <param name="token">Read for each request, so that a new one is taken without a restart; null when it cannot be read.</param>
    /// <param name="authorities">The only ones whose word for the server's certificate is taken; null means those of this machine.</param>
    public ServerLink(Uri server, string tenant, Func<string?> token, X509Certificate2Collection? authorities, TimeProvider time)
    {
        (this.token, this.time, trust) = (token, time, new ServerTrust(authorities));
        // A redirect could carry the token to another host, and no path of the API redirects.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = trust.Options, PooledConnectionLifetime = TimeSpan.FromMinutes(10) };
        http = new HttpClient(handler) { Timeout = RequestMax, MaxResponseContentBufferSize = AnswerBytesMax };
        events = new Uri($"{server.AbsoluteUri.TrimEnd('/')}/api/v1/tenants/{Uri.EscapeDataString(tenant)}/events");
    }

    /// <param name="batch">A JSON array.</param>
    /// <param name="count">Events in it: a receipt that answers for another number is none.</param>
    public async Task<Answer> PostAsync(byte[] batch, int count, CancellationToken cancel)
    {
        if (token() is not { } secret)
            return new Answer(Delivery.Barred, Failure: "there is no token: its file is missing, empty or not readable") { Cause = "no token" };

        using var request = new HttpRequestMessage(HttpMethod.Post, events) { Content = new ByteArrayContent(batch) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(BatchType);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        try
        {
            using var answer = await http.SendAsync(request, cancel);
            return answer.StatusCode == HttpStatusCode.OK ? await ReadAsync(answer, count, cancel) : await RefusedAsync(answer, cancel);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.SecureConnectionError)
        {
            return new Answer(Delivery.Later, Failure: $"no safe connection to {events.Host}: {trust.WhyNot(e)}") { Cause = "no safe connection" };
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
        {
            return new Answer(Delivery.Later, Failure: $"no answer from {events.GetLeftPart(UriPartial.Authority)}: {e.Message}") { Cause = "no answer" };
        }
        catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Answer(Delivery.Later, Failure: $"no answer within {RequestMax.TotalSeconds:0} seconds") { Cause = "too slow" };
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<Answer> ReadAsync(HttpResponseMessage answer, int count, CancellationToken cancel)
    {
        try
        {
            var receipt = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancel), NativeJson.Default.Receipt);
            if (receipt is not null && receipt.Accepted + receipt.Duplicate + (receipt.Rejected?.Count ?? 0) == count)
                return new Answer(Delivery.Acknowledged, receipt);
        }
        catch (JsonException)
        {
            // Something in between answered in the server's place.
        }

        return new Answer(Delivery.Later, Failure: $"{events.Host} answered 200 with something that is no receipt for {count} events. Is it a Rollcall server?") { Cause = "no receipt" };
    }

    private async Task<Answer> RefusedAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var words = (await Refusal.FromAsync(answer, cancel)).Message;
        var isServers = answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
        var delivery = (int)answer.StatusCode switch
        {
            408 or 425 or 429 or >= 500 => Delivery.Later,
            // From a proxy in between it says nothing of the events: taken for the server's word it would empty the buffer.
            400 or 413 or 422 when isServers => Delivery.Unreadable,
            _ => Delivery.Barred,
        };
        return new Answer(delivery, Failure: words, RetryAfter: RetryAfterOf(answer.Headers.RetryAfter)) { Cause = answer.StatusCode.ToString() };
    }

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? asked) =>
        asked?.Delta ?? (asked?.Date is { } date ? date - time.GetUtcNow() : null);
}
