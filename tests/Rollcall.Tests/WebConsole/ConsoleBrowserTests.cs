using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.WebConsole;

/// <summary>The console in a real browser, over a real server process with the sample fleet. The scenarios are in web/browser.</summary>
public sealed class ConsoleBrowserTests(ConsoleBrowser browser) : IClassFixture<ConsoleBrowser>
{
    public static TheoryData<string> Scenarios => [.. Directory.GetFiles(Checkout.PathOf("web", "browser"), "*.mjs").SelectMany(path => ConsoleBrowser.NamesIn(File.ReadAllText(path)))];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task In_a_browser(string scenario)
    {
        var result = Assert.Single(await browser.ResultsAsync(), one => one.GetProperty("name").GetString() == scenario);

        Assert.True(result.GetProperty("error").ValueKind is JsonValueKind.Null, result.GetProperty("error").ToString());
    }

    [Fact]
    public void Scenarios_were_found() => Assert.True(Scenarios.Count > 10);
}

/// <summary>Runs every scenario once, in one browser, and keeps what became of each.</summary>
public sealed partial class ConsoleBrowser
{
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(12);

    private readonly Lazy<Task<IReadOnlyList<JsonElement>>> results = new(RunAsync);

    /// <summary>Skips the test where a part is missing, and fails it on CI.</summary>
    internal Task<IReadOnlyList<JsonElement>> ResultsAsync()
    {
        RealPart.Require("chromium", () => File.Exists("/usr/bin/chromium"));
        RealPart.Require("nodejs", () => RealPart.IsInPath("node"));
        RealPart.RequireNpm("web", () => File.Exists(Checkout.PathOf("web", "node_modules", ".installed")) && File.Exists(Path.Combine(AppContext.BaseDirectory, "console", "index.html")));
        return results.Value;
    }

    internal static IEnumerable<string> NamesIn(string script) => Name().Matches(script).Select(match => match.Groups["name"].Value);

    private static async Task<IReadOnlyList<JsonElement>> RunAsync()
    {
        var data = Directory.CreateTempSubdirectory("rollcall-console-");
        try
        {
            // As late as a scenario can wait for.
            await using var server = await ServerProcess.StartAsync(data.FullName, new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLLCALL_Ledger__LateSeconds"] = "10" });
            await server.RunCliAsync("sample");
            return await DriveAsync(server);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> DriveAsync(ServerProcess server)
    {
        var settings = new JsonObject
        {
            ["base"] = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority),
            ["tenant"] = server.Tenant,
            ["operator"] = server.Bootstrap.GetProperty("operator").GetString(),
            ["password"] = server.Bootstrap.GetProperty("password").GetString(),
            ["agentToken"] = server.Bootstrap.GetProperty("agent_token").GetString(),
            ["output"] = Checkout.PathOf("TestResults", "console"),
            // The pictures of the README, like golden files: written when asked for, to be looked at before they are committed.
            ["readme"] = Environment.GetEnvironmentVariable("ROLLCALL_UPDATE_GOLDEN") == "1" ? Checkout.PathOf("docs", "images") : null,
        };
        using var process = Process.Start(new ProcessStartInfo("node", ["run.mjs", settings.ToJsonString()])
        {
            WorkingDirectory = Checkout.PathOf("web", "browser"),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(RunMax);
        var said = process.StandardError.ReadToEndAsync(limit.Token);
        var printed = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, await said);
        return [.. JsonElement.Parse(printed).EnumerateArray()];
    }

    [GeneratedRegex("^  '(?<name>[^']+)': ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
