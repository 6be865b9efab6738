using System.CommandLine;
using Rollcall.Cli.Imports.WindowsLsm;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import windows-lsm</c></summary>
internal static class ImportWindowsLsmCommand
{
    private const string Description = """
        Reads Microsoft-Windows-TerminalServices-LocalSessionManager/Operational of any number of Windows hosts, in any
        of four forms: Get-WinEvent ... | ConvertTo-Json -Depth 4, wevtutil qe ... /f:xml /uni:true, Winlogbeat's JSON
        lines, and nxlog's (whose times are local, so --time-zone is required). Events 12, 13, 6005, 6006 and 6008 of the
        System log, in the same files or in others, keep the boots of a host apart.

        Example: rollcall import windows-lsm sessions.json system.json
        """;

    public static Command Create(CliContext context)
    {
        var zone = LogOptions.TimeZone();
        var form = new Option<string>("--form") { Description = "Which tool wrote the files; auto tells it from what they hold.", DefaultValueFactory = _ => "auto" };
        form.AcceptOnlyFromAmong("auto", "powershell", "wevtutil", "winlogbeat", "nxlog");
        return ImportRun.Create(context, "windows-lsm", Description, [zone, form], parse =>
            LogOptions.Outgoing(new LsmImporter(LogOptions.ZoneOf(parse.GetValue(zone)), FormOf(parse.GetValue(form)!))));
    }

    private static WindowsForm FormOf(string name) => name switch
    {
        "powershell" => WindowsForm.PowerShell,
        "wevtutil" => WindowsForm.Wevtutil,
        "winlogbeat" => WindowsForm.Winlogbeat,
        "nxlog" => WindowsForm.Nxlog,
        _ => WindowsForm.Auto,
    };
}
