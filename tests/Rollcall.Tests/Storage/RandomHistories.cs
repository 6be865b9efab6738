using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Histories that nobody would think of: any kinds, times, sources, boots and rosters.</summary>
internal static class RandomHistories
{
    private static Gen<LedgerEvent> Beats() =>
        from minute in Gen.Choose(0, 24)
        from id in Gen.Choose(0, 1)
        from boot in Gen.Elements(null, null, null, "b1", "b2")
        from source in Gen.Elements("agent://a", "agent://a", "import://b")
        from roster in Gen.Elements<IReadOnlyList<RosterEntry>?>(
            [Line("3")], [Line("3")], [Line("3"), Line("4")], [Line("3", null)], [Line("3", "bob")], [Line("3", state: SessionState.Ended)], [], [Line("4")], null)
        select Beat(minute / 2.0, roster, boot, source, $"beat-{minute}-{id}", leaseSeconds: 60 + (minute % 3 * 30));

    /// <summary>
    /// What an operator may say once a batch has arrived: of any time, before or after the times of what arrives later, but not before the event
    /// by which the operator knows the session. Null says nothing.
    /// </summary>
    private static Gen<Func<LedgerEvent, LedgerEvent>?> Words() =>
        from minute in Gen.Choose(5, 20)
        from start in Gen.Elements<double?>(null, -3, 2)
        from end in Gen.Elements<double?>(null, 4, 9, 13)
        from word in Gen.Elements<Func<LedgerEvent, LedgerEvent>?>(
            null, null, null,
            about => Word(EventKind.SessionClosed, SaidAt(minute, about), about, endMinute: end),
            about => Word(EventKind.SessionCorrected, SaidAt(minute, about), about, start, end))
        select word;

    private static double SaidAt(double minute, LedgerEvent about) => Math.Max(minute, (about.At - Nine).TotalMinutes);

    private static LedgerEvent[][] WithWords(LedgerEvent[][] batches, Func<LedgerEvent, LedgerEvent>?[] words) => [.. batches.Zip(words).SelectMany((pair, index) =>
        pair.Second is { } say && pair.First.FirstOrDefault(e => e.Kind.IsSession()) is { } about
            ? new[] { pair.First, [say(about) with { Id = $"word {index}" }] }
            : [pair.First])];

    /// <summary>Batches of events, beats and operators' words of one host, in the order of their arrival.</summary>
    public static Gen<LedgerEvent[][]> Arrivals()
    {
        var kinds = Gen.Elements(
            EventKind.SessionInitializing, EventKind.SessionStarted, EventKind.SessionDisconnected, EventKind.SessionReconnected,
            EventKind.SessionEnded, EventKind.SessionFailed, EventKind.SessionChanged, EventKind.HostStarted, EventKind.HostStopped);
        var one = from kind in kinds
                  from minute in Gen.Choose(0, 12)
                  from id in Gen.Choose(0, 3)
                  from source in Gen.Frequency((6, Gen.Constant("agent://a")), (1, Gen.Constant("import://b")))
                  from boot in Gen.Frequency((4, Gen.Constant<string?>(null)), (1, Gen.Constant<string?>("b1")), (1, Gen.Constant<string?>("b2")))
                  from os in Gen.Frequency((4, Gen.Constant("3")), (1, Gen.Constant("4")))
                  let e = Of(kind, minute, $"{kind}-{minute}-{id}", os, source: source)
                  select e with { Host = e.Host with { BootId = boot } };
        return from count in Gen.Choose(1, 14)
               from events in Gen.Frequency((3, one), (2, Beats())).ArrayOf(count)
               from size in Gen.Choose(1, 4)
               let batches = events.DistinctBy(e => (e.Source, e.Id))
                   .Chunk(size).ToArray()
               from words in Words().ArrayOf(batches.Length)
               select WithWords(batches, words);
    }

    /// <summary>Everything but ids and revisions, which depend on arrival.</summary>
    public static string Describe(IEnumerable<(Session Session, IReadOnlyList<Connection> Connections)> all) => string.Join(
        '\n',
        all.Select(one => $"{one.Session with { Id = string.Empty, Revision = 0 }} {string.Join(' ', one.Connections.Select(Describe))}").Order(StringComparer.Ordinal));

    public static string Describe(Connection connection) =>
        $"{connection.Id} {connection.RequestedAt:O} {connection.EstablishedAt:O} {connection.EndedAt:O} {connection.IsReconnect} {connection.Failure}";
}
