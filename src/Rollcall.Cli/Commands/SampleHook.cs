using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;
using System.Text.Json;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;
using Rollcall.Cli.Sample;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall sample</c>, connected to a server like every other command.</summary>
internal static class SampleHook
{
    public static Command Create(CliContext context)
    {
        var connection = new ConnectionOptions(context);
        NativeSink? sink = null;
        var command = SampleCommand.Create(parse => sink = new NativeSink(connection.Resolve(parse, Caller.Administrator), context.Time), context.Time);
        command.Description += ".\n\nExample: rollcall sample --seed 7";
        connection.AddTo(command);

        var load = (AsynchronousCommandLineAction)command.Action!;
        command.Run(context, async (parse, cancel) =>
        {
            try
            {
                return await load.InvokeAsync(parse, cancel);
            }
            finally
            {
                if (sink is not null)
                    await sink.DisposeAsync();
            }
        });
        return command;
    }

    /// <summary>Sends to a server; signs in with the first thing sent.</summary>
    private sealed class NativeSink(Connection connection, TimeProvider time) : IEventSink, IAsyncDisposable
    {
        private NativeSession? session;

        public async Task SendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancel)
        {
            session ??= await NativeSession.OpenAsync(connection, time, cancel);
            var upload = new EventUpload(session);
            foreach (var one in events)
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(one, NativeJson.Default.LedgerEvent);
                await upload.AddAsync(new OutgoingEvent(one.Id, one.Type, json, default), cancel);
            }

            await upload.FlushAsync(cancel);
            if (upload.Rejected.Skipped is [var first, ..])
                throw new NativeException($"The server rejected events of the sample: {first.Reason}");
        }

        public async Task ImportUsersAsync(string csv, CancellationToken cancel)
        {
            session ??= await NativeSession.OpenAsync(connection, time, cancel);
            var receipt = await session.Client.PostAsync(session.Path("users:import"), Encoding.UTF8.GetBytes(csv), "text/csv", NativeJson.Default.UsersReceipt, cancel);
            if (receipt.Rejected is [var first, ..])
                throw new NativeException($"The server rejected users of the sample: line {first.Line}, {first.Field}: {first.Reason}");
        }

        public ValueTask DisposeAsync() => session?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
