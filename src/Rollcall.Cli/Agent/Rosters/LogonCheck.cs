namespace Rollcall.Cli.Agent.Rosters;

/// <summary>A logon that a log tells of and whose end it does not tell.</summary>
/// <param name="Kind">As in <see cref="LiveSession"/>.</param>
/// <param name="At">On whole seconds in most logs.</param>
internal sealed record LoggedLogon(string Kind, string OsSessionId, DateTimeOffset At)
{
    /// <summary>Of the process that the log names beside it; null where that is the session's own name or nobody says.</summary>
    public string? Pid { get; init; }
}

/// <summary>
/// Whether the agent sees the processes that its logs tell of. In a container that has the host's logs and its own process numbers it sees
/// none of them, and a roster made of what it sees would end every session. So a logon that is open in the log must have been seen.
/// </summary>
/// <remarks>The newest logon decides: one that was killed before anybody looked makes the roster unknown until the next one is seen.</remarks>
internal sealed class LogonCheck
{
    /// <summary>How long a display may take until its server runs; it counts as alive until then.</summary>
    public static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    /// <summary>How old a logon may be and still tell something; older ones may have ended without a line.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(2);

    /// <summary>Until when its process must have been seen: before a roster is sent that would lack it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>How much earlier than the look that saw it a log may date a logon, and later.</summary>
    private static readonly TimeSpan ClocksApart = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(string Kind, string OsSessionId), TimeSpan> seen = [];
    private TimeSpan? began;
    private string? why;

    /// <summary>Why the roster cannot be trusted; null while nothing speaks against it.</summary>
    /// <param name="open">The logons that the logs tell of as open; none while old lines are still being read.</param>
    public string? WhyNot(LiveSnapshot look, IEnumerable<LoggedLogon> open)
    {
        var ran = look.Now.Ran;
        began ??= ran;
        foreach (var session in look.Sessions)
            seen[(session.Kind, session.OsSessionId)] = ran;
        foreach (var (key, _) in seen.Where(s => s.Value < ran - AgeMax - ClocksApart).ToList())
            seen.Remove(key);

        // Logs are dated by the clock as it stands now, also when it was set since the agent began.
        var since = look.At - (ran - began.Value) + ClocksApart;
        var newest = open.Where(o => o.At >= since && o.At > look.At - AgeMax && o.At <= look.At - PatienceWith(o)).MaxBy(o => o.At);
        if (newest is not null)
            why = WasSeen(newest, look) ? null : $"the log tells of a logon ({newest.Kind} {newest.OsSessionId}) whose process the agent does not see: does it run in another container than the log's writer?";

        return why;
    }

    private static TimeSpan PatienceWith(LoggedLogon logon) => logon.Kind == "xrdp" ? StartMax : Patience;

    private bool WasSeen(LoggedLogon logon, LiveSnapshot look) =>
        seen.TryGetValue((logon.Kind, logon.OsSessionId), out var ran) && look.At - (look.Now.Ran - ran) >= logon.At - ClocksApart;
}
