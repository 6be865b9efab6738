using System.CommandLine;
using Rollcall.Cli.Imports.Csv;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import csv</c></summary>
internal static class ImportCsvCommand
{
    private const string Description = """
        Reads a comma-separated table with a header, in one of two forms. One event a row: type (such as
        session.started), time, host, os_session_id, user, and any of the members of an event: client.ip, client.name,
        reason, failure.code, protocol ... One session a row: host, os_session_id, user, start_time, end_time (empty
        while it lasts), end_reason, and the same members. An unknown column is refused.

        Example: rollcall import csv --time-zone Europe/Paris sessions.csv
        """;

    public static Command Create(CliContext context)
    {
        var zone = LogOptions.TimeZone();
        return ImportRun.Create(context, "csv", Description, [zone], parse =>
            LogOptions.Outgoing(new CsvImporter(LogOptions.ZoneOf(parse.GetValue(zone)))));
    }
}
