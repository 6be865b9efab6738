namespace Rollcall.Cli.Agent.Rosters;

/// <summary>Who was on, by one look and all later ones.</summary>
/// <param name="Seen">Before that look: whoever it saw was on then.</param>
/// <param name="GoneAt">After it: whoever is not here was gone by then.</param>
/// <param name="Sessions">Null when not all are known.</param>
/// <param name="Unknown">Why not; null when all are.</param>
internal sealed record RosterReading(Moment Seen, DateTimeOffset GoneAt, IReadOnlyList<LiveSession>? Sessions, string? Unknown);

/// <summary>Says which sessions were open a few seconds ago.</summary>
/// <remarks>
/// Logs write whole seconds, and some come late. A roster for this very instant would lack a session whose line, cut to the second, seems
/// older than the roster, and would end what has just begun. So a roster is for the instant of a look that every log has told of, and it lacks a
/// session only when that look and every later one found it gone.
/// </remarks>
internal sealed class RosterWatch
{
    /// <summary>How far a roster lies back: a little longer than the slowest source takes to tell what it read.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromSeconds(6);

    private readonly List<LiveSnapshot> looks = [];

    public void Add(LiveSnapshot look) => looks.Add(look);

    public RosterReading AsOf(Moment now)
    {
        // The looks are found by the clock that only runs: after a step of the other one the newest would seem old, or the oldest new.
        var ran = now.Ran - Lag;
        looks.RemoveRange(0, Math.Max(0, looks.FindLastIndex(l => l.Now.Ran <= ran)));
        if (looks.Count == 0 || looks[0].Now.Ran > ran)
            return new RosterReading(new Moment(now.At - Lag, ran), now.At - Lag, null, "the agent has only just begun to look");

        // Not a moment later than that look: who was killed right after it was not seen alive then.
        var (seen, goneAt) = (looks[0].Now with { At = now.At - (now.Ran - looks[0].Now.Ran) }, now.At - (now.Ran - looks[0].Until.Ran));

        if (looks.Find(l => l.Unknown is not null) is { } blind)
            return new RosterReading(seen, goneAt, null, blind.Unknown);

        var sessions = looks.SelectMany(l => l.Sessions).DistinctBy(s => (s.Kind, s.OsSessionId, s.Pid));
        return new RosterReading(seen, goneAt, [.. sessions.OrderBy(s => s.Kind, StringComparer.Ordinal).ThenBy(s => s.OsSessionId, StringComparer.Ordinal)], null);
    }
}
