namespace Rollcall.Cli.Imports;

/// <summary>Counts events by type as they pass.</summary>
internal sealed class EventCount
{
    /// <summary>Types kept apart; lines of NDJSON could name any number.</summary>
    private const int TypesMax = 50;

    private readonly SortedDictionary<string, long> byType = new(StringComparer.Ordinal);

    public long Total { get; private set; }

    public IReadOnlyDictionary<string, long> ByType => byType;

    /// <summary>The same events; they are counted when somebody walks them.</summary>
    public IEnumerable<OutgoingEvent> Passing(IEnumerable<OutgoingEvent> events)
    {
        foreach (var one in events)
        {
            var type = byType.ContainsKey(one.Type) || byType.Count < TypesMax ? one.Type : "other types";
            byType[type] = byType.GetValueOrDefault(type) + 1;
            Total++;
            yield return one;
        }
    }
}
