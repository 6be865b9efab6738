using System.IO.Enumeration;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>What paths with <c>*</c> and <c>?</c> in their parts stand for, as far as it may be looked at.</summary>
/// <param name="Files">The files that are there.</param>
/// <param name="Refused">Folders that could not be looked into.</param>
/// <param name="Example">One of them, and why; null when there is none.</param>
internal sealed record FolderSearch(IReadOnlyList<string> Files, int Refused, string? Example)
{
    /// <summary>Names looked at in one folder: a user may fill theirs with any number.</summary>
    public const int EntriesMax = 10_000;

    /// <summary>Files taken of one folder.</summary>
    public const int FilesMax = 100;

    /// <summary>In words; null when everything could be looked at.</summary>
    public string? Trouble => Refused == 0 ? null : $"{Refused} folders cannot be looked into, such as {Example}";

    /// <summary>Nothing at all could be looked at.</summary>
    public bool IsBlind => Refused > 0 && Files.Count == 0;

    public static FolderSearch Expand(string glob)
    {
        var (refused, example) = (0, (string?)null);
        IEnumerable<string> found = ["/"];
        var parts = glob.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            var (part, isLast) = (parts[i], i == parts.Length - 1);
            found = part.AsSpan().ContainsAny('*', '?')
                ? found.SelectMany(folder => Within(folder, part, isLast, Refuse))
                : found.Select(folder => Path.Combine(folder, part));
        }

        return new FolderSearch([.. found], refused, example);

        void Refuse(string folder, string why)
        {
            refused++;
            example ??= $"{folder}: {why}";
        }
    }

    private static List<string> Within(string folder, string pattern, bool files, Action<string, string> refuse)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = false, AttributesToSkip = 0 };
        try
        {
            var entries = new FileSystemEnumerable<(string Path, bool Fits)>(
                folder,
                (ref entry) => FileSystemName.MatchesSimpleExpression(pattern, entry.FileName, ignoreCase: false) && entry.IsDirectory != files ? (entry.ToFullPath(), true) : ("", false),
                options);
            return [.. entries.Take(EntriesMax).Where(e => e.Fits).Select(e => e.Path).Take(files ? FilesMax : int.MaxValue)];
        }
        catch (DirectoryNotFoundException)
        {
            return []; // gone, or a file where another has a folder
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refuse(folder, e is UnauthorizedAccessException ? "permission denied" : e.Message);
            return [];
        }
    }
}
