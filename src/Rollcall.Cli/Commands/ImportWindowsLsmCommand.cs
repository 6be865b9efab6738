using System.CommandLine;
using Rollcall.Cli.Imports.WindowsLsm;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import windows-lsm</c></summary>
internal static class ImportWindowsLsmCommand
{
    private const string Description = """
        Reads Microsoft-Windows-TerminalServices-LocalSessionManager/Operational of any number of Windows hosts: JSON
        lines as nxlog writes them (EventTime is local, so --time-zone is required), or the output of
        Get-WinEvent ... | ConvertTo-Json.

        Example: rollcall import windows-lsm --time-zone America/New_York lsm-events.jsonl
        """;

    public static Command Create(CliContext context)
    {
        var zone = LogOptions.TimeZone();
        return ImportRun.Create(context, "windows-lsm", Description, [zone], parse =>
            LogOptions.Outgoing(new LsmImporter(LogOptions.ZoneOf(parse.GetValue(zone)))));
    }
}
