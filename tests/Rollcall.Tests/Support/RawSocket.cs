using System.Net.Sockets;

namespace Rollcall.Tests.Support;

/// <summary>Bytes to a port and back, for what no proper client would send.</summary>
internal static class RawSocket
{
    /// <summary>"At once", on a busy machine: well below every time limit of the web server, the shortest of which is 10 seconds.</summary>
    public static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    /// <summary>Sends and reads until the server hangs up, which it must do at once; what it said.</summary>
    public static async Task<byte[]> AskAsync(int port, byte[] bytes)
    {
        using var limit = new CancellationTokenSource(AtOnce);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, limit.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(bytes, limit.Token);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, limit.Token);
        }
        catch (IOException)
        {
            // A reset is a way to hang up, too.
        }

        return answer.ToArray();
    }

    /// <summary>A TLS client's first words (RFC 5246, 7.4.1.2), without extensions and without a line feed among them.</summary>
    /// <param name="minor">The newest version offered: 2 is TLS 1.1, 3 is TLS 1.2.</param>
    public static byte[] Hello(byte minor)
    {
        byte[] suites = [0xC0, 0x13, 0xC0, 0x14, 0x00, 0x2F, 0x00, 0x35];
        byte[] body = [0x03, minor, .. Enumerable.Repeat((byte)0x5A, 32), 0x00, 0x00, (byte)suites.Length, .. suites, 0x01, 0x00];
        byte[] handshake = [0x01, 0x00, 0x00, (byte)body.Length, .. body];
        return [0x16, 0x03, 0x01, 0x00, (byte)handshake.Length, .. handshake];
    }

    /// <summary>Two ends of one connection.</summary>
    public static async Task<(NetworkStream Server, NetworkStream Client)> PairAsync()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint);
        return (new NetworkStream(await listener.AcceptSocketAsync(), ownsSocket: true), new NetworkStream(client, ownsSocket: true));
    }
}
