using System.CommandLine;

namespace Rollcall.Cli.Sample;

/// <summary><c>rollcall sample</c>: loads a generated fleet, or prints it.</summary>
internal static class SampleCommand
{
    /// <summary>The fleet that everybody sees who does not ask for another one.</summary>
    public const ulong SeedDefault = 1;

    /// <param name="connect">Opens the server that the parsed command line names; not called for a dry run.</param>
    /// <param name="clock">Says where the sessions stop: at its present.</param>
    public static Command Create(Func<ParseResult, IEventSink> connect, TimeProvider clock)
    {
        // Read as a ulong, so that a negative seed is a mistake in the command line and not another fleet.
        var seed = new Option<ulong>("--seed")
        {
            Description = "Which fleet: equal seeds give equal fleets",
            DefaultValueFactory = _ => SeedDefault,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the events, one JSON object a line, and send nothing" };
        var command = new Command("sample", "Load a generated fleet of 40 hosts and 200 users with 30 days of sessions up to now") { seed, dryRun };
        command.SetAction(async (parsed, cancel) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var options = new FleetOptions(parsed.GetValue(seed), clock.GetUtcNow());
            if (parsed.GetValue(dryRun))
            {
                await SampleLoader.LoadAsync(new NdjsonSink(output), options, cancel);
                return 0;
            }

            var load = await SampleLoader.LoadAsync(connect(parsed), options, cancel);
            await output.WriteLineAsync($"Sent {load.Users} users and {load.Events} events from {options.Source}".AsMemory(), cancel);
            return 0;
        });
        return command;
    }
}
