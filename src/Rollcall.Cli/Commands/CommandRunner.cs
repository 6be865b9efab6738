using System.CommandLine;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary>Runs the body of a command and turns what went wrong into words and an exit code.</summary>
internal static class CommandRunner
{
    public static void Run(this Command command, CliContext context, Func<ParseResult, CancellationToken, Task<int>> body) =>
        command.SetAction((parse, cancel) => GuardAsync(context, () => body(parse, cancel)));

    private static async Task<int> GuardAsync(CliContext context, Func<Task<int>> body)
    {
        try
        {
            return await body();
        }
        catch (UsageException e)
        {
            await context.Error.WriteLineAsync(TextTable.Clean(e.Message));
            return ExitCode.Usage;
        }
        catch (NativeException e)
        {
            foreach (var line in e.Message.Split('\n'))
                await context.Error.WriteLineAsync(TextTable.Clean(line));

            return ExitCode.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await context.Error.WriteLineAsync(TextTable.Clean(e.Message));
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            await context.Error.WriteLineAsync("Stopped. What was sent before is stored; run the same command again, nothing is stored twice.");
            return ExitCode.Failed;
        }
    }
}
