using Rollcall.Core.Events;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Truth;

/// <summary>A fleet of which the truth is known, and what it sent.</summary>
/// <param name="Sent">In the order in which a network without faults of its own would deliver it.</param>
/// <param name="EndsAt">When the story ends: every host that is up has just sent a beat.</param>
internal sealed record TrueFleet(IReadOnlyList<TrueSession> Sessions, IReadOnlyList<Sent> Sent, DateTimeOffset EndsAt)
{
    private const int HostsMax = 2;

    public static TrueFleet Of(int seed, TrueLife life)
    {
        var chance = new Chance(seed);
        var hosts = Enumerable.Range(1, chance.Next(1, HostsMax + 1)).Select(number => new TrueHost(chance, $"HOST-{number}", life)).ToList();
        foreach (var host in hosts)
            host.Live();
        return new TrueFleet(
            [.. hosts.SelectMany(host => host.Sessions)],
            [.. hosts.SelectMany(host => host.Sent).OrderBy(sent => sent.ArrivesAt).ThenBy(sent => sent.Event.At)],
            Nine.AddSeconds(life.Seconds + 1));
    }

    /// <summary>As the network delivers it: in small batches, each soon after it was sent.</summary>
    public IEnumerable<(DateTimeOffset At, LedgerEvent[] Batch)> InOrder(int seed) => InBatches(Sent, seed);

    /// <summary>Some of what sessions did is one to six hours late; beats and all else come as the network delivers them.</summary>
    public IEnumerable<(DateTimeOffset At, LedgerEvent[] Batch)> HoursLate(int seed)
    {
        var chance = new Chance(seed);
        return InBatches(
            [.. Sent.Select(sent => sent.Event.Kind.IsSession() && chance.Next(3) == 0 ? sent with { ArrivesAt = sent.ArrivesAt.AddSeconds(chance.Next(3600, 6 * 3600)) } : sent)
                .OrderBy(sent => sent.ArrivesAt)],
            seed);
    }

    private static IEnumerable<(DateTimeOffset At, LedgerEvent[] Batch)> InBatches(IReadOnlyList<Sent> sent, int seed)
    {
        var chance = new Chance(seed);
        for (var next = 0; next < sent.Count;)
        {
            var batch = sent.Skip(next).Take(chance.Next(1, 8)).ToArray();
            next += batch.Length;
            yield return (batch[^1].ArrivesAt, [.. batch.Select(sent => sent.Event)]);
        }
    }

    /// <summary>Everything late, in any order, some of it twice, cut into other batches.</summary>
    public IEnumerable<(DateTimeOffset At, LedgerEvent[] Batch)> InDisorder(int seed)
    {
        var chance = new Chance(seed);
        var events = Sent.Select(sent => sent.Event).SelectMany(e => Enumerable.Repeat(e, chance.Next(5) == 0 ? 2 : 1)).ToArray();
        chance.Shuffle(events);
        var at = EndsAt;
        for (var next = 0; next < events.Length;)
        {
            var batch = events.Skip(next).Take(chance.Next(1, 12)).ToArray();
            next += batch.Length;
            at = at.AddSeconds(chance.Next(60));
            yield return (at, batch);
        }
    }
}

/// <param name="IsQuiet">Few sessions, every other one over in seconds without a goodbye, and no host that dies for good.</param>
internal sealed record TrueLife(int Seconds, bool IsQuiet)
{
    /// <summary>Much happens, and the story is over before a beat is taken out.</summary>
    public static TrueLife Busy { get; } = new(2400, IsQuiet: false);

    /// <summary>Longer than 240 beats and the hour for which each is kept (ADR 0005), and so quiet that some are taken out.</summary>
    public static TrueLife Long { get; } = new(6 * 3600, IsQuiet: true);
}

/// <param name="Host">Its name.</param>
internal sealed class TrueSession(string host, string osSessionId, string user, DateTimeOffset startAt)
{
    public string Host => host;

    public string OsSessionId => osSessionId;

    public string User => user;

    public DateTimeOffset StartAt => startAt;

    /// <summary>Null while it is open.</summary>
    public DateTimeOffset? EndAt { get; set; }

    public bool IsDisconnected { get; set; }

    /// <summary>Whether it lasts seconds and says no goodbye.</summary>
    public bool IsBrief { get; init; }

    /// <summary>Whether a second source tells of it.</summary>
    public bool IsImported { get; init; }

    /// <summary>Source and id of its events that were sent and not lost.</summary>
    public HashSet<(string Source, string Id)> Told { get; } = [];

    public override string ToString() => $"{host} {osSessionId} {user} {startAt:O} to {EndAt:O}";
}

internal sealed record Sent(LedgerEvent Event, DateTimeOffset ArrivesAt);
