using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rollcall.Tests.Support;

/// <summary>A real haproxy, set up as docs/operating.md says, so that what the page says is what was seen to work.</summary>
internal sealed class HaproxyProcess : IAsyncDisposable
{
    private const string Program = "/usr/sbin/haproxy";

    private readonly Process process;

    private HaproxyProcess(Process process) => this.process = process;

    public static void Require() => RealPart.Require("haproxy", () => File.Exists(Program));

    /// <summary>The one block of the page that has this kind.</summary>
    public static string Documented(string kind)
    {
        var page = File.ReadAllText(Checkout.PathOf("docs", "operating.md"));
        return Assert.Single(page.Split($"```{kind}\n").Skip(1)).Split("```")[0];
    }

    /// <summary>Listens when this returns.</summary>
    /// <param name="file">Where its setup is written to.</param>
    public static async Task<HaproxyProcess> StartAsync(string file, string setup, int port)
    {
        await File.WriteAllTextAsync(file, setup);
        var proxy = new HaproxyProcess(Process.Start(new ProcessStartInfo(Program, ["-db", "-f", file]) { UseShellExecute = false })!);
        await proxy.WaitUntilOpenAsync(port);
        return proxy;
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    private async Task WaitUntilOpenAsync(int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Assert.False(process.HasExited, "haproxy ended: its setup is wrong, or the port was taken");
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }
}
