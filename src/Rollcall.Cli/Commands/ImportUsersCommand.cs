using System.CommandLine;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall import users</c></summary>
internal static class ImportUsersCommand
{
    private const string Description = """
        Sends a directory of users as CSV; the header names the members of a user (name, full_name, email, groups
        separated by ; ...). The server answers for every line.

        Example: rollcall import users users.csv
        """;

    /// <summary>The largest body the server takes.</summary>
    private const long FileBytesMax = 16 * 1024 * 1024;

    public static Command Create(CliContext context)
    {
        var file = new Argument<string>("file") { Description = "CSV with a header, UTF-8." };
        var connection = new ConnectionOptions(context);
        var command = new Command("users", Description) { file };
        connection.AddTo(command);
        command.Run(context, async (parse, cancel) =>
        {
            var body = await ReadAsync(parse.GetRequiredValue(file), cancel);
            await using var session = await NativeSession.OpenAsync(connection.Resolve(parse, Caller.Administrator), context.Time, cancel);
            var receipt = await session.Client.PostAsync(session.Path("users:import"), body, "text/csv", NativeJson.Default.UsersReceipt, cancel);
            return Tell(context, receipt);
        });
        return command;
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancel)
    {
        if (!File.Exists(path))
            throw new Imports.UsageException($"There is no file {path}.");

        return new FileInfo(path).Length <= FileBytesMax
            ? await File.ReadAllBytesAsync(path, cancel)
            : throw new Imports.UsageException($"{path} is larger than {FileBytesMax / 1024 / 1024} MiB: import it in parts, each with the header.");
    }

    private static int Tell(CliContext context, UsersReceipt receipt)
    {
        var refused = receipt.Rejected ?? [];
        context.Say($"Users: {receipt.Created} created, {receipt.Updated} updated, {receipt.Unchanged} unchanged, {refused.Count} rejected");
        foreach (var rejected in refused)
            context.Say($"  line {rejected.Line}: {TextTable.Clean(rejected.Field ?? "")}: {TextTable.Clean(rejected.Reason ?? "")}");

        return refused.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
