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

    private static void Write(string path, byte[] content, UnixFileMode mode, bool toDisk)
    {
        var next = path + ".next";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;

        using (var file = new FileStream(next, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: toDisk);
        }

        File.Move(next, path, overwrite: true);
    }
}
