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
        without an end is sent without one: Guacamole never writes down the end of what a crash cut off.

        Example: rollcall import guacamole history.json
        """;

    public static Command Create(CliContext context)
    {
        var zone = LogOptions.TimeZone();
        return ImportRun.Create(context, "guacamole", Description, [zone], parse =>
            LogOptions.Outgoing(new GuacamoleImporter(LogOptions.ZoneOf(parse.GetValue(zone)), context.Time)));
    }
}
