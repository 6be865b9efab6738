using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core.Backups;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Backups;

/// <summary>What a backup consists of. It is written last: a folder without it is no backup.</summary>
internal sealed record BackupManifest
{
    public const string FileName = "manifest.json";

    /// <summary>The manifest's own digest, as <c>sha256sum</c> writes and checks it.</summary>
    public const string DigestName = "manifest.sha256";

    /// <summary>Raised when an older program could not read it.</summary>
    public const int FormatNewest = 1;

    /// <summary>Our choice: some hundred thousand tenants or files.</summary>
    private const int BytesMax = 64 * 1024 * 1024;

    public required int Format { get; init; }

    /// <summary>Which program wrote it.</summary>
    public required string Program { get; init; }

    /// <summary>The backup's instant: everything acknowledged before it is in it, and of what came in the moment after it perhaps some.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Number of the ledger's newest migration.</summary>
    public required long Schema { get; init; }

    public required IReadOnlyList<BackupFile> Files { get; init; }

    public required IReadOnlyList<BackupTenant> Tenants { get; init; }

    public void Write(string folder)
    {
        var text = JsonSerializer.Serialize(this, BackupJson.Default.BackupManifest) + "\n";
        PrivateFile.Write(Path.Combine(folder, FileName), text);
        PrivateFile.Write(Path.Combine(folder, DigestName), $"{FileDigest.Of(Path.Combine(folder, FileName), CancellationToken.None)}  {FileName}\n");
    }

    /// <exception cref="CommandException">The folder is no backup, or its manifest is damaged or of a newer program.</exception>
    public static BackupManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!Directory.Exists(folder))
            throw new CommandException($"There is no folder {folder}");
        if (!File.Exists(path) || !File.Exists(Path.Combine(folder, DigestName)))
            throw new CommandException($"{folder} is no backup, or one that was never finished: it has no {FileName}");
        if (new FileInfo(path).Length > BytesMax)
            throw new CommandException($"{path} is no manifest: it is larger than {BytesMax} bytes");
        if (File.ReadAllText(Path.Combine(folder, DigestName)) != $"{FileDigest.Of(path, CancellationToken.None)}  {FileName}\n")
            throw new CommandException($"{path} is damaged: its digest is not the one in {DigestName}");

        return Parse(path) is { Format: FormatNewest } manifest && manifest.IsWhole()
            ? manifest
            : throw new CommandException($"{path} is not of format {FormatNewest}: use the rollcalld that wrote it");
    }

    /// <summary>Whether it names a ledger, each file once, and nothing that a backup does not have: it may have been written by anybody.</summary>
    private bool IsWhole() =>
        Files.All(file => file is not null && file.IsKnown()) && Tenants.All(tenant => tenant is not null)
        && Files.Any(file => file.Path == DataFolder.LedgerName) && Files.DistinctBy(file => file.Path, StringComparer.OrdinalIgnoreCase).Count() == Files.Count;

    private static BackupManifest? Parse(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), BackupJson.Default.BackupManifest);
        }
        catch (JsonException cause)
        {
            throw new CommandException($"{path} cannot be read as a manifest: {cause.Message}", cause);
        }
    }
}

/// <summary>A file of a backup.</summary>
/// <param name="Path">Below the backup's folder, with slashes.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="Sha256">In lower-case hexadecimal.</param>
internal sealed record BackupFile(string Path, long SizeBytes, string Sha256)
{
    /// <summary>Whether it is one that a backup may have, and its path stays below the folder.</summary>
    public bool IsKnown() => Path == DataFolder.LedgerName || BackupCommand.Companions.Contains(Path, StringComparer.Ordinal) || IsExport(Path.Split('/'));

    private static bool IsExport(string[] parts) =>
        parts.Length > 1 && parts[0] == DataFolder.ExportsName && parts.All(part => part is not ("" or "." or "..") && part.IndexOfAny(['\\', ':', '\0']) < 0);

    public string In(string folder) => System.IO.Path.Combine([folder, .. Path.Split('/')]);
}

/// <summary>How much of a tenant a backup holds.</summary>
internal sealed record BackupTenant(string Id, string Name, long Events, long Batches, string ChainHead, long Sessions, long Connections, long SignIns, long Users)
{
    public static BackupTenant Of(TenantTotals totals) => new(
        totals.Tenant.Value, totals.Name, totals.Events, totals.Batches, totals.ChainHead, totals.Sessions, totals.Connections, totals.SignIns, totals.Users);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;

/// <summary>SHA-256 of files, in lower-case hexadecimal.</summary>
internal static class FileDigest
{
    private const int BufferBytes = 1024 * 1024;

    public static string Of(string path, CancellationToken cancel)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Pass(file, to: null, cancel);
    }

    /// <summary>Copies a file to a place where none is, readable by the owner only, and syncs it.</summary>
    /// <returns>The digest of what was read.</returns>
    public static string Copy(string from, string to, CancellationToken cancel)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        using var target = PrivateFile.Create(to);
        var digest = Pass(source, target, cancel);
        target.Flush(flushToDisk: true);
        return digest;
    }

    private static string Pass(FileStream source, FileStream? to, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (var count = source.Read(buffer); count > 0; count = source.Read(buffer))
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, count);
            to?.Write(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
