namespace Rollcall.Cli.Agent.Rosters;

/// <summary>A logon that a log tells of and whose end it does not tell.</summary>
/// <param name="Kind">As in <see cref="LiveSession"/>.</param>
/// <param name="At">On whole seconds in most logs.</param>
internal sealed record LoggedLogon(string Kind, string OsSessionId, DateTimeOffset At);

/// <summary>
/// Whether the agent sees the processes that its logs tell of. In a container that has the host's logs and its own process numbers it sees
/// none of them, and a roster made of what it sees would end every session. So a logon that is open in the log must have been seen.
/// </summary>
/// <remarks>The newest logon decides: one that was killed before anybody looked makes the roster unknown until the next one is seen.</remarks>
internal sealed class LogonCheck
{
    /// <summary>How old a logon may be and still tell something; older ones may have ended without a line.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(1);

    /// <summary>Until when its process must have been seen: before a roster is sent that would lack it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>How much earlier than the look that saw it a log may date a logon, and later.</summary>
    private static readonly TimeSpan ClocksApart = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(string Kind, string OsSessionId), DateTimeOffset> seen = [];
    private DateTimeOffset? began;
    private string? why;

    /// <summary>Why the roster cannot be trusted; null while nothing speaks against it.</summary>
    /// <param name="open">The logons that the logs tell of as open; none while old lines are still being read.</param>
    public string? WhyNot(LiveSnapshot look, IEnumerable<LoggedLogon> open)
    {
        began ??= look.At;
        foreach (var session in look.Sessions)
            seen[(session.Kind, session.OsSessionId)] = look.At;
        foreach (var (key, _) in seen.Where(s => s.Value < look.At - AgeMax - ClocksApart).ToList())
            seen.Remove(key);

        var newest = open.Where(o => o.At >= began + ClocksApart && o.At > look.At - AgeMax && o.At <= look.At - Patience).MaxBy(o => o.At);
        if (newest is not null)
            why = WasSeen(newest) ? null : $"the log tells of a logon ({newest.Kind} {newest.OsSessionId}) whose process the agent does not see: does it run in another container than the log's writer?";

        return why;
    }

    private bool WasSeen(LoggedLogon logon) => seen.TryGetValue((logon.Kind, logon.OsSessionId), out var at) && at >= logon.At - ClocksApart;
}
