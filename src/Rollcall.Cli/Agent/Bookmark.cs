using System.Text.Json;
using Rollcall.Cli.Agent.Files;

namespace Rollcall.Cli.Agent;

/// <summary>The bookmark's file, written only when it changed.</summary>
internal sealed class Bookmark(string path)
{
    private byte[] written = [];

    public void Write(AgentState state)
    {
        var next = JsonSerializer.SerializeToUtf8Bytes(state, AgentJson.Default.AgentState);
        if (next.AsSpan().SequenceEqual(written))
            return;

        DurableFile.Replace(path, next);
        written = next;
    }
}
