using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Backups;

/// <summary>A folder under a temporary name, which gets its own when everything in it is on disk. What dies on the way leaves nothing under that name.</summary>
internal sealed class UnfinishedFolder : IDisposable
{
    private const string LockName = "unfinished.lock";

    private readonly string final;
    private readonly FileStream ownership;

    private UnfinishedFolder(string final, string path, FileStream ownership) => (this.final, Path, this.ownership) = (final, path, ownership);

    /// <summary>Where to write until it is finished.</summary>
    public string Path { get; }

    /// <exception cref="CommandException">There is something under the name, or somebody else is at it.</exception>
    public static UnfinishedFolder Begin(string final)
    {
        if (System.IO.Path.Exists(final))
            throw new CommandException($"{final} is there already: nothing is ever overwritten");
        if (!Directory.Exists(System.IO.Path.GetDirectoryName(final)))
            throw new CommandException($"There is no folder {System.IO.Path.GetDirectoryName(final)} to make {System.IO.Path.GetFileName(final)} in");

        var part = final + ".part";
        if (Directory.Exists(part))
            RemoveDead(part, final);
        DataFolder.CreatePrivate(part);
        return new UnfinishedFolder(final, part, Lock(part, FileMode.CreateNew, final));
    }

    /// <summary>Gives it its name. Every file in it must be synced already.</summary>
    public void Finish()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path, "*", SearchOption.AllDirectories))
            DurableFolder.Sync(folder);
        DurableFolder.Sync(Path);
        if (OperatingSystem.IsWindows())
            ownership.Dispose(); // there a folder with an open file keeps its name
        Directory.Move(Path, final);
        // Last: without it a folder that has not its name yet would be nobody's, and in everybody's way.
        ownership.Dispose();
        File.Delete(System.IO.Path.Combine(final, LockName));
        DurableFolder.Sync(final);
        DurableFolder.Sync(System.IO.Path.GetDirectoryName(final)!);
    }

    /// <summary>Takes away what was not finished.</summary>
    public void Dispose()
    {
        ownership.Dispose();
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    /// <summary>Only what one of us left: it has our lock, which nobody holds, or died before it had one.</summary>
    private static void RemoveDead(string part, string final)
    {
        if (Directory.EnumerateFileSystemEntries(part).Any())
        {
            if (!File.Exists(System.IO.Path.Combine(part, LockName)))
                throw new CommandException($"{part} is in the way, and not the rest of a copy: move it away");

            using var dead = Lock(part, FileMode.Open, final);
        }

        Directory.Delete(part, recursive: true);
    }

    private static FileStream Lock(string part, FileMode mode, string final)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(part, LockName), mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException cause)
        {
            throw new CommandException($"Another rollcalld is at work on {final}", cause);
        }
    }
}
