using System.Diagnostics;
using System.Text.Json;

namespace Rollcall.Tests.Bench;

/// <summary>The bench's fleet, small, against a real server. Its figures are no bars here; what it checks of the ledger is checked all the same.</summary>
public sealed class FleetBarsTests
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_fleets_beats_are_taken_and_what_each_costs_is_printed()
    {
        var bar = await MeasureAsync("fleet-beats");

        Assert.Equal(200, bar.GetProperty("rows").GetInt64());
        Assert.Equal("CPU ms a beat", bar.GetProperty("unit").GetString());
        Assert.True(bar.GetProperty("value").GetDouble() > 0, "a beat costs something");
        // 5 000 beats in 30 seconds: one each 6 ms.
        Assert.Equal(bar.GetProperty("value").GetDouble() / 6, bar.GetProperty("ratio").GetDouble(), 1e-9);
    }

    /// <summary>The bench ends with an error unless each session of the silent hosts ended as it must, and no other did.</summary>
    [Fact]
    public async Task Hosts_that_fall_silent_together_lose_their_sessions_and_nobody_else_does()
    {
        var bar = await MeasureAsync("fleet-silence");

        Assert.Equal(2, bar.GetProperty("rows").GetInt64());
        Assert.Equal("s after the lease", bar.GetProperty("unit").GetString());
        Assert.Equal(bar.GetProperty("value").GetDouble(), bar.GetProperty("ratio").GetDouble());
    }

    /// <summary>The one line that the bench prints. A busy machine may miss a bar, and so may a server that has just begun.</summary>
    private static async Task<JsonElement> MeasureAsync(string bar)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Rollcall.Bench"), ["bars", "--json", "--only", bar, "--hosts", "20", "--lease-seconds", "2"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var limit = new CancellationTokenSource(RunMax);
        using var bench = Process.Start(start)!;
        try
        {
            var said = bench.StandardError.ReadToEndAsync(limit.Token);
            var printed = await bench.StandardOutput.ReadToEndAsync(limit.Token);
            await bench.WaitForExitAsync(limit.Token);
            Assert.True(bench.ExitCode is 0 or 1, $"the bench ended with {bench.ExitCode}\n{await said}");
            var measured = JsonElement.Parse(printed);
            Assert.Equal(bar, measured.GetProperty("bar").GetString());
            Assert.Equal(bench.ExitCode == 0, measured.GetProperty("holds").GetBoolean());
            return measured;
        }
        finally
        {
            if (!bench.HasExited)
                bench.Kill(entireProcessTree: true);
        }
    }
}
