using System.Diagnostics;
using System.Text;
using Rollcall.Server.Identity;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Clients;

/// <summary>The examples of <c>docs/clients.md</c>, run as they stand there.</summary>
internal static class Documented
{
    private const string Fence = "```";
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(1);

    /// <summary>The code blocks below a heading, in their order.</summary>
    public static IReadOnlyList<string> Blocks(string heading)
    {
        var blocks = new List<string>();
        StringBuilder? block = null;
        foreach (var line in File.ReadLines(Checkout.PathOf("docs", "clients.md")).SkipWhile(line => line != $"## {heading}").Skip(1))
        {
            if (block is null && line.StartsWith("## ", StringComparison.Ordinal))
                break;

            if (!line.StartsWith(Fence, StringComparison.Ordinal))
            {
                block?.Append(line).Append('\n');
                continue;
            }

            if (block is not null)
                blocks.Add(block.ToString());
            block = block is null ? new StringBuilder() : null;
        }

        Assert.NotEmpty(blocks);
        return blocks;
    }

    /// <summary>Runs a block to its end, which must be a good one, with the page's variables, and returns what it printed.</summary>
    /// <param name="modules">Where Node.js finds packages; null when it needs none.</param>
    public static async Task<string> RunAsync(RunningServer server, TemporaryFolder folder, string[] command, string block, string? modules = null)
    {
        var start = new ProcessStartInfo(command[0], [.. command[1..], block])
        {
            WorkingDirectory = folder.Path,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Variables(server.Bootstrap, server.BaseAddress))
            start.Environment[name] = value;
        start.Environment["NODE_PATH"] = modules;
        using var limit = new CancellationTokenSource(RunMax);
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync(limit.Token);
        var printed = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}\n{printed}\n{await said}");
        return printed;
    }

    private static IEnumerable<(string Name, string Value)> Variables(BootstrapFile bootstrap, Uri address) =>
    [
        ("URL", address.ToString().TrimEnd('/')), ("PROJECT", bootstrap.TenantId), ("REGION", bootstrap.Region), ("AK", bootstrap.AccessKey),
        ("SK", bootstrap.SecretKey), ("NAME", bootstrap.OperatorName), ("PASSWORD", bootstrap.Password), ("DOMAIN", bootstrap.Domain),
    ];
}
