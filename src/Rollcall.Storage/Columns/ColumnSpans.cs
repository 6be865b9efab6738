using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Columns;

/// <summary>Reads what was open in a span from columns: what <see cref="SqlSpanReader"/> reads from rows.</summary>
internal static class ColumnSpans
{
    public static GroupedSpans Read(TenantColumns columns, ConcurrencyQuery query, CancellationToken cancel)
    {
        var spans = new SessionSpans(query.From.ToUnixTimeMilliseconds(), query.Until.ToUnixTimeMilliseconds());
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

    private static Func<SessionBlock, int, int> GroupOf(TenantColumns columns, SpanGrouping by, Groups groups)
    {
        switch (by)
        {
            case SpanGrouping.None:
                var all = groups.NumberOf(null);
                return (_, _) => all;
            case SpanGrouping.Host:
                var hosts = new LazyNumbers(columns.Places.Count, place => groups.NumberOf(columns.Places[place].HostKey));
                return (block, index) => hosts.Of(block.Places[index]);
            case SpanGrouping.HostGroup:
                var hostGroups = new LazyNumbers(columns.Places.Count, place => groups.NumberOf(columns.Places[place].GroupId));
                return (block, index) => hostGroups.Of(block.Places[index]);
            case SpanGrouping.User:
                var users = new LazyNumbers(columns.Users.Count, user => groups.NumberOf(columns.Users[user].Key));
                return (block, index) => users.Of(block.Users[index]);
            case SpanGrouping.Protocol:
                var protocols = new LazyNumbers(columns.Natures.Count, nature => groups.NumberOf(columns.Natures[nature].ProtocolKey));
                return (block, index) => protocols.Of(block.Natures[index]);
            default:
                throw new ArgumentOutOfRangeException(nameof(by), by, "not a grouping");
        }
    }

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
