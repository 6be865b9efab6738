namespace Rollcall.Storage.Columns;

/// <summary>Gives equal facts one number, from 0, so that a row keeps four bytes of them and a condition looks at each fact once.</summary>
/// <param name="bytesOf">About how much memory one takes, its texts included.</param>
internal sealed class DistinctFacts<T>(Func<T, long> bytesOf)
    where T : notnull
{
    /// <summary>What a dictionary and a list take beside an entry's texts.</summary>
    private const int EntryBytes = 64;

    private readonly Dictionary<T, int> numbers = [];
    private readonly List<T> facts = [];

    public int Count => facts.Count;

    /// <summary>About.</summary>
    public long Bytes { get; private set; }

    public T this[int number] => facts[number];

    public int NumberOf(T fact)
    {
        if (numbers.TryGetValue(fact, out var number))
            return number;

        numbers.Add(fact, number = facts.Count);
        facts.Add(fact);
        Bytes += EntryBytes + bytesOf(fact);
        return number;
    }

    /// <summary>The numbers of the facts that meet a condition.</summary>
    public NumberSet Where(Func<T, bool> condition)
    {
        var found = new NumberSet(facts.Count);
        for (var number = 0; number < facts.Count; number++)
        {
            if (condition(facts[number]))
                found.Add(number);
        }

        return found;
    }
}

/// <summary>Some of the numbers below a bound, one bit each.</summary>
internal sealed class NumberSet(int bound)
{
    private readonly ulong[] words = new ulong[(bound + 63) / 64];

    public bool IsEmpty { get; private set; } = true;

    public void Add(int number)
    {
        words[number >> 6] |= 1UL << number;
        IsEmpty = false;
    }

    public bool Has(int number) => (words[number >> 6] >> number & 1) != 0;
}
