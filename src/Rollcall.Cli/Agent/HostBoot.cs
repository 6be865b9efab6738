using System.Globalization;

namespace Rollcall.Cli.Agent;

/// <summary>The boot this host runs on.</summary>
/// <param name="Id">Null where the kernel does not say.</param>
/// <param name="At">On a whole second, by the clock as it stands now; null where the kernel does not say.</param>
internal sealed record HostBoot(string? Id, DateTimeOffset? At)
{
    private const int IdLength = 36;

    public static HostBoot Read(string folder = "/proc") =>
        new(IdIn(Path.Combine(folder, "sys/kernel/random/boot_id")), AtIn(Path.Combine(folder, "stat")));

    /// <summary>The boot of something that happened then; null when it was before, or nobody knows.</summary>
    public string? IdAt(DateTimeOffset at) => At is { } booted && at >= booted ? Id : null;

    private static string? IdIn(string path) => File.Exists(path) && File.ReadAllText(path).Trim() is { Length: IdLength } id ? id : null;

    private static DateTimeOffset? AtIn(string path)
    {
        var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(l => l.StartsWith("btime ", StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }
}
