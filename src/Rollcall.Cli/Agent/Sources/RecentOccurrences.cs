using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>
/// Counts equal lines of one file as an import does, remembering only the newest: a line holds its time, so equal ones stand close together.
/// </summary>
internal sealed class RecentOccurrences
{
    /// <summary>Different lines remembered.</summary>
    private const int LinesMax = 256;

    private const int HashBytes = 12;

    private readonly Queue<string> order = [];
    private readonly Dictionary<string, int> counts = [];

    public static RecentOccurrences From(IEnumerable<string> kept)
    {
        var recent = new RecentOccurrences();
        foreach (var one in kept)
        {
            var cut = one.IndexOf(':', StringComparison.Ordinal);
            if (cut > 0 && int.TryParse(one.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                recent.Set(one[..cut], count);
        }

        return recent;
    }

    public List<string> Keep() => [.. order.Select(hash => $"{hash}:{counts[hash]}")];

    /// <summary>From 1.</summary>
    public int Next(string content)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, HashBytes));
        var count = counts.GetValueOrDefault(hash) + 1;
        Set(hash, count);
        return count;
    }

    private void Set(string hash, int count)
    {
        if (!counts.ContainsKey(hash))
            order.Enqueue(hash);
        counts[hash] = count;
        if (order.Count > LinesMax)
            counts.Remove(order.Dequeue());
    }
}
