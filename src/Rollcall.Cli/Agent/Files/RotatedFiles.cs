using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Files;

/// <summary>A file beside the followed one that still holds something unread.</summary>
/// <param name="Offset">Where to go on, in bytes of its content.</param>
/// <param name="IsSkipping">That place is inside a piece that is longer than is taken.</param>
internal sealed record Leftover(string Path, long Offset, bool IsSkipping);

/// <summary>Finds what logrotate made of a file: the rest of the one that was being read, and what came after it.</summary>
internal static class RotatedFiles
{
    /// <summary>Old files looked at; an agent that slept through more rotations than this has a gap anyway.</summary>
    private const int CandidatesMax = 200;

    /// <summary>What the X server calls the log of the display's last run when it begins another.</summary>
    private const string XorgSuffix = ".old";

    /// <summary>The files to finish before the followed path is read from its beginning, oldest first; null when the old one is not found.</summary>
    public static List<Leftover>? Find(string path, LinkPolicy links, FilePosition old)
    {
        // The newest first: that is where the old file most likely is.
        var candidates = Siblings(path, links);
        var at = candidates.FindIndex(c => Posix.TryIdentify(c) is { } identity && old.IsOf(identity) && IsTheSame(c, links, old));
        if (at < 0)
            at = candidates.FindIndex(c => IsTheSame(c, links, old));

        if (at < 0)
            return null;

        var found = candidates.Take(at).Reverse().Select(c => new Leftover(c, 0, IsSkipping: false));
        return [new Leftover(candidates[at], old.Offset, old.IsSkipping), .. found];
    }

    /// <summary>The files that were written to since an instant, oldest first.</summary>
    public static IEnumerable<string> WrittenSince(string path, LinkPolicy links, DateTimeOffset since) =>
        Siblings(path, links).Where(c => File.GetLastWriteTimeUtc(c) >= since.UtcDateTime).Reverse();

    /// <summary>The content, unpacked; never of a pipe. Of a user's file the bytes as they are and never of a link: a small packed file can hold any number of bytes.</summary>
    public static Stream Open(string path, LinkPolicy links) =>
        links == LinkPolicy.Refuse ? OpenRaw(path, links) : new LogFile(path, () => OpenRaw(path, links)).Open();

    private static FileStream OpenRaw(string path, LinkPolicy links)
    {
        var opening = Posix.Open(path, links);
        return opening.Handle is null ? throw new IOException($"{path}: {opening.Trouble ?? "gone"}") : new FileStream(opening.Handle, FileAccess.Read);
    }

    private static List<string> Siblings(string path, LinkPolicy links)
    {
        // A user's folder may hold any number of files, and no logrotate works there.
        if (links == LinkPolicy.Refuse)
            return File.Exists(path + XorgSuffix) ? [path + XorgSuffix] : [];

        var (folder, name) = (Path.GetDirectoryName(path)!, Path.GetFileName(path));
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFiles(name + "*")
                .Where(f => f.Name.Length > name.Length && f.Name[name.Length] is '.' or '-')
                .OrderByDescending(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal)
                .Select(f => f.FullName).Take(CandidatesMax)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsTheSame(string path, LinkPolicy links, FilePosition old)
    {
        if (old.HeadLength == 0)
            return Posix.TryIdentify(path) is { } identity && old.IsOf(identity);

        try
        {
            using var content = Open(path, links);
            var head = new byte[old.HeadLength];
            return content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && old.BeginsAs(head);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
