namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>One event of a host's session log or System log, whichever tool exported it.</summary>
internal sealed record LsmRecord
{
    public required WindowsLog Log { get; init; }
    public required int EventId { get; init; }
    public required string Host { get; init; }

    /// <summary>The host's own running number; null when the export left it out. It starts again when the log is cleared.</summary>
    public required long? RecordNumber { get; init; }

    /// <summary>UTC, whole milliseconds.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>DOMAIN\name</c>; null in events that name nobody.</summary>
    public required string? User { get; init; }

    /// <summary>Null in events about the host.</summary>
    public required string? SessionId { get; init; }

    /// <summary>An address, or <c>LOCAL</c> for the console; null in events that have none.</summary>
    public required string? Address { get; init; }

    /// <summary>Of event 40: why the session was disconnected. Of event 39: which session did it.</summary>
    public required string? Detail { get; init; }

    /// <summary>The tool that exported the record left out the values of its template.</summary>
    public required bool IsCutShort { get; init; }

    public required Spot Spot { get; init; }

    /// <summary>What makes the event itself, however it was exported: a number within a log, a second and a kind.</summary>
    public string Content => $"{(Log == WindowsLog.System ? "System|" : "")}{EventId}|{At.ToUnixTimeSeconds()}|{RecordNumber?.ToString() ?? $"{SessionId}|{User}|{Address}|{Detail}"}";
}
