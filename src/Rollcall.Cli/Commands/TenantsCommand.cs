using System.CommandLine;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall tenants</c>: for the server's administrator only.</summary>
internal static class TenantsCommand
{
    private const string Path = "api/v1/tenants";

    public static Command Create(CliContext context) => new("tenants", "Makes and lists tenants. Only the server's administrator may.")
    {
        Add(context),
        List(context),
    };

    private static Command Add(CliContext context)
    {
        var name = new Argument<string>("name") { Description = "Name of the tenant." };
        var command = new Command("add", "Makes a tenant.\n\nExample: rollcall tenants add \"Contoso Finance\"") { name };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var request = new NewTenantRequest(parse.GetRequiredValue(name));
            var made = await session.Client.PostAsync(Path, request, NativeJson.Default.NewTenantRequest, NativeJson.Default.CreatedAnswer, cancel);
            context.Say($"Tenant {TextTable.Clean(made.Name ?? request.Name)}: {made.Id}");
        }, Caller.ServerAdministrator);
    }

    private static Command List(CliContext context)
    {
        var json = Listing.JsonOption();
        var command = new Command("list", "Lists the tenants of the server.\n\nExample: rollcall tenants list") { json };
        return command.WithSession(context, async (parse, session, cancel) =>
            Listing.Write(context, await Listing.ReadAsync(session.Client, Path, cancel), parse.GetValue(json), ("ID", "id"), ("NAME", "name")), Caller.ServerAdministrator);
    }
}
