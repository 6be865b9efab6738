namespace Rollcall.Cli.Imports;

/// <summary>What an import passed over, and what it took but wants looked at, by reason.</summary>
internal sealed class Tally
{
    /// <summary>Distinct reasons kept apart. Reasons may quote the log (an event number), so a hostile log could invent any number.</summary>
    private const int ReasonsMax = 200;

    private const string Overflow = "other reasons";

    private readonly Dictionary<string, TallyRow> skipped = [];
    private readonly Dictionary<string, TallyRow> notes = [];

    /// <summary>Most frequent first.</summary>
    public IReadOnlyList<TallyRow> Skipped => Sorted(skipped);

    /// <summary>Things that were taken all the same. Most frequent first.</summary>
    public IReadOnlyList<TallyRow> Notes => Sorted(notes);

    /// <summary>A file could not be read to its end, so what it held behind that is in no count.</summary>
    public bool IsIncomplete { get; private set; }

    /// <summary>Counts something that makes no event.</summary>
    public void Skip(string reason, Spot spot) => Add(skipped, reason, spot);

    /// <summary>Counts a file that cannot be read further.</summary>
    public void Break(string reason, Spot spot)
    {
        IsIncomplete = true;
        Skip(reason, spot);
    }

    /// <summary>Counts something that was taken although a person should know about it.</summary>
    public void Note(string reason, Spot spot) => Add(notes, reason, spot);

    private static void Add(Dictionary<string, TallyRow> rows, string reason, Spot spot)
    {
        if (!rows.ContainsKey(reason) && rows.Count >= ReasonsMax)
            reason = Overflow;

        rows[reason] = rows.TryGetValue(reason, out var row)
            ? row with { Count = row.Count + 1 }
            : new TallyRow(reason, 1, spot);
    }

    private static List<TallyRow> Sorted(Dictionary<string, TallyRow> rows) =>
        [.. rows.Values.OrderByDescending(r => r.Count).ThenBy(r => r.Reason, StringComparer.Ordinal)];
}

/// <summary>One reason, how often it applied, and where first.</summary>
internal sealed record TallyRow(string Reason, long Count, Spot Example);
