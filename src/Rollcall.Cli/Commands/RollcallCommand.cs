using System.CommandLine;

namespace Rollcall.Cli.Commands;

/// <summary>The whole command line: one line a command.</summary>
internal static class RollcallCommand
{
    /// <summary>How long a command that was told to stop may take: the agent sends what it has read.</summary>
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(15);

    public static RootCommand Create(CliContext context) => new("Rollcall's command line: imports logs into the session ledger, asks it, and administers it.")
    {
        ImportCommand.Create(context),
        AgentCommand.Create(context),
        SampleCommand.Create(context),
        SessionsCommand.Create(context),
        HostsCommand.Create(context),
        HealthCommand.Create(context),
        ExportCommand.Create(context),
        TenantsCommand.Create(context),
        OperatorsCommand.Create(context),
        TokensCommand.Create(context),
        AccessKeysCommand.Create(context),
    };

    /// <summary>Runs one command line and returns its <see cref="ExitCode"/>.</summary>
    public static async Task<int> InvokeAsync(CliContext context, IReadOnlyList<string> args, CancellationToken cancel)
    {
        var parse = Create(context).Parse(args);
        var output = new InvocationConfiguration { Output = context.Out, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopMax };
        var code = await parse.InvokeAsync(output, cancel);
        return parse.Errors.Count > 0 ? ExitCode.Usage : code;
    }
}
