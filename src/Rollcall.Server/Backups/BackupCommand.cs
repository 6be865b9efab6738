using System.Globalization;
using Rollcall.Core;
using Rollcall.Core.Backups;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Backups;

/// <summary><c>rollcalld backup</c>: one instant of an embedded ledger, and what a server needs to go on with it, in a folder of its own.</summary>
internal sealed class BackupCommand(TimeProvider clock, TextWriter output, ProgressPrinter progress)
{
    /// <summary>Beside the ledger: what seals secrets in it, and settings where they lie in the data folder.</summary>
    public static readonly string[] Companions = ["server.key", "appsettings.json"];

    /// <exception cref="CommandException">It cannot be made; nothing is left of it.</exception>
    public int Run(ServerOptions options, string destination, bool hasExports, CancellationToken cancel)
    {
        if (options.Store != ServerOptions.EmbeddedStore)
        {
            throw new CommandException(
                "The ledger is in PostgreSQL, which several servers may be writing: back it up with the database's own pg_dump --format=custom or pg_basebackup, " +
                "which take one instant of all of it, and keep the file server.key of a data folder with it. rollcalld verify checks a restored database");
        }

        var data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Data));
        var final = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        if ((final + Path.DirectorySeparatorChar).StartsWith(data + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new CommandException($"{final} lies in the data folder, and would be lost with it: choose a place elsewhere");
        if (!File.Exists(Path.Combine(data, DataFolder.LedgerName)))
            throw new CommandException($"There is no ledger in {data}: name its data folder with --data");

        using var folder = UnfinishedFolder.Begin(final);
        var manifest = Fill(folder.Path, data, hasExports, cancel);
        manifest.Write(folder.Path);
        folder.Finish();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{final}: {manifest.Tenants.Sum(tenant => tenant.Events)} events, {manifest.Tenants.Sum(tenant => tenant.Sessions)} sessions, {manifest.Tenants.Count} {(manifest.Tenants.Count == 1 ? "tenant" : "tenants")}, {manifest.Files.Sum(file => file.SizeBytes)} bytes, as of {manifest.TakenAt:yyyy-MM-ddTHH:mm:ss.fffZ}"));
        return 0;
    }

    private BackupManifest Fill(string folder, string data, bool hasExports, CancellationToken cancel)
    {
        var takenAt = Instants.ToMilliseconds(clock.GetUtcNow());
        var ledger = Path.Combine(folder, DataFolder.LedgerName);
        RequireRoom(Path.Combine(data, DataFolder.LedgerName), folder);
        Identity.PrivateFile.CreateIfMissing(ledger);
        RollcallServer.CopyLedger(Path.Combine(data, DataFolder.LedgerName), ledger, progress.Tell, cancel);

        var files = new List<BackupFile> { new(DataFolder.LedgerName, new FileInfo(ledger).Length, FileDigest.Of(ledger, cancel)) };
        files.AddRange(Companions.Where(name => File.Exists(Path.Combine(data, name))).Select(name => Copied(name, data, folder, cancel)));
        if (hasExports)
            files.AddRange(CopyExports(data, folder, cancel));
        using var copy = RollcallServer.InspectCopy(ledger, folder);
        return new BackupManifest
        {
            Format = BackupManifest.FormatNewest,
            Program = ProgramVersion.Text,
            TakenAt = takenAt,
            Schema = copy.Schema,
            Files = files,
            Tenants = [.. copy.Totals(cancel).Select(BackupTenant.Of)],
        };
    }

    /// <summary>An hour's copying that ends for want of room is better refused at once. What else needs room meanwhile can still take it.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static void RequireRoom(string ledger, string folder)
    {
        var needed = new FileInfo(ledger).Length;
        if (new DriveInfo(folder).AvailableFreeSpace is var free && free < needed)
            throw new CommandException($"There is no room for a copy of the ledger at {folder}: it needs {needed} bytes, {free} are free");
    }

    /// <summary>Files that are finished, but for those that expire and go away meanwhile: their tasks say EXPIRED after a restore as they would have.</summary>
    private static IEnumerable<BackupFile> CopyExports(string data, string folder, CancellationToken cancel)
    {
        var exports = Path.Combine(data, DataFolder.ExportsName);
        foreach (var path in Directory.EnumerateFiles(exports, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".part", StringComparison.Ordinal)))
        {
            if (TryCopied(Path.GetRelativePath(data, path).Replace(Path.DirectorySeparatorChar, '/'), data, folder, cancel) is { } copied)
                yield return copied;
        }
    }

    private static BackupFile? TryCopied(string name, string data, string folder, CancellationToken cancel)
    {
        try
        {
            return Copied(name, data, folder, cancel);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static BackupFile Copied(string name, string data, string folder, CancellationToken cancel)
    {
        var file = new BackupFile(name, 0, string.Empty);
        var to = file.In(folder);
        DataFolder.CreatePrivate(Path.GetDirectoryName(to)!);
        var digest = FileDigest.Copy(file.In(data), to, cancel);
        return file with { Sha256 = digest, SizeBytes = new FileInfo(to).Length };
    }
}
