namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Which log of a host a record stands in; record numbers count within one log.</summary>
internal enum WindowsLog
{
    /// <summary>Microsoft-Windows-TerminalServices-LocalSessionManager/Operational.</summary>
    Sessions,

    /// <summary>System.</summary>
    System,
}

/// <summary>Event numbers of TerminalServices-LocalSessionManager/Operational that say something about sessions.</summary>
internal static class LsmEventId
{
    public const int Logon = 21;
    public const int Shell = 22;
    public const int Logoff = 23;
    public const int Disconnect = 24;
    public const int Reconnect = 25;
    public const int DisconnectBy = 39;
    public const int DisconnectReason = 40;
    public const int ArbitrationBegin = 41;
    public const int ArbitrationEnd = 42;
    public const int Shutdown = 54;
}

/// <summary>Event numbers of the System log that say when a host ran (docs/contracts/windows-events.md, section 3).</summary>
internal static class SystemEventId
{
    /// <summary>Of Kernel-General.</summary>
    public const int KernelStarted = 12, KernelStopped = 13;

    /// <summary>Of EventLog: the log service, which runs while Windows does; 6008 is written at the start after a stop that nobody announced.</summary>
    public const int LogStarted = 6005, LogStopped = 6006, StopWasUnexpected = 6008;

    /// <summary>Of User32: somebody asked for a shutdown.</summary>
    public const int ShutdownAsked = 1074;

    /// <summary>Which log an event is of that names its provider, or only its log; null when it is none that this import reads.</summary>
    public static WindowsLog? LogOf(string? provider, int eventId)
    {
        // nxlog exports of one log, cut down to a few members, name neither.
        if (provider?.Contains("TerminalServices-LocalSessionManager", StringComparison.OrdinalIgnoreCase) ?? true)
            return WindowsLog.Sessions;

        var known = provider.ToLowerInvariant() switch
        {
            "microsoft-windows-kernel-general" => eventId is KernelStarted or KernelStopped,
            "eventlog" => eventId is LogStarted or LogStopped or StopWasUnexpected,
            "user32" => eventId == ShutdownAsked,
            _ => false,
        };
        return known ? WindowsLog.System : null;
    }
}

/// <summary>What the values of the session log mean.</summary>
internal static class LsmReason
{
    /// <summary>The code, and its meaning where Microsoft documents one.</summary>
    /// <remarks>Source: ExtendedDisconnectReasonCode, Remote Desktop ActiveX control reference.</remarks>
    public static string Of(string code) => code switch
    {
        "0" => "reason code 0: no further information",
        "1" => "reason code 1: disconnected by a program",
        "2" => "reason code 2: logged off by a program",
        "3" => "reason code 3: idle timeout",
        "4" => "reason code 4: logon timeout",
        "5" => "reason code 5: replaced by another connection",
        "6" => "reason code 6: out of memory",
        "7" or "8" => $"reason code {code}: the server denied the connection",
        "9" => "reason code 9: insufficient privileges",
        "10" => "reason code 10: fresh credentials required",
        "11" => "reason code 11: disconnected by the user",
        "12" => "reason code 12: logged off by the user",
        _ => $"reason code {code}",
    };

    /// <summary><c>LOCAL</c> is the console; an address came by Remote Desktop. Null when the record says neither.</summary>
    public static string? ProtocolOf(string? address)
    {
        if (string.Equals(address, "LOCAL", StringComparison.OrdinalIgnoreCase))
            return "Console";

        return ClientAddress.IpOf(address) is null ? null : "RDP";
    }
}
