using System.CommandLine;
using System.Security.Cryptography;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall operators</c>: who may call the server with a name and a password.</summary>
internal static class OperatorsCommand
{
    /// <summary>Characters of a generated password: about 119 bits from this alphabet, which has no look-alikes.</summary>
    private const int PasswordLength = 20;

    private const string PasswordAlphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.+";

    public static Command Create(CliContext context) => new("operators", "Makes, lists and removes operators of the tenant.")
    {
        Add(context),
        AdminRun.Lister(context, "operators", ("ID", "id"), ("NAME", "name"), ("ROLES", "roles"), ("CREATED", "created_at")),
        AdminRun.Remover(context, "an operator", "operators"),
    };

    private static Command Add(CliContext context)
    {
        var name = new Argument<string>("name") { Description = "Name to sign in with; unique on the server." };
        var role = AdminRun.RoleOption();
        var password = new Option<string?>("--new-password") { Description = "The operator's password. Without it one is generated and shown once.", HelpName = "text" };
        var command = new Command("add", "Makes an operator.\n\nExample: rollcall operators add anna --role auditor") { name, role, password };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var chosen = parse.GetValue(password);
            var word = chosen ?? RandomNumberGenerator.GetString(PasswordAlphabet, PasswordLength);
            var request = new NewOperatorRequest(parse.GetRequiredValue(name), word, parse.GetRequiredValue(role));
            var made = await session.Client.PostAsync(session.Path("operators"), request, NativeJson.Default.NewOperatorRequest, NativeJson.Default.CreatedAnswer, cancel);
            context.Say($"Operator {TextTable.Clean(made.Name ?? request.Name)}: {made.Id}");
            if (chosen is null)
                context.Say($"Password, shown only now: {word}");
        });
    }
}
