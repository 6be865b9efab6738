using Rollcall.Core.Events;

namespace Rollcall.Core.Sessions;

/// <summary>
/// Sources number sessions each in their own way, unless two of them tell of the same logon: "a started with the key, time and
/// user of a known session is that session, whoever sends it" (design 4). From then on their events are one story.
/// </summary>
internal static class LinkedSources
{
    /// <summary>The events of one (host, OS session id), split into stories of sources that share a logon.</summary>
    public static IEnumerable<IEnumerable<StoredEvent>> Group(IReadOnlyCollection<StoredEvent> events)
    {
        var leaders = events.Select(stored => stored.Event.Source).Distinct(StringComparer.Ordinal).ToDictionary(source => source, StringComparer.Ordinal);
        var firstWithLogon = new Dictionary<(DateTimeOffset, string), string>();
        foreach (var e in events.Select(stored => stored.Event).Where(e => e.Kind is EventKind.SessionStarted))
        {
            if (firstWithLogon.TryGetValue(LogonOf(e), out var source))
                leaders[LeaderOf(leaders, e.Source)] = LeaderOf(leaders, source);
            else
                firstWithLogon.Add(LogonOf(e), e.Source);
        }

        return events.GroupBy(stored => LeaderOf(leaders, stored.Event.Source), StringComparer.Ordinal);
    }

    /// <summary>What makes two tellings the same logon.</summary>
    public static (DateTimeOffset At, string User) LogonOf(LedgerEvent started) => (started.At, NameKey.Of(started.User ?? string.Empty));

    private static string LeaderOf(Dictionary<string, string> leaders, string source)
    {
        while (leaders[source] != source)
            source = leaders[source];
        return source;
    }
}
