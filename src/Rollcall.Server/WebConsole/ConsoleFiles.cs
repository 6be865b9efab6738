using System.Collections.Frozen;

namespace Rollcall.Server.WebConsole;

/// <summary>One file of the console as it is sent.</summary>
/// <param name="Packed">The same in gzip; null when it would not be smaller.</param>
internal sealed record ConsoleFile(string ContentType, ReadOnlyMemory<byte> Plain, ReadOnlyMemory<byte>? Packed);

/// <summary>The built console, read once: it is small, and what is in memory cannot be swapped on disk under a running server.</summary>
internal sealed class ConsoleFiles
{
    /// <summary>Stands in the page where the word of this answer goes, without which its policy runs no style element.</summary>
    public const string NoncePlace = "{nonce}";

    private const string PageName = "index.html";
    private const string PackedExtension = ".gz";

    /// <summary>Far above a console; a folder with more is none of ours.</summary>
    private const int FilesMax = 500;

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".woff2"] = "font/woff2",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FrozenDictionary<string, ConsoleFile> assets;

    private ConsoleFiles(string? page, FrozenDictionary<string, ConsoleFile> assets) => (Page, this.assets) = (page, assets);

    /// <summary>Where the build puts the console, beside the program.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "console");

    /// <summary>The one page, with <see cref="NoncePlace"/> in it; null when the console was not built.</summary>
    public string? Page { get; }

    public static ConsoleFiles Read(string folder)
    {
        var page = Path.Combine(folder, PageName);
        if (!File.Exists(page))
            return new ConsoleFiles(page: null, FrozenDictionary<string, ConsoleFile>.Empty);

        var found = Directory.EnumerateFiles(Path.Combine(folder, "assets")).Where(path => Types.ContainsKey(Path.GetExtension(path))).Take(FilesMax);
        return new ConsoleFiles(File.ReadAllText(page), found.ToFrozenDictionary(path => Path.GetFileName(path), ReadOne, StringComparer.Ordinal));
    }

    /// <summary>Null when there is no such file.</summary>
    public ConsoleFile? TryAsset(string name) => assets.GetValueOrDefault(name);

    private static ConsoleFile ReadOne(string path) => new(
        Types[Path.GetExtension(path)],
        File.ReadAllBytes(path),
        File.Exists(path + PackedExtension) ? File.ReadAllBytes(path + PackedExtension) : null);
}
