namespace Rollcall.Tests.Truth;

/// <summary>Chance that comes out the same for the same seed (SplitMix64). Good enough for tales, for nothing else.</summary>
internal sealed class Chance(int seed)
{
    private ulong state = (ulong)seed;

    /// <summary>From 0 to <paramref name="below"/>, exclusive.</summary>
    public int Next(int below)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)((mixed ^ (mixed >> 31)) % (ulong)below);
    }

    public int Next(int from, int below) => from + Next(below - from);

    public void Shuffle<T>(T[] items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Next(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
