using System.CommandLine;
using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import xrdp</c></summary>
internal static class ImportXrdpCommand
{
    private const string Description = """
        Reads the logs of an xrdp host. sesman.log names the sessions and must be among the files; xrdp.log adds the
        clients' computer names and shows when they went away; .xorgxrdp.N.log shows that to the millisecond. Give
        all of them in one run. Without the latter two no disconnect is made up.

        Example: rollcall import xrdp --host lin-01 --time-zone Europe/Paris xrdp-sesman.log xrdp.log .xorgxrdp.10.log
        """;

    public static Command Create(CliContext context)
    {
        var (host, zone) = (LogOptions.Host(), LogOptions.TimeZone());
        return ImportRun.Create(context, "xrdp", Description, [host, zone], parse =>
            LogOptions.Outgoing(new XrdpImporter(parse.GetRequiredValue(host), LogOptions.ZoneOf(parse.GetValue(zone)))));
    }
}
