using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent.Real;

/// <summary>The real agent as a process of its own, over a state folder that outlives its kills.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly string state;
    private readonly IReadOnlyList<string> arguments;
    private HostProgram process;

    private RunningAgent(string state, IReadOnlyList<string> arguments)
    {
        (this.state, this.arguments) = (state, arguments);
        process = Launch();
    }

    public string Said => process.Said;

    public bool IsRunning => process.IsRunning;

    public JsonElement Status => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(state, "status.json")));

    /// <param name="folder">For the token and the state.</param>
    /// <param name="sources">The options that say what to follow; nothing else is.</param>
    public static async Task<RunningAgent> StartAsync(ServerProcess server, TemporaryFolder folder, string host, params string[] sources)
    {
        await File.WriteAllTextAsync(folder.File("token"), server.Bootstrap.GetProperty("agent_token").GetString());
        var agent = new RunningAgent(folder.File("state"),
        [
            "agent", "--server", server.Http.BaseAddress!.ToString(), "--tenant", server.Tenant, "--token-file", folder.File("token"), "--state-folder", folder.File("state"),
            "--host-name", host, "--beat-seconds", "5", "--only-these", .. sources,
        ]);
        await agent.UntilBeatAsync();
        return agent;
    }

    /// <summary>kill -9.</summary>
    public void Kill() => process.Kill();

    public void Restart() => process = Launch();

    /// <summary>Asks it to stop; its exit code.</summary>
    public Task<int> StopAsync() => process.StopAsync();

    /// <summary>Waits until it has made a roster.</summary>
    public Task UntilBeatAsync() => HostPrograms.UntilAsync(
        () => File.Exists(Path.Combine(state, "status.json")) && Status.TryGetProperty("roster", out _) && Status.TryGetProperty("acknowledged_at", out _),
        $"the agent beats: {Said}");

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private HostProgram Launch() => new(ServerProcess.Binary("rollcall"), arguments, null);
}
