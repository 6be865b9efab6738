using System.CommandLine;
using Rollcall.Cli.Imports.Wtmp;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import wtmp</c></summary>
internal static class ImportWtmpCommand
{
    private const string Description = """
        Reads login records of Linux on x86-64 (/var/log/wtmp): logons, logoffs, boots and shutdowns. Terminal windows
        inside a desktop (pts lines with a display such as :10.0) are part of another session and counted only.

        Example: rollcall import wtmp --host lin-01 /var/log/wtmp /var/log/wtmp.1
        """;

    public static Command Create(CliContext context)
    {
        var host = LogOptions.Host();
        var terminals = new Option<bool>("--terminals") { Description = "Take terminal windows inside a desktop as sessions of their own, where no better log is left." };
        return ImportRun.Create(context, "wtmp", Description, [host, terminals], parse =>
            LogOptions.Outgoing(new WtmpImporter(parse.GetRequiredValue(host), parse.GetValue(terminals))));
    }
}
