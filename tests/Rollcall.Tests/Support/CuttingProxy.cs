using System.Net;
using System.Net.Sockets;

namespace Rollcall.Tests.Support;

/// <summary>A bad network in front of a real server: it cuts long answers off after so many bytes, so many times, and counts.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;
    private readonly Uri server;
    private readonly int answerBytesMax;
    private int cutsLeft;

    public CuttingProxy(Uri server, int answerBytesMax, int cuts)
    {
        (this.server, this.answerBytesMax, cutsLeft) = (server, answerBytesMax, cuts);
        listener.Start();
        serving = ServeAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    public int Cuts { get; private set; }

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
            while (true)
                open.Add(PassAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        using var onward = new TcpClient();
        using (client)
        {
            try
            {
                await onward.ConnectAsync(server.Host, server.Port, both.Token);
                var up = client.GetStream().CopyToAsync(onward.GetStream(), both.Token);
                var down = AnswerAsync(onward.GetStream(), client.GetStream(), both.Token);
                await Task.WhenAny(up, down);
                client.Client.Close(0); // a reset, as a broken network gives
                await both.CancelAsync();
                await Task.WhenAll(up, down);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // The connection is over: that is what this proxy is for.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream from, NetworkStream to, CancellationToken cancel)
    {
        var buffer = new byte[4096];
        for (var passed = 0; ;)
        {
            var read = await from.ReadAsync(buffer, cancel);
            if (read == 0)
                return;

            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            passed += read;
            if (passed < answerBytesMax || cutsLeft == 0)
                continue;

            cutsLeft--;
            Cuts++;
            return;
        }
    }
}
