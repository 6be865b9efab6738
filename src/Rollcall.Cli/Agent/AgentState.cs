using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Sshd;
using Rollcall.Cli.Imports.Wtmp;

namespace Rollcall.Cli.Agent;

/// <summary>The bookmark: all that the next run needs to go on where this one stopped. Written after the events it covers are on disk.</summary>
internal sealed record AgentState
{
    [JsonPropertyName("version")] public int Version { get; init; } = 1;

    /// <summary>The boot that the newest run saw; null before the first.</summary>
    [JsonPropertyName("boot_id")] public string? BootId { get; init; }

    /// <summary>By path.</summary>
    [JsonPropertyName("files")] public Dictionary<string, FileBookmark> Files { get; init; } = [];

    [JsonPropertyName("sshd_open")] public List<SshdLogon> SshdOpen { get; init; } = [];
    [JsonPropertyName("sshd_attempts")] public List<SshdAttempt> SshdAttempts { get; init; } = [];
    [JsonPropertyName("journal_cursor")] public string? JournalCursor { get; init; }
    [JsonPropertyName("wtmp_open")] public List<WtmpLogon> WtmpOpen { get; init; } = [];
    [JsonPropertyName("xrdp_lines")] public List<KeptLine> XrdpLines { get; init; } = [];
    [JsonPropertyName("xrdp_sent")] public List<string> XrdpSent { get; init; } = [];
    [JsonPropertyName("logind_open")] public List<LogindLogon> LogindOpen { get; init; } = [];

    /// <summary>What sending came to until then. Written with the place, so a kill leaves both as they were.</summary>
    [JsonPropertyName("counts")] public KeptCounts Counts { get; init; } = new();

    /// <summary>Null when nobody was there yet. A bookmark that cannot be read is an error: beginning anew without a word could hide a loss.</summary>
    public static AgentState? TryRead(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), AgentJson.Default.AgentState) : null;
        }
        catch (JsonException)
        {
            throw new UsageException($"The bookmark {path} is not what an agent writes. Without it all logs are read again, which stores nothing twice: move it away to go on.");
        }
    }
}

/// <summary>What sending came to since the state folder was made.</summary>
internal sealed record KeptCounts
{
    [JsonPropertyName("acknowledged")] public long Acknowledged { get; init; }
    [JsonPropertyName("rejected")] public long Rejected { get; init; }
    [JsonPropertyName("rejected_at")] public DateTimeOffset? RejectedAt { get; init; }
    [JsonPropertyName("last_rejection")] public string? LastRejection { get; init; }
    [JsonPropertyName("dropped")] public long Dropped { get; init; }
    [JsonPropertyName("dropped_at")] public DateTimeOffset? DroppedAt { get; init; }
}

/// <summary>How far one file was read.</summary>
internal sealed record FileBookmark
{
    [JsonPropertyName("position")] public required FilePosition Position { get; init; }

    /// <summary>How often the newest lines occurred, by hash: equal lines of one file are told apart by their number.</summary>
    [JsonPropertyName("recent")] public List<string> Recent { get; init; } = [];

    /// <summary>The newest time that was read, for the hour that clocks show twice; null when none was.</summary>
    [JsonPropertyName("last_at")] public DateTimeOffset? LastAt { get; init; }

    /// <summary>About when all of it had been read: what is read later was written later. Null when it never had.</summary>
    [JsonPropertyName("complete_at")] public DateTimeOffset? CompleteAt { get; init; }

    // What the first line of an xorgxrdp log said; null in other logs.
    [JsonPropertyName("xorg_display")] public string? XorgDisplay { get; init; }
    [JsonPropertyName("xorg_seconds")] public decimal? XorgSeconds { get; init; }
    [JsonPropertyName("xorg_at")] public DateTimeOffset? XorgAt { get; init; }
    [JsonPropertyName("xorg_line")] public string? XorgLine { get; init; }
}

/// <summary>A line of an xrdp host that later lines may still need.</summary>
internal sealed record KeptLine
{
    [JsonPropertyName("at")] public required DateTimeOffset At { get; init; }
    [JsonPropertyName("text")] public required string Text { get; init; }
    [JsonPropertyName("occurrence")] public required int Occurrence { get; init; }
    [JsonPropertyName("file")] public required string File { get; init; }
    [JsonPropertyName("line")] public required long Line { get; init; }

    // Of a line of an xorgxrdp log only.
    [JsonPropertyName("display")] public string? Display { get; init; }
    [JsonPropertyName("display_at")] public DateTimeOffset? DisplayAt { get; init; }
    [JsonPropertyName("attached")] public bool? Attached { get; init; }
    [JsonPropertyName("owner")] public uint? Owner { get; init; }
}

/// <summary>A session that systemd-logind listed and that was open when it last did.</summary>
internal sealed record LogindLogon
{
    [JsonPropertyName("id")] public required string Id { get; init; }
    [JsonPropertyName("user")] public required string User { get; init; }
    [JsonPropertyName("started_at")] public required DateTimeOffset StartedAt { get; init; }
    [JsonPropertyName("seen_at")] public required DateTimeOffset SeenAt { get; init; }
}

/// <summary>The shapes of the agent's own files.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentState))]
[JsonSerializable(typeof(AgentStatus))]
internal sealed partial class AgentJson : JsonSerializerContext;
