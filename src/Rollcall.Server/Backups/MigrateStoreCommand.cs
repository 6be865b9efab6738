using System.Globalization;
using Rollcall.Core;
using Rollcall.Core.Backups;
using Rollcall.Server.Configuration;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Backups;

/// <summary>
/// <c>rollcalld migrate-store</c>: the embedded ledger becomes one in PostgreSQL. Beside its server it brings over one instant of it, which no server can open yet;
/// with the server stopped it brings over what has changed since, and makes it a ledger.
/// </summary>
internal sealed class MigrateStoreCommand(TimeProvider clock, TextWriter output, ProgressPrinter progress)
{
    /// <summary>Where one instant of a ledger lies while it is copied from beside its server; gone afterwards.</summary>
    private const string SnapshotName = "migrate-store";

    /// <summary>Differences told; a ledger that another program wrote has as many as tenants and tables.</summary>
    private const int DifferencesMax = 1000;

    /// <exception cref="CommandException">It cannot be done, or what arrived differs; the message says why and what to do.</exception>
    /// <exception cref="SettingException">It is not said where to, or the address cannot be used.</exception>
    public async Task<int> RunAsync(ServerOptions options, string? to, CancellationToken cancel)
    {
        var address = to ?? (options.Store == ServerOptions.EmbeddedStore ? string.Empty : options.Store);
        var where = RollcallServer.DescribeDatabase(address) ??
            throw new SettingException("The database to move into must be named: --to postgres://user:password@host:port/database, or the same in ROLLCALL_STORE");
        var data = Path.GetFullPath(options.Data);
        if (!File.Exists(Path.Combine(data, DataFolder.LedgerName)))
            throw new CommandException($"There is no ledger in {data}: name its data folder with --data");
        // A run that was killed at its very end is finished by the next; what went elsewhere is an old ledger by now.
        if (DataFolder.MovedTo(data) is { } there && !there.StartsWith(where + " ", StringComparison.Ordinal))
            throw new CommandException($"The ledger in {data} was moved to {there}, and servers may have written there since. To move it as it was then, delete {Path.Combine(data, DataFolder.MovedName)}");

        // Who owns the folder is the only one to write the ledger: only then is it all there is, and may be the last instant of it.
        using var owned = DataFolder.TryOwn(data);
        if (owned is null)
            MoveBesideServer(data, address, where, cancel);
        else
            await MoveForGoodAsync(owned, address, where, cancel);
        return 0;
    }

    private void MoveBesideServer(string data, string address, string where, CancellationToken cancel)
    {
        var takenAt = Instants.ToMilliseconds(clock.GetUtcNow());
        using var folder = UnfinishedFolder.Begin(Path.Combine(data, SnapshotName));
        var ledger = Path.Combine(data, DataFolder.LedgerName);
        var snapshot = Path.Combine(folder.Path, DataFolder.LedgerName);
        BackupCommand.RequireRoom(ledger, folder.Path);
        Identity.PrivateFile.CreateIfMissing(snapshot);
        RollcallServer.CopyLedger(ledger, snapshot, progress.Tell, cancel);
        using (var move = RollcallServer.BeginMove(snapshot, isCopy: true, address))
            Move(move, cancel);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Everything acknowledged before {takenAt:yyyy-MM-ddTHH:mm:ss.fffZ} is in {where}, and nothing differs. A server runs on {data}: the move is not finished, and no server opens the database yet. Stop that server and run this again; what has changed since is brought over then"));
    }

    private async Task MoveForGoodAsync(DataFolder folder, string address, string where, CancellationToken cancel)
    {
        using (UnfinishedFolder.Begin(Path.Combine(folder.Path, SnapshotName)))
        {
            // Clears away what a run that was killed beside the server has left.
        }

        using var move = RollcallServer.BeginMove(folder.Ledger, isCopy: false, address);
        Move(move, cancel);
        await RollcallServer.ShareKeyAsync(folder, address, cancel);
        // Before anybody can write there: from here on no server writes here any more.
        folder.SetMoved(where, clock.GetUtcNow());
        move.Finish();
        output.WriteLine($"The ledger is in {where}, and nothing differs. Start rollcalld with ROLLCALL_STORE and this data folder, where its key and its exports are. {folder.Ledger} is as it was and no server opens it any more");
    }

    private void Move(ILedgerMove move, CancellationToken cancel)
    {
        move.Copy(progress.Tell, cancel);
        var count = 0;
        foreach (var difference in move.Differences(progress.Tell, cancel).Take(DifferencesMax))
        {
            output.WriteLine(difference);
            count++;
        }

        if (count > 0)
            throw new CommandException($"{count} things are wrong: the move is not finished, and no server opens the database. Somebody else wrote there, or what was stored is damaged: create an empty database and begin anew. rollcalld verify --data says whether the ledger itself is sound");

        Print(move.Moved);
    }

    private void Print(IReadOnlyList<MovedRows> moved)
    {
        var width = moved.Max(table => table.Table.Length);
        foreach (var table in moved)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table.Table.PadRight(width)} {table.Rows,12}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"all rows".PadRight(width)} {moved.Sum(table => table.Rows),12}"));
    }
}
