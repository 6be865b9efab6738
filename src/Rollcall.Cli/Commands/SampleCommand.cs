using System.CommandLine;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;
using Rollcall.Cli.Sample;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall sample</c>: something to look at before there is a fleet of one's own.</summary>
internal static class SampleCommand
{
    private const string Description = """
        Loads the sample fleet: a generated one of 40 hosts and 200 users with 30 days of sessions up to now, labelled as
        generated, and three real logs (xrdp, wtmp, sshd). Loading again adds only what has happened since.

        Example: rollcall sample --seed 7
        """;

    /// <summary>The fleet that everybody sees who does not ask for another one.</summary>
    private const ulong SeedDefault = 1;

    /// <summary>How long one look at a starting server may take, and how often to look.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    public static Command Create(CliContext context)
    {
        // Read as a ulong, so that a negative seed is a mistake in the command line and not another fleet.
        var seed = new Option<ulong>("--seed") { Description = "Which fleet: equal seeds give equal fleets.", DefaultValueFactory = _ => SeedDefault };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the generated events as NDJSON and send nothing." };
        var wait = new Option<int>("--wait") { Description = "Seconds to wait for a server that is still starting.", HelpName = "seconds" };
        var connection = new ConnectionOptions(context);
        var command = new Command("sample", Description) { seed, dryRun, wait };
        connection.AddTo(command);
        command.Run(context, async (parse, cancel) =>
        {
            var options = new FleetOptions(parse.GetValue(seed), context.Time.GetUtcNow());
            if (parse.GetValue(dryRun))
            {
                await SampleLoader.LoadAsync(new NdjsonSink(context.Out), options, cancel);
                return ExitCode.Ok;
            }

            await using var session = await OpenAsync(context, () => connection.Resolve(parse, Caller.Administrator), parse.GetValue(wait), cancel);
            return await LoadAsync(context, session, options, cancel);
        });
        return command;
    }

    private static async Task<int> LoadAsync(CliContext context, NativeSession session, FleetOptions options, CancellationToken cancel)
    {
        await context.Error.WriteLineAsync("Loading the sample fleet …");
        var upload = new EventUpload(session);
        foreach (var one in RealLogs.Read())
            await upload.AddAsync(OutgoingEvent.From(one), cancel);
        await upload.FlushAsync(cancel);
        var load = await SampleLoader.LoadAsync(new NativeSink(session, upload), options, cancel);
        context.Say($"Sample fleet: {load.Users} users; {upload.Accepted} events taken, {upload.Duplicate} known already, {upload.Rejected.Skipped.Count} rejected");
        return upload.Rejected.Skipped.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>Tries until the server answers; its bootstrap file may not be there yet either.</summary>
    private static async Task<NativeSession> OpenAsync(CliContext context, Func<Connection> resolve, int waitSeconds, CancellationToken cancel)
    {
        var giveUpAt = context.Time.GetUtcNow() + TimeSpan.FromSeconds(waitSeconds);
        while (true)
        {
            try
            {
                return await NativeSession.OpenAsync(resolve(), context.Time, cancel);
            }
            catch (Exception notYet) when (notYet is UsageException or NativeException { Status: null } && context.Time.GetUtcNow() < giveUpAt)
            {
                await Task.Delay(LookEvery, context.Time, cancel);
            }
        }
    }

    /// <summary>Sends generated events through the same batches as imported ones.</summary>
    private sealed class NativeSink(NativeSession session, EventUpload upload) : IEventSink
    {
        public async Task SendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancel)
        {
            foreach (var one in events)
                await upload.AddAsync(OutgoingEvent.From(new ImportedEvent(one, default)), cancel);
            await upload.FlushAsync(cancel);
        }

        public async Task ImportUsersAsync(string csv, CancellationToken cancel)
        {
            var receipt = await session.Client.PostAsync(
                session.Path("users:import"), System.Text.Encoding.UTF8.GetBytes(csv), "text/csv", NativeJson.Default.UsersReceipt, cancel);
            if (receipt.Rejected is [var first, ..])
                throw new NativeException($"The server refused a sample user: {first.Field}: {first.Reason}");
        }
    }
}
