using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent;

/// <summary>How the agent does, written for <c>rollcall agent status</c> and for whoever watches the file.</summary>
internal sealed record AgentStatus
{
    public const string FileName = "status.json";

    /// <summary>Bytes of a status read at most.</summary>
    private const int BytesMax = 4 * 1024 * 1024;

    [JsonPropertyName("written_at")] public required DateTimeOffset WrittenAt { get; init; }
    [JsonPropertyName("process_id")] public required int ProcessId { get; init; }
    [JsonPropertyName("host")] public required string Host { get; init; }
    [JsonPropertyName("boot_id")] public string? BootId { get; init; }
    [JsonPropertyName("server")] public required string Server { get; init; }
    [JsonPropertyName("sources")] public required IReadOnlyList<SourceStatus> Sources { get; init; }

    /// <summary>What of the sources was not taken, or taken and wants looking at; the most frequent reasons of each.</summary>
    [JsonPropertyName("passed_over")] public IReadOnlyList<PassedOverStatus> PassedOver { get; init; } = [];
    [JsonPropertyName("buffered_events")] public required long BufferedEvents { get; init; }
    [JsonPropertyName("buffered_bytes")] public required long BufferedBytes { get; init; }

    // Counted since the state folder was made.
    [JsonPropertyName("acknowledged_events")] public required long Acknowledged { get; init; }
    [JsonPropertyName("acknowledged_at")] public DateTimeOffset? AcknowledgedAt { get; init; }
    [JsonPropertyName("rejected_events")] public required long Rejected { get; init; }
    [JsonPropertyName("last_rejection")] public string? LastRejection { get; init; }
    [JsonPropertyName("rejected_at")] public DateTimeOffset? RejectedAt { get; init; }
    [JsonPropertyName("dropped_events")] public required long Dropped { get; init; }
    [JsonPropertyName("dropped_at")] public DateTimeOffset? DroppedAt { get; init; }

    /// <summary>Why nothing gets through now; null while it does.</summary>
    [JsonPropertyName("failure")] public string? Failure { get; init; }
    [JsonPropertyName("failing_since")] public DateTimeOffset? FailingSince { get; init; }

    /// <summary>The failure will not pass by itself: a token or a right is missing.</summary>
    [JsonPropertyName("needs_attention")] public required bool NeedsAttention { get; init; }
    [JsonPropertyName("last_failure")] public string? LastFailure { get; init; }
    [JsonPropertyName("last_failure_at")] public DateTimeOffset? LastFailureAt { get; init; }
    [JsonPropertyName("beat_at")] public DateTimeOffset? BeatAt { get; init; }

    /// <summary>Open sessions of the newest roster; null while none can be made.</summary>
    [JsonPropertyName("roster")] public IReadOnlyList<string>? Roster { get; init; }
    [JsonPropertyName("roster_unknown")] public string? RosterUnknown { get; init; }

    /// <summary>Null when no agent has worked in the folder.</summary>
    public static AgentStatus? TryRead(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (!file.Exists || file.Length > BytesMax)
            return null;

        return JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), AgentJson.Default.AgentStatus);
    }

    public void Write(string folder) =>
        DurableFile.Show(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, AgentJson.Default.AgentStatus));
}

/// <summary>One thing that is followed, or is not and why.</summary>
internal sealed record SourceStatus
{
    [JsonPropertyName("kind")] public required string Kind { get; init; }
    [JsonPropertyName("name")] public required string Name { get; init; }

    /// <summary><c>following</c>, <c>not there yet</c>, <c>unreadable</c> or <c>off</c>.</summary>
    [JsonPropertyName("state")] public required string State { get; init; }
    [JsonPropertyName("reason")] public string? Reason { get; init; }
    [JsonPropertyName("offset")] public long? Offset { get; init; }
    [JsonPropertyName("last_at")] public DateTimeOffset? LastAt { get; init; }
}

/// <summary>Why a source passed something over, or took it with doubts, since the agent started.</summary>
internal sealed record PassedOverStatus
{
    /// <summary>Reasons shown of each source.</summary>
    private const int ReasonsMax = 10;

    [JsonPropertyName("source")] public required string Source { get; init; }
    [JsonPropertyName("reason")] public required string Reason { get; init; }
    [JsonPropertyName("count")] public required long Count { get; init; }

    /// <summary>Something may be missing in the ledger for it, or be wrong; lines that tell of no session are passed over by the thousand.</summary>
    [JsonPropertyName("is_doubtful")] public required bool IsDoubtful { get; init; }

    public static IEnumerable<PassedOverStatus> Of(ISource source) =>
    [
        .. source.Tally.Notes.Take(ReasonsMax).Select(row => From(source.Name, row, isDoubtful: true)),
        .. source.Tally.Skipped.Take(ReasonsMax).Select(row => From(source.Name, row, isDoubtful: false)),
    ];

    private static PassedOverStatus From(string source, TallyRow row, bool isDoubtful) => new() { Source = source, Reason = row.Reason, Count = row.Count, IsDoubtful = isDoubtful };
}
