using System.Runtime.InteropServices;

namespace Rollcall.Storage.Columns;

/// <summary>
/// The keys of distinct facts one behind the other, in the order of the facts' numbers: a text is looked for in all of them with one pass over one
/// stretch of memory, not key by key.
/// </summary>
internal sealed class JoinedKeys
{
    /// <summary>Stands around each key. It is no character, and so in no name; one that has it all the same is found too often, never too seldom.</summary>
    private const char Bound = '\uFFFF';

    private readonly List<char> text = [Bound];
    private readonly List<int> starts = [];

    public long Bytes => ((long)text.Capacity * sizeof(char)) + ((long)starts.Capacity * sizeof(int));

    /// <param name="key">Of the next fact; null when it has none.</param>
    public void Add(string? key)
    {
        starts.Add(text.Count);
        text.AddRange(key.AsSpan());
        text.Add(Bound);
    }

    /// <summary>Facts among which are all whose key it is.</summary>
    public List<int> Equal(string key) => Find($"{Bound}{key}{Bound}", beforeKey: 1);

    /// <summary>Facts among which are all whose key has it somewhere.</summary>
    /// <param name="part">Not empty.</param>
    public List<int> Containing(string part) => Find(part, beforeKey: 0);

    private List<int> Find(string wanted, int beforeKey)
    {
        var all = CollectionsMarshal.AsSpan(text);
        var found = new List<int>();
        for (var from = 0; starts.Count > 0 && all[from..].IndexOf(wanted) is var at and >= 0;)
        {
            var number = NumberAt(from + at + beforeKey);
            found.Add(number);
            if (number + 1 == starts.Count)
                break;
            // Behind the bound, unless the bound is looked for: so each turn goes on to another key.
            from = starts[number + 1] - beforeKey;
        }

        return found;
    }

    private int NumberAt(int position)
    {
        var number = starts.BinarySearch(position);
        return number >= 0 ? number : Math.Max(0, ~number - 1);
    }
}
