using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Columns;

/// <summary>Reads what was open in a span from columns: what <see cref="SqlSpanReader"/> reads from rows.</summary>
internal static class ColumnSpans
{
    public static GroupedSpans Read(TenantColumns columns, ConcurrencyQuery query, CancellationToken cancel)
    {
        var (fromMs, untilMs) = (query.From.ToUnixTimeMilliseconds(), query.Until.ToUnixTimeMilliseconds());
        var spans = new SessionSpans(fromMs, untilMs, ColumnRows.CountMax(columns, fromMs, untilMs));
        var groups = new Groups();
        var groupOf = GroupOf(columns, query.By, groups);
        ColumnRows.ForEach(
            columns,
            spans.FromMs,
            spans.UntilMs,
            (block, index, no) =>
            {
                if (block.States[index] is not (byte)SessionState.Failed)
                    spans.Add(block.StartedMs[index], block.EndedMs[index] is var ended and not SessionBlock.Open ? ended : null, no, groupOf(block, index));
            },
            cancel);
        return new GroupedSpans(spans, groups.Keys);
    }

    private static Func<SessionBlock, int, int> GroupOf(TenantColumns columns, SpanGrouping by, Groups groups) => by switch
    {
        SpanGrouping.None => OfAll(groups.NumberOf(null)),
        SpanGrouping.Host => OfPlaces(Numbered(columns.Places, place => place.HostKey, groups)),
        SpanGrouping.HostGroup => OfPlaces(Numbered(columns.Places, place => place.GroupId, groups)),
        SpanGrouping.User => OfUsers(Numbered(columns.Users, user => user.Key, groups)),
        SpanGrouping.Protocol => OfNatures(Numbered(columns.Natures, nature => nature.ProtocolKey, groups)),
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, "not a grouping"),
    };

    private static LazyNumbers Numbered<TFacts>(DistinctFacts<TFacts> facts, Func<TFacts, string?> keyOf, Groups groups)
        where TFacts : notnull =>
        new(facts.Count, entry => groups.NumberOf(keyOf(facts[entry])));

    // One for each column, and not a column as a parameter: this is asked for every session of the span.
    private static Func<SessionBlock, int, int> OfAll(int number) => (_, _) => number;

    private static Func<SessionBlock, int, int> OfPlaces(LazyNumbers numbers) => (block, index) => numbers.Of(block.Places[index]);

    private static Func<SessionBlock, int, int> OfUsers(LazyNumbers numbers) => (block, index) => numbers.Of(block.Users[index]);

    private static Func<SessionBlock, int, int> OfNatures(LazyNumbers numbers) => (block, index) => numbers.Of(block.Natures[index]);

    /// <summary>Groups in the order in which they are first seen.</summary>
    private sealed class Groups
    {
        private readonly List<string?> keys = [];
        private readonly Dictionary<string, int> byKey = new(StringComparer.Ordinal);
        private int? without;

        public IReadOnlyList<string?> Keys => keys;

        public int NumberOf(string? key)
        {
            if (key is null)
                return without ??= Add(key);
            return byKey.TryGetValue(key, out var number) ? number : byKey[key] = Add(key);
        }

        private int Add(string? key)
        {
            keys.Add(key);
            return keys.Count - 1;
        }
    }
}

/// <summary>Another number for each number below a bound, asked for when it is first needed.</summary>
internal sealed class LazyNumbers
{
    private readonly int[] numbers;
    private readonly Func<int, int> numberOf;

    public LazyNumbers(int bound, Func<int, int> numberOf)
    {
        (numbers, this.numberOf) = (new int[bound], numberOf);
        Array.Fill(numbers, -1);
    }

    public int Of(int number)
    {
        ref var known = ref numbers[number];
        return known >= 0 ? known : known = numberOf(number);
    }
}
