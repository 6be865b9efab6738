namespace Rollcall.Cli.Sample;

/// <summary>The SplitMix64 generator: 64 bits of state, the same numbers on every machine. For made-up data only, never for secrets.</summary>
/// <remarks>Source of the constants: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.</remarks>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A stream of its own for one purpose, so that drawing more for one never shifts another.</summary>
    public static SplitMix64 For(ulong seed, string purpose) => new(Mix(seed ^ Fnv1a(purpose)));

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    /// <remarks>The bias of the remainder is below one in 2^32 for any int range, which made-up data does not notice.</remarks>
    public int Between(int min, int max) => min + (int)(Next() % (ulong)((long)max - min + 1));

    public bool Chance(int percent) => Between(1, 100) <= percent;

    public T Pick<T>(IReadOnlyList<T> items) => items[Between(0, items.Count - 1)];

    /// <summary>A span between two bounds in seconds, with milliseconds.</summary>
    public TimeSpan Seconds(int min, int max) => TimeSpan.FromMilliseconds(Between(min * 1000, max * 1000));

    /// <summary>A span between two bounds in minutes, with milliseconds.</summary>
    public TimeSpan Minutes(int min, int max) => Seconds(min * 60, max * 60);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    // string.GetHashCode differs from run to run; FNV-1a does not.
    private static ulong Fnv1a(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var letter in text)
            hash = (hash ^ letter) * 0x100000001B3;

        return hash;
    }
}
