using System.Globalization;
using Rollcall.Core.Backups;
using Rollcall.Server.Configuration;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Backups;

/// <summary><c>rollcalld verify</c>: proves a ledger, or a backup of one, and says what is wrong with it.</summary>
internal sealed class VerifyCommand(TextWriter output, ProgressPrinter progress)
{
    /// <summary>Lines about what is wrong; a ledger that is torn has millions.</summary>
    private const int FaultsMax = 1000;

    private long sealsUnchecked;

    /// <summary>Of the ledger that the settings name; its servers may be writing it.</summary>
    /// <exception cref="CommandException">It cannot be looked at.</exception>
    public int RunLedger(ServerOptions options, CancellationToken cancel)
    {
        using var ledger = RollcallServer.InspectLedger(options);
        return Report(ledger.Check(progress.Tell, cancel).Concat(Noting(ledger)), () => ledger.Totals(cancel));
    }

    /// <exception cref="CommandException">The folder is no backup.</exception>
    public int RunBackup(string folder, CancellationToken cancel)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!File.Exists(Path.Combine(full, BackupManifest.FileName)) && File.Exists(Path.Combine(full, DataFolder.LedgerName)))
            throw new CommandException($"{full} is no finished backup: it has no {BackupManifest.FileName}. A data folder is verified with --data {folder}");

        var manifest = BackupManifest.Read(full);
        return Report(
            DigestFaults(manifest, full, cancel).Concat(LedgerFaults(manifest, Path.Combine(full, DataFolder.LedgerName), full, cancel)),
            () => [.. manifest.Tenants.Select(tenant => new TenantTotals(
                Core.TenantId.Parse(tenant.Id), tenant.Name, tenant.Events, tenant.Batches, tenant.ChainHead, tenant.Sessions, tenant.Connections, tenant.SignIns, tenant.Users))]);
    }

    /// <summary>What is wrong with a copy of a ledger, and where it is not what the manifest counts.</summary>
    /// <param name="manifest">Of the backup.</param>
    /// <param name="path">The copy.</param>
    /// <param name="keyFolder">Where the server's key is, if anywhere.</param>
    /// <param name="cancel">Honoured between two rows.</param>
    public IEnumerable<string> LedgerFaults(BackupManifest manifest, string path, string keyFolder, CancellationToken cancel)
    {
        if (!File.Exists(path))
            yield break; // the digests have said so

        using var copy = TryInspect(path, keyFolder, out var refusal);
        if (copy is null)
        {
            yield return refusal;
            yield break;
        }

        foreach (var fault in copy.Check(progress.Tell, cancel).Concat(Noting(copy)))
            yield return fault;
        foreach (var fault in CountFaults(manifest, copy, cancel))
            yield return fault;
    }

    /// <summary>No faults; notes at the end of a check what it left out.</summary>
    private IEnumerable<string> Noting(ILedgerInspection checkedLedger)
    {
        sealsUnchecked = checkedLedger.SealsUnchecked;
        yield break;
    }

    private static ILedgerInspection? TryInspect(string path, string keyFolder, out string refusal)
    {
        try
        {
            refusal = string.Empty;
            return RollcallServer.InspectCopy(path, keyFolder);
        }
        catch (Exception cause) when (cause is LedgerException or CommandException)
        {
            refusal = cause.Message;
            return null;
        }
    }

    private static List<string> CountFaults(BackupManifest manifest, ILedgerInspection copy, CancellationToken cancel)
    {
        try
        {
            var counted = copy.Totals(cancel).Select(BackupTenant.Of).ToList();
            return
            [
                .. manifest.Tenants.Except(counted).Select(tenant => $"the manifest has {tenant}, the ledger has not"),
                .. counted.Except(manifest.Tenants).Select(tenant => $"the ledger has {tenant}, the manifest has not"),
            ];
        }
        catch (LedgerException cause)
        {
            return [cause.Message];
        }
    }

    private static IEnumerable<string> DigestFaults(BackupManifest manifest, string folder, CancellationToken cancel)
    {
        foreach (var file in manifest.Files)
        {
            if (!File.Exists(file.In(folder)))
                yield return $"{file.Path} is missing";
            else if (new FileInfo(file.In(folder)).Length is var length && length != file.SizeBytes)
                yield return $"{file.Path} has {length} bytes instead of {file.SizeBytes}";
            else if (FileDigest.Of(file.In(folder), cancel) != file.Sha256)
                yield return $"{file.Path} is damaged: its SHA-256 is not the one in the manifest";
        }
    }

    private int Report(IEnumerable<string> faults, Func<IReadOnlyList<TenantTotals>> totals)
    {
        var count = 0;
        foreach (var fault in faults.Take(FaultsMax))
        {
            output.WriteLine(Printable.Of(fault));
            count++;
        }

        if (count > 0)
            throw new CommandException(count == FaultsMax ? $"{count} things are wrong or more; the rest is not looked at" : $"{count} things are wrong");

        foreach (var tenant in totals())
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"tenant {Printable.Of(tenant.Name)} ({tenant.Tenant}): {tenant.Events} events in {tenant.Batches} batches, {tenant.Sessions} sessions, chain {(tenant.ChainHead.Length > 0 ? tenant.ChainHead : "empty")}"));
        }

        if (sealsUnchecked > 0)
            output.WriteLine($"The seals of {sealsUnchecked} checkpoints were not checked: there is no server.key");
        output.WriteLine("Nothing is wrong");
        return 0;
    }
}
