using System.CommandLine;
using Rollcall.Cli.Imports.Brokers;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import guacamole</c></summary>
internal static class ImportGuacamoleCommand
{
    private const string Description = """
        Reads the connection history of Apache Guacamole: the JSON of
        GET /api/session/data/{data source}/history/connections, or the table guacamole_connection_history as CSV with a
        header (times without a zone, as MySQL writes them, need --time-zone). The host is the connection's name. A row
        without an end that is not said to go on ends at an unknown time, between its start and now: Guacamole never
        writes down the end of what a crash cut off. The table does not say which of its rows go on; a later import
        that has their end puts it right.

        Example: rollcall import guacamole history.json
        """;

    public static Command Create(CliContext context)
    {
        var (zone, unsaid) = (LogOptions.TimeZone(), LogOptions.RowsWithoutEnd());
        return ImportRun.Create(context, "guacamole", Description, [zone, unsaid], parse =>
            LogOptions.Outgoing(new GuacamoleImporter(LogOptions.ZoneOf(parse.GetValue(zone)), context.Time, LogOptions.UnsaidOf(parse.GetValue(unsaid)!))));
    }
}
