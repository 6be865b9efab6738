namespace Rollcall.Cli.Imports.WindowsLsm;

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
