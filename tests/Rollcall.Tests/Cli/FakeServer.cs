using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rollcall.Tests.Cli;

/// <summary>A server that misbehaves to order: it answers with the given answers one after the other and remembers what it was asked.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Queue<string> answers;
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    public FakeServer(params string[] answers)
    {
        this.answers = new Queue<string>(answers);
        listener.Start();
        serving = ServeAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>In the order in which they came.</summary>
    public List<(string Head, string Authorization, string Body)> Requests { get; } = [];

    public static string Json(int status, string body, string headers = "") =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}";

    /// <summary>A refusal as Rollcall itself gives one.</summary>
    public static string Problem(int status, string body) => Json(status, body).Replace("application/json", "application/problem+json", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            // A client may open a connection ahead of need and leave it idle: none may hold up the others.
            while (true)
                open.Add(AnswerAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException || (e is SocketException && stop.IsCancellationRequested))
        {
            // Stopping the listener may end the wait before the token does.
            await Task.WhenAll(open);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            using (client)
                await AnswerAsync(client.GetStream());
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The test is over, or the client went: neither wants an answer.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var head = await reader.ReadLineAsync(stop.Token);
        if (head is null)
            return;

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(stop.Token) is { Length: > 0 } line)
            headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();

        var body = new char[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        if (body.Length > 0)
            await reader.ReadBlockAsync(body, stop.Token);
        string answer;
        lock (answers)
        {
            Requests.Add((head, headers.GetValueOrDefault("Authorization", ""), new string(body)));
            answer = answers.Count > 0 ? answers.Dequeue() : Json(500, "{}");
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), stop.Token);
    }
}
