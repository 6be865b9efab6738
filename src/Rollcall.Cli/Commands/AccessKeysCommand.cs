using System.CommandLine;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall access-keys</c>: key pairs for clients that sign their requests.</summary>
internal static class AccessKeysCommand
{
    public static Command Create(CliContext context) => new("access-keys", "Makes, lists and removes access keys of the tenant's operators.")
    {
        Add(context),
        AdminRun.Lister(context, "access-keys", ("ID", "id"), ("ACCESS KEY", "access_key"), ("OPERATOR", "operator_id"), ("CREATED", "created_at")),
        AdminRun.Remover(context, "an access key, which stops working at once", "access-keys"),
    };

    private static Command Add(CliContext context)
    {
        var owner = new Option<string>("--operator-id") { Description = "Id of the operator the key acts for, as \"rollcall operators list\" shows it.", HelpName = "id", Required = true };
        var command = new Command("add", "Makes an access key and shows its secret once.\n\nExample: rollcall access-keys add --operator-id 42") { owner };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var request = new NewAccessKeyRequest(parse.GetRequiredValue(owner));
            var made = await session.Client.PostAsync(session.Path("access-keys"), request, NativeJson.Default.NewAccessKeyRequest, NativeJson.Default.CreatedAnswer, cancel);
            context.Say($"Access key: {made.AccessKey}");
            context.Say($"Secret key, shown only now: {made.SecretKey}");
        });
    }
}
