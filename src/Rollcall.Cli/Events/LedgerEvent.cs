using System.Text.Json.Serialization;

namespace Rollcall.Cli.Events;

/// <summary>One CloudEvent 1.0 as the command line sends it to <c>POST /api/v1/tenants/{tenant}/events</c>.</summary>
/// <remarks>The wire types are written here and again in the server: a client that shared them could not notice a broken wire.</remarks>
internal sealed record LedgerEvent
{
    [JsonPropertyName("specversion")] public string SpecVersion { get; init; } = "1.0";

    /// <summary>Stable for the same line of the same log, so that importing twice adds nothing.</summary>
    [JsonPropertyName("id")] public required string Id { get; init; }

    [JsonPropertyName("source")] public required string Source { get; init; }

    /// <summary>One of <see cref="EventTypes"/>.</summary>
    [JsonPropertyName("type")] public required string Type { get; init; }

    /// <summary>When it happened by the source's clock, UTC.</summary>
    [JsonPropertyName("time")] public required DateTimeOffset Time { get; init; }

    [JsonPropertyName("data")] public required EventData Data { get; init; }
}

internal sealed record EventData
{
    [JsonPropertyName("host")] public required EventHost Host { get; init; }
    [JsonPropertyName("os_session_id")] public string? OsSessionId { get; init; }
    [JsonPropertyName("user")] public string? User { get; init; }

    /// <summary><c>desktop</c> or <c>application</c>; null means the server's default, desktop.</summary>
    [JsonPropertyName("kind")] public string? Kind { get; init; }

    [JsonPropertyName("protocol")] public string? Protocol { get; init; }
    [JsonPropertyName("app_name")] public string? AppName { get; init; }
    [JsonPropertyName("client")] public EventClient? Client { get; init; }
    [JsonPropertyName("reason")] public string? Reason { get; init; }
    [JsonPropertyName("failure")] public EventFailure? Failure { get; init; }
    [JsonPropertyName("transaction_id")] public string? TransactionId { get; init; }
    [JsonPropertyName("network_rtt_ms")] public int? NetworkRttMs { get; init; }
    [JsonPropertyName("e2e_rtt_ms")] public int? EndToEndRttMs { get; init; }
    [JsonPropertyName("session_stamp")] public string? SessionStamp { get; init; }
    [JsonPropertyName("agent_version")] public string? AgentVersion { get; init; }

    /// <summary><c>unknown</c> on an end whose time nobody knows; null on one that was reported.</summary>
    [JsonPropertyName("end_time_source")] public string? EndTimeSource { get; init; }

    /// <summary>The end is not after this; beside <see cref="EndTimeSource"/> only.</summary>
    [JsonPropertyName("end_time_latest")] public DateTimeOffset? EndTimeLatest { get; init; }

    /// <summary>Members of <c>rollcall.host.beat</c> only: how long the host may be silent after it, and every open session; null when not all are known.</summary>
    [JsonPropertyName("lease_seconds")] public int? LeaseSeconds { get; init; }
    [JsonPropertyName("roster")] public IReadOnlyList<EventRosterEntry>? Roster { get; init; }

    /// <summary>Members of <c>rollcall.signin.started</c> and <c>.ended</c> only.</summary>
    [JsonPropertyName("operator")] public string? Operator { get; init; }
    [JsonPropertyName("console_type")] public int? ConsoleType { get; init; }
    [JsonPropertyName("browser_session_id")] public long? BrowserSessionId { get; init; }
}

/// <summary>An open session. A user that is left out is anyone's; the state is left out where nobody knows it.</summary>
internal sealed record EventRosterEntry
{
    [JsonPropertyName("os_session_id")] public required string OsSessionId { get; init; }
    [JsonPropertyName("user")] public string? User { get; init; }
    [JsonPropertyName("state")] public string? State { get; init; }
}

internal sealed record EventHost
{
    [JsonPropertyName("name")] public required string Name { get; init; }
    [JsonPropertyName("sid")] public string? Sid { get; init; }
    [JsonPropertyName("ip")] public string? Ip { get; init; }
    [JsonPropertyName("group_id")] public string? GroupId { get; init; }
    [JsonPropertyName("group_name")] public string? GroupName { get; init; }
    [JsonPropertyName("primary_group_id")] public string? PrimaryGroupId { get; init; }
    [JsonPropertyName("secondary_group_id")] public string? SecondaryGroupId { get; init; }
    [JsonPropertyName("boot_id")] public string? BootId { get; init; }
}

internal sealed record EventClient
{
    [JsonPropertyName("name")] public string? Name { get; init; }
    [JsonPropertyName("ip")] public string? Ip { get; init; }
    [JsonPropertyName("public_ip")] public string? PublicIp { get; init; }
    [JsonPropertyName("mac")] public string? Mac { get; init; }
    [JsonPropertyName("source_ip")] public string? SourceIp { get; init; }
    [JsonPropertyName("type")] public string? Type { get; init; }
    [JsonPropertyName("version")] public string? Version { get; init; }
}

internal sealed record EventFailure
{
    [JsonPropertyName("code")] public string? Code { get; init; }
    [JsonPropertyName("reason")] public string? Reason { get; init; }
}

/// <summary>The event types of the native API that the command line produces.</summary>
internal static class EventTypes
{
    public const string SessionInitializing = "rollcall.session.initializing";
    public const string SessionStarted = "rollcall.session.started";
    public const string SessionDisconnected = "rollcall.session.disconnected";
    public const string SessionReconnected = "rollcall.session.reconnected";
    public const string SessionEnded = "rollcall.session.ended";
    public const string SessionFailed = "rollcall.session.failed";
    public const string SessionChanged = "rollcall.session.changed";
    public const string HostStarted = "rollcall.host.started";
    public const string HostStopped = "rollcall.host.stopped";
    public const string HostBeat = "rollcall.host.beat";
    public const string SignInStarted = "rollcall.signin.started";
    public const string SignInEnded = "rollcall.signin.ended";
}
