using System.Text.RegularExpressions;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Which tool wrote an export. The numbers are of no meaning.</summary>
internal enum WindowsForm
{
    /// <summary>Told from the content, event by event.</summary>
    Auto,

    /// <summary>nxlog's im_msvistalog with to_json: one object a line, local times.</summary>
    Nxlog,

    /// <summary><c>Get-WinEvent | ConvertTo-Json</c>, of Windows PowerShell 5.1 or PowerShell 7.</summary>
    PowerShell,

    /// <summary><c>wevtutil qe … /f:xml</c>, with or without a root, and what Event Viewer saves as XML.</summary>
    Wevtutil,

    /// <summary>Winlogbeat 7 or 8, one object a line.</summary>
    Winlogbeat,
}

/// <summary>One event of a Windows log as some tool wrote it.</summary>
/// <remarks>
/// The values of the event's template are looked at first: the message is in the language of the host, and only the
/// English one is understood. Templates: docs/contracts/windows-events.md, section 2.
/// </remarks>
internal abstract class ExportedEvent
{
    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Multiline;

    private static readonly Regex UserLine = new(@"^User: (?<value>[^\r\n]+)", Safe);
    private static readonly Regex SessionLine = new(@"^Session ID: (?<value>\d+)", Safe);
    private static readonly Regex AddressLine = new(@"^Source Network Address: (?<value>[^\r\n]+)", Safe);
    private static readonly Regex Disconnected = new(@"^Session (?<session>\d+) has been disconnected, reason code (?<detail>\d+)", Safe);
    private static readonly Regex DisconnectedBy = new(@"^Session (?<session>\d+) has been disconnected by session (?<detail>\d+)", Safe);

    public abstract int? EventId { get; }

    public abstract string? Host { get; }

    /// <summary>The host's own running number within one log.</summary>
    public abstract long? RecordNumber { get; }

    /// <summary>Who wrote the event, or else the log it stands in; null when the export says neither.</summary>
    public abstract string? Provider { get; }

    /// <summary>The event's own time with an offset, when the export has one.</summary>
    public abstract DateTimeOffset? Instant { get; }

    /// <summary>The event's own time when it has no zone.</summary>
    public virtual DateTime? Local => null;

    /// <summary>When a collector received the event: never earlier than the event itself, clocks permitting.</summary>
    public virtual DateTimeOffset? CollectedAt => null;

    /// <summary>The tool left out the values of the template.</summary>
    public virtual bool IsCutShort => false;

    public string? User => IsDisconnect ? null : Value(0, "User") ?? FromMessage(UserLine, "value");

    public string? SessionId => IsDisconnect
        ? Value(0, "Session", "TargetSession") ?? FromMessage(Disconnected, "session") ?? FromMessage(DisconnectedBy, "session")
        : Value(1, "SessionID") ?? FromMessage(SessionLine, "value");

    public string? Address => IsDisconnect ? null : Value(2, "Address") ?? FromMessage(AddressLine, "value");

    /// <summary>Of event 40: why. Of event 39: which session asked.</summary>
    public string? Detail => !IsDisconnect
        ? null
        : Value(1, "Reason", "Source") ?? FromMessage(Disconnected, "detail") ?? FromMessage(DisconnectedBy, "detail");

    protected abstract string? Message { get; }

    /// <summary>Their templates are a session and a reason (40) or the session that asked (39), and name no user.</summary>
    private bool IsDisconnect => EventId is LsmEventId.DisconnectBy or LsmEventId.DisconnectReason;

    /// <summary>A value of the event's template, by any of its names or by its place.</summary>
    protected abstract string? Value(int place, params ReadOnlySpan<string> names);

    private string? FromMessage(Regex form, string group) =>
        Message is { } message && form.Match(message) is { Success: true } match ? Texts.Cleaned(match.Groups[group].Value) : null;
}
