using System.CommandLine;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import</c>: real logs into the ledger.</summary>
internal static class ImportCommand
{
    private const string Description = """
        Turns log files into events and sends them. Importing a log twice, or again after it has grown, adds nothing
        twice. Lines that say nothing of a session are counted by reason; a line without a time is never given one.
        """;

    public static Command Create(CliContext context) => new("import", Description)
    {
        ImportXrdpCommand.Create(context),
        ImportWtmpCommand.Create(context),
        ImportSshdCommand.Create(context),
        ImportWindowsLsmCommand.Create(context),
        ImportGuacamoleCommand.Create(context),
        ImportJumpServerCommand.Create(context),
        ImportCsvCommand.Create(context),
        ImportNdjsonCommand.Create(context),
        ImportUsersCommand.Create(context),
    };
}
