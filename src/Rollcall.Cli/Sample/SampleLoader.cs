using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>How much a load sent. The server says how much of it was new.</summary>
internal sealed record SampleLoad(int Users, int Events);

/// <summary>Generates a fleet into a sink.</summary>
internal static class SampleLoader
{
    /// <summary>Events of one batch: about 0.7 MB of JSON, far below the native API's 10 000 events and 16 MiB, and one short transaction.</summary>
    public const int BatchMax = 1000;

    /// <summary>Users first, so that no session is ever seen without its user; then the events in order of time.</summary>
    public static async Task<SampleLoad> LoadAsync(IEventSink sink, FleetOptions options, CancellationToken cancel)
    {
        var generator = new FleetGenerator(options);
        await sink.ImportUsersAsync(UserCsv.Write(generator), cancel);

        var sent = 0;
        foreach (LedgerEvent[] batch in generator.Events().Chunk(BatchMax))
        {
            await sink.SendAsync(batch, cancel);
            sent += batch.Length;
        }

        return new SampleLoad(generator.Fleet.Users.Count, sent);
    }
}
