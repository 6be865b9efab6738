using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Rollcall.Tests.Support;

/// <summary>A server written for Node.js, in a process of its own on a free port of this machine.</summary>
internal sealed class NodePeer : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private static readonly string Packages = Path.Combine(Checkout.PathOf("tests", "peers", "node"), "node_modules");

    private readonly Process process;

    private NodePeer(Process process, Match said) => (this.process, Said) = (process, said);

    /// <summary>What the peer said when it was ready.</summary>
    public Match Said { get; }

    /// <summary>Skips the test where Node.js or the packages are not installed, and fails it on CI.</summary>
    public static void Require()
    {
        RealPart.Require("nodejs", () => RealPart.IsInPath("node"));
        RealPart.RequireNpm("tests/peers/node", () => File.Exists(Path.Combine(Packages, ".installed")));
    }

    /// <param name="script">Below the folder of packages.</param>
    /// <param name="ready">Found in a line of what it prints once it listens.</param>
    /// <param name="arguments">As on its command line.</param>
    public static async Task<NodePeer> StartAsync(string script, Regex ready, params string[] arguments)
    {
        Require();
        var started = Process.Start(new ProcessStartInfo("node", [Path.Combine(Packages, script), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = started.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(StartMax);
        while (await started.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (ready.Match(line) is not { Success: true } said)
                continue;

            _ = started.StandardOutput.ReadToEndAsync(CancellationToken.None); // or its pipe fills up and it stands still
            return new NodePeer(started, said);
        }

        throw new InvalidOperationException($"{script} did not start: {await errors}");
    }

    public void Kill()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            Kill();
        process.Dispose();
        return ValueTask.CompletedTask;
    }
}
