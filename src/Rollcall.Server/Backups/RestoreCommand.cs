using System.Globalization;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Backups;

/// <summary><c>rollcalld restore</c>: a backup becomes a data folder again, proved before it has its name.</summary>
internal sealed class RestoreCommand(TextWriter output, VerifyCommand verify)
{
    /// <summary>A ledger under this name is not whole, or not proved yet; a server does not start beside it.</summary>
    public const string PartSuffix = ".restoring";

    /// <summary>What SQLite has beside a ledger, and would read into one that comes under the same name.</summary>
    private static readonly string[] LogSuffixes = ["-wal", "-shm", "-journal"];

    /// <exception cref="CommandException">It cannot be restored; the folder has no ledger then.</exception>
    public int Run(string backup, string data, CancellationToken cancel)
    {
        var from = Path.TrimEndingDirectorySeparator(Path.GetFullPath(backup));
        var manifest = BackupManifest.Read(from);
        RequireNothingThere(manifest, Path.GetFullPath(data));
        using var folder = DataFolder.Own(data);
        RequireNothingThere(manifest, folder.Path);
        foreach (var file in manifest.Files)
            CopyChecked(file, from, folder.Path, cancel);

        var faults = verify.LedgerFaults(manifest, folder.Ledger + PartSuffix, from, cancel).Take(1).ToList();
        if (faults.Count > 0)
            throw new CommandException($"Nothing is restored, the backup is damaged: {faults[0]}. rollcalld verify {backup} says all that is wrong");

        // The ledger last: what has its name is a data folder.
        foreach (var file in manifest.Files.OrderBy(file => file.Path == DataFolder.LedgerName))
            GiveName(file.In(folder.Path));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{folder.Path}: restored as of {manifest.TakenAt:yyyy-MM-ddTHH:mm:ss.fffZ} and verified; all that was acknowledged before is in it, what came later may not be"));
        return 0;
    }

    private static void RequireNothingThere(BackupManifest manifest, string data)
    {
        if (File.Exists(Path.Combine(data, DataFolder.LedgerName)))
            throw new CommandException($"{data} has a ledger already: restore into an empty folder");
        if (LogSuffixes.Select(suffix => DataFolder.LedgerName + suffix).FirstOrDefault(name => Path.Exists(Path.Combine(data, name))) is { } log)
            throw new CommandException($"{data} has a file {log}, which belongs to another ledger and would be read into this one: move it away, to where that ledger is");
        if (manifest.Files.FirstOrDefault(file => Path.Exists(file.In(data)) && !IsRestored(file, data)) is { } taken)
            throw new CommandException($"{data} has a file {taken.Path} already: restore into an empty folder");
    }

    /// <summary>Whether it has its name since a restore of this backup that died before the ledger had its own.</summary>
    private static bool IsRestored(BackupFile file, string data) =>
        File.Exists(Path.Combine(data, DataFolder.LedgerName + PartSuffix)) && File.Exists(file.In(data)) && FileDigest.Of(file.In(data), CancellationToken.None) == file.Sha256;

    /// <summary>What a restore that died has left under the temporary name is in nobody's way.</summary>
    private static void CopyChecked(BackupFile file, string from, string data, CancellationToken cancel)
    {
        var part = file.In(data) + PartSuffix;
        DataFolder.CreatePrivate(Path.GetDirectoryName(part)!);
        File.Delete(part);
        if (!File.Exists(file.In(from)))
            throw new CommandException($"Nothing is restored, the backup is damaged: {file.Path} is missing");
        if (FileDigest.Copy(file.In(from), part, cancel) != file.Sha256)
            throw new CommandException($"Nothing is restored, the backup is damaged: the SHA-256 of {file.Path} is not the one in the manifest");
    }

    private static void GiveName(string path)
    {
        // What a restore that died has named already is the same.
        if (File.Exists(path))
            File.Delete(path + PartSuffix);
        else
            File.Move(path + PartSuffix, path, overwrite: false);
        DurableFolder.Sync(Path.GetDirectoryName(path)!);
    }
}
