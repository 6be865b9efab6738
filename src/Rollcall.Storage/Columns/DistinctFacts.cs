namespace Rollcall.Storage.Columns;

/// <summary>Gives equal facts one number, from 0, so that a row keeps four bytes of them and a condition looks at each fact once.</summary>
/// <param name="bytesOf">About how much memory one takes, its texts included.</param>
/// <param name="keysOf">The texts by which facts are looked for among many.</param>
internal sealed class DistinctFacts<T>(Func<T, long> bytesOf, params Func<T, string?>[] keysOf)
    where T : notnull
{
    /// <summary>What a dictionary and a list take beside an entry's texts.</summary>
    private const int EntryBytes = 64;

    private readonly Dictionary<T, int> numbers = [];
    private readonly List<T> facts = [];
    private readonly JoinedKeys[] keys = [.. keysOf.Select(_ => new JoinedKeys())];
    private long factBytes;

    public int Count => facts.Count;

    /// <summary>About.</summary>
    public long Bytes => factBytes + keys.Sum(joined => joined.Bytes);

    public T this[int number] => facts[number];

    public int NumberOf(T fact)
    {
        if (numbers.TryGetValue(fact, out var number))
            return number;

        numbers.Add(fact, number = facts.Count);
        facts.Add(fact);
        for (var key = 0; key < keys.Length; key++)
            keys[key].Add(keysOf[key](fact));
        factBytes += EntryBytes + bytesOf(fact);
        return number;
    }

    /// <summary>The numbers of the facts that meet a condition.</summary>
    public NumberSet Where(Func<T, bool> condition) => Where(condition, Enumerable.Range(0, facts.Count));

    /// <summary>The same, of facts one of whose keys is known.</summary>
    /// <param name="key">Which of them, by its place.</param>
    public NumberSet WhereKeyIs(int key, string text, Func<T, bool> condition) => Where(condition, keys[key].Equal(text));

    /// <summary>The same, of facts one of whose keys has a part.</summary>
    /// <param name="key">Which of them, by its place.</param>
    public NumberSet WhereKeyHas(int key, string part, Func<T, bool> condition) =>
        part.Length == 0 ? Where(condition) : Where(condition, keys[key].Containing(part));

    private NumberSet Where(Func<T, bool> condition, IEnumerable<int> candidates)
    {
        var found = new NumberSet(facts.Count);
        foreach (var number in candidates)
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
    /// <summary>Rows of a word from which on looking at all of them is quicker than at those alone.</summary>
    private const int DenseRows = 16;

    private readonly ulong[] words = new ulong[(bound + 63) / 64];
    private int count, newest;

    public bool IsEmpty => count == 0;

    /// <param name="number">Not in it yet.</param>
    public void Add(int number)
    {
        words[number >> 6] |= 1UL << number;
        (count, newest) = (count + 1, number);
    }

    public bool Has(int number) => (words[number >> 6] >> number & 1) != 0;

    /// <summary>Which rows of a word, of those in the mask, have one of the numbers.</summary>
    public ulong Match(int[] column, int word, ulong mask)
    {
        if (mask == 0)
            return 0;
        if (count == 1)
            return mask & SessionBlock.Equal(column, word, newest);

        var rows = column.AsSpan(word * SessionBlock.WordRows, SessionBlock.WordRows);
        return System.Numerics.BitOperations.PopCount(mask) >= DenseRows ? mask & Has(rows) : Has(rows, mask);
    }

    /// <summary>All rows, one after the other: nothing to decide, nothing to wait for.</summary>
    private ulong Has(ReadOnlySpan<int> rows)
    {
        var found = 0UL;
        for (var row = rows.Length - 1; row >= 0; row--)
            found = (found << 1) | (words[rows[row] >> 6] >> rows[row] & 1);
        return found;
    }

    private ulong Has(ReadOnlySpan<int> rows, ulong mask)
    {
        for (var rest = mask; rest != 0; rest &= rest - 1)
        {
            var row = System.Numerics.BitOperations.TrailingZeroCount(rest);
            mask ^= Has(rows[row]) ? 0 : 1UL << row;
        }

        return mask;
    }
}
