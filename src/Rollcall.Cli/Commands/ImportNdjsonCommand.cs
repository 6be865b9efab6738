using System.CommandLine;
using Rollcall.Cli.Imports.Ndjson;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import ndjson</c></summary>
internal static class ImportNdjsonCommand
{
    private const string Description = """
        Sends CloudEvents of the ledger, one a line, unchanged: what --dry-run of the other imports printed, or what a
        script made.

        Example: rollcall import ndjson events.ndjson
        """;

    public static Command Create(CliContext context) =>
        ImportRun.Create(context, "ndjson", Description, [], _ => NdjsonImporter.Read);
}
