using System.CommandLine;
using Rollcall.Cli.Imports.Brokers;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import jumpserver</c></summary>
internal static class ImportJumpServerCommand
{
    private const string Description = """
        Reads the sessions that JumpServer's session page exports as CSV, headers in English or Chinese. The host is the
        asset, the user the login name in parentheses. An end may be up to a quarter of an hour late: JumpServer ends
        sessions that went silent by its own clock, and does not say which. A row without an end that is not said to go on
        ends at an unknown time, between its start and now.

        Example: rollcall import jumpserver session_2026-03-02_10-00-00.csv
        """;

    public static Command Create(CliContext context)
    {
        var (zone, unsaid) = (LogOptions.TimeZone(), LogOptions.RowsWithoutEnd());
        return ImportRun.Create(context, "jumpserver", Description, [zone, unsaid], parse =>
            LogOptions.Outgoing(new JumpServerImporter(LogOptions.ZoneOf(parse.GetValue(zone)), context.Time, LogOptions.UnsaidOf(parse.GetValue(unsaid)!))));
    }
}
