using System.Globalization;
using Rollcall.Bench.Fleet;
using Rollcall.Bench.Rows;

namespace Rollcall.Bench.Runs;

/// <summary>A server on a ledger that holds the run's rows, all of one tenant.</summary>
internal sealed class FilledLedger : IAsyncDisposable
{
    private FilledLedger(ServerRun server, FleetClient client) => (Server, Client) = (server, client);

    public ServerRun Server { get; }

    public FleetClient Client { get; }

    /// <summary>The folder, filled at the first call of a run, or of the first run that keeps it; by how much that made the file longer is in <see cref="LedgerFile"/>.</summary>
    public static Task<LedgerFile> FileAsync(BenchRun run, CancellationToken cancel) => run.OnceAsync("ledger", async () =>
    {
        if (run.LedgersFolder is not { } kept)
            return await FillAsync(run.Workshop.PathOf("ledger"), run, cancel);

        var data = Path.Combine(Path.GetFullPath(kept), string.Create(CultureInfo.InvariantCulture, $"{run.Rows}-of-{run.Seed}"));
        // Written last: a fill that was interrupted begins anew.
        var whole = data + ".bytes";
        if (File.Exists(whole))
            return new LedgerFile(data, long.Parse(await File.ReadAllTextAsync(whole, cancel), CultureInfo.InvariantCulture));

        if (Directory.Exists(data))
            Directory.Delete(data, recursive: true);
        Directory.CreateDirectory(kept);
        var filled = await FillAsync(data, run, cancel);
        await File.WriteAllTextAsync(whole, filled.AddedBytes.ToString(CultureInfo.InvariantCulture), cancel);
        return filled;
    });

    private static async Task<LedgerFile> FillAsync(string data, BenchRun run, CancellationToken cancel)
    {
        string tenant;
        await using (var first = await ServerRun.StartAsync(data, cancel))
            tenant = first.Bootstrap.GetProperty("tenant_id").GetString()!;

        var file = Path.Combine(data, "ledger.db");
        var emptyBytes = BytesOf(file);
        LedgerRows.Write(file, tenant, run.Seed, run.Rows);
        return new LedgerFile(data, BytesOf(file) - emptyBytes);
    }

    public static async Task<FilledLedger> OpenAsync(BenchRun run, CancellationToken cancel)
    {
        var server = await ServerRun.StartAsync((await FileAsync(run, cancel)).Folder, cancel);
        try
        {
            return new FilledLedger(server, await FleetClient.ConnectAsync(server, cancel));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }

    private static long BytesOf(string file) => new FileInfo(file).Length;
}

/// <param name="Folder">The server's data.</param>
/// <param name="AddedBytes">By which the rows made the file longer, with all indexes.</param>
internal sealed record LedgerFile(string Folder, long AddedBytes);
