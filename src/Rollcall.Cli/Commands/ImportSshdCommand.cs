using System.CommandLine;
using Rollcall.Cli.Imports.Sshd;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import sshd</c></summary>
internal static class ImportSshdCommand
{
    private const string Description = """
        Reads what sshd wrote to syslog: logons, logoffs and failed attempts, in RFC 3164, RFC 5424 and rsyslog's
        dated form. Import one form of a log, not two: their times differ, so they count as different events.

        Example: rollcall import sshd --time-zone Europe/Paris --year 2026 /var/log/auth.log
        """;

    public static Command Create(CliContext context)
    {
        var (zone, year) = (LogOptions.TimeZone(), LogOptions.Year());
        return ImportRun.Create(context, "sshd", Description, [zone, year], parse =>
            LogOptions.Outgoing(new SshdImporter(LogOptions.ZoneOf(parse.GetValue(zone)), parse.GetValue(year))));
    }
}
