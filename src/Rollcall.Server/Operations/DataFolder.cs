namespace Rollcall.Server.Operations;

/// <summary>The folder that holds everything this server keeps; one process at a time owns it.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream ownership;

    private DataFolder(string path, FileStream ownership) => (Path, this.ownership) = (path, ownership);

    public string Path { get; }

    /// <summary>Name of the embedded ledger in it.</summary>
    public const string LedgerName = "ledger.db";

    /// <summary>Name of the folder of finished exports in it.</summary>
    public const string ExportsName = "exports";

    /// <summary>Name of the file that says where the ledger went: the embedded one is not to be written any more.</summary>
    public const string MovedName = "ledger.moved";

    public string Ledger => System.IO.Path.Combine(Path, LedgerName);

    public string Exports => System.IO.Path.Combine(Path, ExportsName);

    /// <exception cref="Configuration.SettingException">The folder cannot be used, or another process owns it.</exception>
    public static DataFolder Own(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            CreatePrivate(full);
            CreatePrivate(System.IO.Path.Combine(full, ExportsName));
            return new DataFolder(full, TakeOwnership(full));
        }
        catch (UnauthorizedAccessException)
        {
            throw new Configuration.SettingException($"The data folder {full} cannot be written: choose another with --data");
        }
        catch (IOException cause)
        {
            throw new Configuration.SettingException($"The data folder {full} cannot be used: {cause.Message}");
        }
    }

    /// <summary>Null when another process owns it.</summary>
    /// <exception cref="Configuration.SettingException">The folder cannot be used.</exception>
    public static DataFolder? TryOwn(string path)
    {
        try
        {
            return Own(path);
        }
        catch (OwnedException)
        {
            return null;
        }
    }

    /// <summary>Says that the ledger went elsewhere.</summary>
    /// <param name="where">Without any password.</param>
    /// <param name="at">When.</param>
    public void SetMoved(string where, DateTimeOffset at) =>
        Identity.PrivateFile.Write(System.IO.Path.Combine(Path, MovedName), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{where} on {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\n"));

    /// <summary>Where the ledger of a data folder went and when, as <see cref="SetMoved"/> was told; null when it is here.</summary>
    public static string? MovedTo(string folder)
    {
        var file = System.IO.Path.Combine(folder, MovedName);
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }

    /// <exception cref="Configuration.SettingException">The ledger went elsewhere.</exception>
    public void RequireNotMoved()
    {
        if (MovedTo(Path) is { } there)
            throw new Configuration.SettingException($"The ledger in {Path} was moved to {there}: start with ROLLCALL_STORE naming that database. To go on with the embedded ledger, without what was written since, delete {System.IO.Path.Combine(Path, MovedName)}");
    }

    /// <summary>Its parents too; a folder that is there keeps its mode.</summary>
    public static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private sealed class OwnedException(string message) : Configuration.SettingException(message);

    public void Dispose() => ownership.Dispose();

    private static FileStream TakeOwnership(string folder)
    {
        var path = System.IO.Path.Combine(folder, "rollcalld.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new OwnedException($"Another rollcalld runs on the data folder {folder}: stop it, or choose another folder with --data");
        }
    }
}
