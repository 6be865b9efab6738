using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Random histories in a real store, in any order and with repetition, against a count made by hand.</summary>
public abstract class HostCountHistoryTests(StoreEngine engine)
{
    private static readonly DateTimeOffset Start = Nine.AddDays(1);

    [Fact]
    public void The_counters_equal_a_naive_count_of_what_arrived_when() => CheckCounts(histories: 100);

    [Fact, Trait("Category", "Long")]
    public void The_counters_of_thousands_of_histories_equal_a_naive_count() => CheckCounts(histories: 3_000);

    private void CheckCounts(int histories) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(engine.Rounds(histories)), Prop.ForAll(Histories().ToArbitrary(), history =>
    {
        var counted = CountAsync(history).GetAwaiter().GetResult();
        var expected = Naive(history);
        return counted == expected ? true : throw new InvalidOperationException($"expected\n{expected}\nbut the store counted\n{counted}");
    }));

    /// <summary>Batches, each a number of minutes after the one before.</summary>
    private static Gen<(int Minutes, Sent[] Events)[]> Histories()
    {
        var one = from what in Gen.Frequency((6, Gen.Constant(EventKind.SessionChanged)), (3, Gen.Constant(EventKind.HostBeat)), (1, Gen.Constant(EventKind.SignInStarted)), (1, Gen.Constant((EventKind)0)))
                  from host in Gen.Elements("RDS-07", "RDS-08")
                  from source in Gen.Elements("agent://a", "import://b")
                  from id in Gen.Choose(0, 12)
                  from minute in Gen.Frequency((3, Gen.Choose(-10, 40)), (1, Gen.Constant(id)))
                  select new Sent(what, host, source, $"{id}", Start.AddMinutes(minute));
        var batch = from minutes in Gen.Choose(0, 20)
                    from count in Gen.Choose(1, 6)
                    from events in one.ArrayOf(count)
                    select (minutes, events);
        return from count in Gen.Choose(1, 8) from batches in batch.ArrayOf(count) select batches;
    }

    private async Task<string> CountAsync((int Minutes, Sent[] Events)[] history)
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        foreach (var (minutes, events) in history)
        {
            store.Clock.Advance(TimeSpan.FromMinutes(minutes));
            await store.Log.AppendAsync(
                TenantOne, [.. events.Where(sent => !sent.IsGarbage).Select(sent => sent.Event)],
                [.. events.Where(sent => sent.IsGarbage).Select(sent => new RejectedEvent(sent.Source, sent.Host, null))], default);
        }

        var lines = new List<string>();
        foreach (var name in (string[])["RDS-07", "RDS-08"])
        {
            if (await store.Hosts.TryGetAsync(TenantOne, name, default) is { } host)
                lines.AddRange([$"{name} beats {host.Host.Beats}", .. host.Sources.Select(source => $"{name} {source.Source} {source.Events}")]);
        }

        var health = await store.Health.ReadAsync(new HealthQuery(TenantOne, HealthLimits.Default.ClockSkew, Start, 20), default);
        return string.Join('\n', lines.Order(StringComparer.Ordinal).Append($"{health.Events}"));
    }

    /// <summary>The same by hand: each host, source and id looked up in what came before.</summary>
    private static string Naive((int Minutes, Sent[] Events)[] history)
    {
        var (now, known, hosts, machines) = (Start, new Dictionary<(bool, string, string), (DateTimeOffset At, string Host)>(), new HashSet<string>(), new HashSet<string>());
        var (counts, beats, liveSince) = (new Dictionary<(string, string), EventCounts>(), new Dictionary<string, int>(), new Dictionary<(string, string), DateTimeOffset>());
        foreach (var (minutes, events) in history)
        {
            now = now.AddMinutes(minutes);
            foreach (var sent in events.OrderBy(sent => sent.IsGarbage))
                Take(sent);
        }

        var lines = counts.Where(one => machines.Contains(one.Key.Item1)).Select(one => $"{one.Key.Item1} {one.Key.Item2} {one.Value}")
            .Concat(machines.Select(host => $"{host} beats {beats.GetValueOrDefault(host)}"));
        var total = counts.Values.Aggregate(EventCounts.None, Sum);
        return string.Join('\n', lines.Order(StringComparer.Ordinal).Append($"{total}"));

        void Take(Sent sent)
        {
            if (sent.IsGarbage)
            {
                Add(hosts.Contains(sent.Host) ? sent.Host : "nobody", sent, new EventCounts(0, 0, 0, 0, 1));
                return;
            }

            // An id is one of the source's events or one of its beats, and never the other.
            var isEvent = known.TryGetValue((false, sent.Source, sent.Id), out var asEvent);
            var isBeat = known.TryGetValue((true, sent.Source, sent.Id), out var asBeat);
            if (sent.IsBeat && !isEvent)
                Appear(sent);
            if (isEvent || isBeat)
            {
                var (at, host) = isEvent ? asEvent : sent.IsBeat ? (asBeat.At, sent.Host) : asBeat;
                var isAgain = at == sent.At && sent.IsBeat == !isEvent;
                Add(host, sent, isAgain ? new EventCounts(0, 1, 0, 0, 0) : new EventCounts(0, 0, 0, 0, 1));
                return;
            }

            known[(sent.IsBeat, sent.Source, sent.Id)] = (sent.At, sent.Host);
            Appear(sent);
            if (sent.Kind is not EventKind.SignInStarted)
                machines.Add(sent.Host);
            if (sent.IsBeat)
                beats[sent.Host] = beats.GetValueOrDefault(sent.Host) + 1;
            else
                Add(sent.Host, sent, Accepted(sent));
        }

        void Appear(Sent sent) => hosts.Add(sent.Host);

        EventCounts Accepted(Sent sent)
        {
            if (now - sent.At <= HealthLimits.Default.Late)
            {
                liveSince.TryAdd((sent.Host, sent.Source), now);
                return new EventCounts(1, 0, 0, 0, 0);
            }

            var isLate = liveSince.TryGetValue((sent.Host, sent.Source), out var since) && sent.At >= since;
            return isLate ? new EventCounts(1, 0, 1, 0, 0) : new EventCounts(1, 0, 0, 1, 0);
        }

        void Add(string host, Sent sent, EventCounts one) =>
            counts[(host, sent.Source)] = Sum(counts.GetValueOrDefault((host, sent.Source), EventCounts.None), one);
    }

    private static EventCounts Sum(EventCounts a, EventCounts b) =>
        new(a.Accepted + b.Accepted, a.Duplicate + b.Duplicate, a.Late + b.Late, a.Backfilled + b.Backfilled, a.Rejected + b.Rejected);

    /// <param name="Kind">0: no event at all, only garbage with a host's name on it.</param>
    private sealed record Sent(EventKind Kind, string Host, string Source, string Id, DateTimeOffset At)
    {
        public bool IsGarbage => Kind is 0;

        public bool IsBeat => Kind is EventKind.HostBeat;

        public LedgerEvent Event => (IsBeat ? Beat(0, [], source: Source) : Of(Kind, 0, source: Source)) with
        {
            Id = Id,
            At = At,
            Host = new HostFacts { Name = Host },
            SignIn = Kind is EventKind.SignInStarted ? new SignInFacts("jsmith", 5, 1) : null,
        };
    }
}

public sealed class SqliteHostCountHistoryTests() : HostCountHistoryTests(StoreEngine.Sqlite);

public sealed class Postgres15HostCountHistoryTests() : HostCountHistoryTests(StoreEngine.Postgres15);

public sealed class Postgres18HostCountHistoryTests() : HostCountHistoryTests(StoreEngine.Postgres18);
