using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports;

/// <summary>Refuses what no ledger should hold, whichever importer read it: names that are blank or would act on a terminal.</summary>
internal static class EventCheck
{
    /// <summary>Null when the event may be sent.</summary>
    public static string? WrongWith(LedgerEvent one) =>
        WrongWith("host", one.Data.Host.Name)
        ?? WrongWith("user", one.Data.User)
        ?? WrongWith("OS session id", one.Data.OsSessionId);

    /// <summary>Null when the name may be sent or is not there at all.</summary>
    public static string? WrongWith(string what, string? name)
    {
        if (name is null)
            return null;

        if (string.IsNullOrWhiteSpace(name))
            return $"a blank {what}";

        return name.Any(char.IsControl) ? $"control characters in the {what}" : null;
    }
}
