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

    /// <summary>Its parents too; a folder that is there keeps its mode.</summary>
    public static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

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
            throw new Configuration.SettingException($"Another rollcalld runs on the data folder {folder}: stop it, or choose another folder with --data");
        }
    }
}
