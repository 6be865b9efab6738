namespace Rollcall.Cli.Agent.Files;

/// <summary>Small files that are replaced as a whole: a reader, also one after a crash, finds the old content or the new.</summary>
internal static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Returns when the new content would survive a loss of power.</summary>
    public static void Replace(string path, byte[] content)
    {
        Write(path, content, OwnerOnly, toDisk: true);
        Posix.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Atomic but not durable, for what is only looked at while the machine runs; readable by all.</summary>
    public static void Show(string path, byte[] content) =>
        Write(path, content, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead, toDisk: false);

    /// <summary>Opens a file to write that only this user may read: logs name people.</summary>
    public static FileStream OpenOwn(string path, FileMode mode) => Open(path, mode, OwnerOnly);

    private static FileStream Open(string path, FileMode how, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = how, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;

        return new FileStream(path, options);
    }

    private static void Write(string path, byte[] content, UnixFileMode mode, bool toDisk)
    {
        var next = path + ".next";
        File.Delete(next);
        using (var file = Open(next, FileMode.CreateNew, mode))
        {
            file.Write(content);
            file.Flush(flushToDisk: toDisk);
        }

        File.Move(next, path, overwrite: true);
    }
}
