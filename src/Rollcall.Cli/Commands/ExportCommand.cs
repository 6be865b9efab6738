using System.CommandLine;
using Rollcall.Cli.Exports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall export</c>: writes rows to a checked file.</summary>
internal static class ExportCommand
{
    private const string Description = """
        Writes sessions, connections, users or sign-ins to a file: ordered at the server, fetched when finished, its SHA-256 checked.

        Example: rollcall export sessions --from 2026-11-01 --to 2026-12-01 --time-zone Europe/Paris -o november.xlsx
        Example: rollcall export users --format csv --columns name,email,locked
        Example: rollcall export fetch 3f0c5a…
        """;

    public static Command Create(CliContext context) => new("export", Description)
    {
        Order(context, "sessions"),
        Order(context, "connections"),
        Order(context, "users"),
        Order(context, "signins"),
        List(context),
        Fetch(context),
        Cancel(context),
        ExportSchedulesCommand.Create(context),
    };

    private static Command Order(CliContext context, string what)
    {
        var (options, output) = (new ExportOrderOptions(what), OutputOption());
        var command = new Command(what, $"Writes {what} to a file.\n\nExample: rollcall export {what} -o {what}.xlsx") { output };
        options.AddTo(command);
        output.Validators.Add(result =>
        {
            if (Path.GetDirectoryName(result.GetValueOrDefault<string?>()) is { Length: > 0 } folder && !Directory.Exists(folder))
                result.AddError($"There is no folder {folder}.");
        });
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var run = new ExportRun(context, session);
            var ordered = await run.OrderAsync(options.Of(parse, parse.GetValue(output)), cancel);
            await run.SaveAsync(ordered, parse.GetValue(output), cancel);
        });
    }

    private static Command List(CliContext context)
    {
        var json = Listing.JsonOption();
        var command = new Command("list", "Lists the tenant's exports, newest first, those ordered over other APIs too.\n\nExample: rollcall export list --json") { json };
        return command.WithSession(context, async (parse, session, cancel) => Listing.Write(
            context, await Listing.ReadAsync(session.Client, session.Path("exports"), cancel), parse.GetValue(json),
            ("ID", "id"), ("WHAT", "what"), ("STATE", "state"), ("ROWS", "rows"), ("OF", "rows_expected"), ("BYTES", "bytes"),
            ("CREATED", "created_at"), ("BY", "requested_by"), ("FILE", "file_name")));
    }

    private static Command Fetch(CliContext context)
    {
        var (id, output) = (Id(), OutputOption());
        var command = new Command("fetch", "Fetches the file of an export ordered before, going on where a download broke off.\n\nExample: rollcall export fetch 3f0c5a… -o november.xlsx") { id, output };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var run = new ExportRun(context, session);
            await run.SaveAsync(await run.GetAsync(parse.GetRequiredValue(id), cancel), parse.GetValue(output), cancel);
        });
    }

    private static Command Cancel(CliContext context)
    {
        var id = Id();
        var command = new Command("cancel", "Calls an export off that waits or runs.\n\nExample: rollcall export cancel 3f0c5a…") { id };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            await session.Client.PostAsync(session.Path($"exports/{Uri.EscapeDataString(parse.GetRequiredValue(id))}/cancel"), cancel);
            context.Say($"Called off {parse.GetRequiredValue(id)}.");
        });
    }

    private static Argument<string> Id() => new("id") { Description = "As \"rollcall export list\" shows it." };

    private static Option<string?> OutputOption() => new("--output", "-o") { Description = "Where the file goes; left out: the server's name for it, in this folder.", HelpName = "file" };
}
