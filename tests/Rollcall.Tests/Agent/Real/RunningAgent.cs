using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent.Real;

/// <summary>The real agent as a process of its own, over a state folder that outlives its kills.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly string state;
    private readonly IReadOnlyList<string> command;
    private HostProgram process;

    private RunningAgent(string state, IReadOnlyList<string> command)
    {
        (this.state, this.command) = (state, command);
        process = Launch();
    }

    public string Said => process.Said;

    public bool IsRunning => process.IsRunning;

    public JsonElement Status => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(state, "status.json")));

    /// <summary>It has read its only source to this length, and everything was answered for.</summary>
    public bool IsIdleAt(long length) =>
        Status.GetProperty("sources")[0].TryGetProperty("offset", out var offset) && offset.GetInt64() == length && Status.GetProperty("buffered_events").GetInt64() == 0;

    private bool IsInContainer => Status.TryGetProperty("roster_unknown", out var why) && why.GetString()!.Contains("another container", StringComparison.Ordinal);

    /// <param name="folder">For the token and the state.</param>
    /// <param name="sources">The options that say what to follow; nothing else is.</param>
    public static Task<RunningAgent> StartAsync(ServerProcess server, TemporaryFolder folder, string host, params string[] sources) =>
        StartWithinAsync([], server, folder, host, sources);

    /// <param name="within">The program, with its arguments, that runs the agent in its own view of the machine.</param>
    public static async Task<RunningAgent> StartWithinAsync(IReadOnlyList<string> within, ServerProcess server, TemporaryFolder folder, string host, params string[] sources)
    {
        await File.WriteAllTextAsync(folder.File("token"), server.Bootstrap.GetProperty("agent_token").GetString());
        var agent = new RunningAgent(folder.File("state"),
        [
            .. within, ServerProcess.Binary("rollcall"), "agent", "--server", server.Http.BaseAddress!.ToString(), "--tenant", server.Tenant, "--token-file", folder.File("token"), "--state-folder", folder.File("state"),
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

    /// <summary>Waits until it has made a roster, or has said that it cannot make one in this container.</summary>
    public Task UntilBeatAsync() => HostPrograms.UntilAsync(
        () => File.Exists(Path.Combine(state, "status.json")) && (Status.TryGetProperty("roster", out _) || IsInContainer) && Status.TryGetProperty("acknowledged_at", out _),
        $"the agent beats: {Said}");

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private HostProgram Launch() => new(command[0], [.. command.Skip(1)], null);
}
