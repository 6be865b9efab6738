using System.CommandLine;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary>What all commands of an administrator share: options, a signed-in session, roles.</summary>
internal static class AdminRun
{
    private static readonly string[] Roles = ["administrator", "auditor", "helpdesk", "agent", "self"];

    /// <summary>Adds the connection's options and runs the body signed in.</summary>
    public static Command WithSession(this Command command, CliContext context, Func<ParseResult, NativeSession, CancellationToken, Task> body, Caller caller = Caller.Administrator)
    {
        var connection = new ConnectionOptions(context);
        connection.AddTo(command);
        command.Run(context, async (parse, cancel) =>
        {
            await using var session = await NativeSession.OpenAsync(connection.Resolve(parse, caller), context.Time, cancel);
            await body(parse, session, cancel);
            return ExitCode.Ok;
        });
        return command;
    }

    public static Option<string[]> RoleOption()
    {
        var role = new Option<string[]>("--role")
        {
            Description = $"A role; may be given again: {string.Join(", ", Roles)}.",
            HelpName = "role",
            Required = true,
        };
        role.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, Roles);
        return role;
    }

    /// <summary>A command that deletes one thing of a list by its id.</summary>
    public static Command Remover(CliContext context, string what, string folder)
    {
        var id = new Argument<string>("id") { Description = $"As \"rollcall {folder} list\" shows it." };
        var command = new Command("remove", $"Removes {what}.\n\nExample: rollcall {folder} remove 42") { id };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            await session.Client.DeleteAsync(session.Path($"{folder}/{Uri.EscapeDataString(parse.GetRequiredValue(id))}"), cancel);
            context.Say($"Removed {parse.GetRequiredValue(id)}.");
        });
    }

    /// <summary>A command that prints a list of the tenant.</summary>
    public static Command Lister(CliContext context, string folder, params IReadOnlyList<(string Title, string Member)> columns)
    {
        var json = Listing.JsonOption();
        var command = new Command("list", $"Lists the {folder.Replace('-', ' ')} of the tenant, without secrets.\n\nExample: rollcall {folder} list --json") { json };
        return command.WithSession(context, async (parse, session, cancel) =>
            Listing.Write(context, await Listing.ReadAsync(session.Client, session.Path(folder), cancel), parse.GetValue(json), columns));
    }
}
