using System.Globalization;
using System.Text.RegularExpressions;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Wtmp;

namespace Rollcall.Cli.Agent.Rosters;

/// <summary>A session that was seen alive, by what keeps it.</summary>
/// <param name="Kind"><c>xrdp</c>, <c>sshd</c>, <c>utmp</c> or <c>logind</c>.</param>
/// <param name="Pid">Of the process that serves it; null where nobody says.</param>
/// <param name="User">Null unless the place where it was seen names the user.</param>
internal sealed record LiveSession(string Kind, string OsSessionId, string? Pid, string? User);

/// <summary>Every session alive at one look.</summary>
/// <param name="Now">Before it: whoever was seen was on then.</param>
/// <param name="Unknown">Why not every session is known; null when all are.</param>
internal sealed record LiveSnapshot(Moment Now, IReadOnlyList<LiveSession> Sessions, string? Unknown)
{
    /// <summary>After it: whoever was not seen was gone by then.</summary>
    public Moment Until { get; init; } = Now;

    public DateTimeOffset At => Now.At;
}

/// <summary>
/// Looks at what runs on this host, whatever the logs say and whichever of them are followed: a session that an import told of long ago
/// is as alive as any other.
/// </summary>
/// <param name="utmp">The host's table of who is logged on; null when it has none.</param>
/// <param name="needsUtmp">Logons at terminals are told of, so that without the table the roster is not whole.</param>
/// <param name="logind">Asks systemd-logind what it lists; null where it does not run.</param>
internal sealed partial class LiveSessions(ProcessTable processes, string? utmp, bool needsUtmp, Func<IReadOnlyList<LiveSession>?>? logind)
{
    /// <summary>How far ahead of now sesman's log may date a display that it starts.</summary>
    private static readonly TimeSpan ClocksApart = TimeSpan.FromSeconds(2);

    private readonly LogonCheck check = new();
    private readonly HashSet<string> proven = [];
    private readonly Dictionary<(string Display, string? Pid), TimeSpan> served = [];
    private IReadOnlyDictionary<int, LiveProcess>? newest;

    /// <summary>The logons that the followed logs tell of as open, none while old lines are being read; null where no log tells.</summary>
    public Func<IEnumerable<LoggedLogon>>? Logged { get; set; }

    /// <summary>The kinds of which logs are followed: what writes them must be among the processes that are seen.</summary>
    public IReadOnlySet<string> Followed { get; init; } = new HashSet<string>();

    public LiveSnapshot Look(Moment now)
    {
        // Also where no roster can be made: what it answers is told as events too.
        var known = logind?.Invoke();
        newest = processes.TryList();
        if (newest is null)
            return new LiveSnapshot(now, [], "the agent may not look at every process (hidepid)");

        var (atTerminals, wrong) = AtTerminals();
        if (logind is not null && known is null)
            wrong ??= "systemd-logind does not answer";

        var look = new LiveSnapshot(now, [.. OnDisplays(newest), .. OverSsh(newest), .. atTerminals, .. known ?? []], wrong ?? WhyBlind(newest));
        var logged = Logged?.Invoke().ToList();
        if (logged is null)
            return look;

        var why = check.WhyNot(look, logged);
        NoteServed(look);
        return look with { Unknown = look.Unknown ?? why, Sessions = [.. look.Sessions, .. Starting(look, logged)] };
    }

    /// <summary>Whether a server of this display runs; true while nobody can tell.</summary>
    public bool IsDisplayAlive(string display) => newest is null || OnDisplays(newest).Any(s => s.OsSessionId == display);

    /// <summary>Whether sshd has a process of this number; true while nobody can tell.</summary>
    public bool IsSshdAlive(string pid) => newest is null || (int.TryParse(pid, out var number) && newest.GetValueOrDefault(number)?.Name.StartsWith("sshd", StringComparison.Ordinal) == true);

    /// <summary>The X servers that sesman started: its children, or, when that child was killed, known by the configuration they run with.</summary>
    internal static IEnumerable<LiveSession> OnDisplays(IReadOnlyDictionary<int, LiveProcess> all)
    {
        foreach (var server in all.Values.Where(ProcessTable.IsXServer))
        {
            var parent = all.GetValueOrDefault(server.ParentPid);
            var isOurs = parent?.Name.StartsWith("xrdp-ses", StringComparison.Ordinal) == true || server.Arguments.Contains("xorgxrdp", StringComparison.Ordinal);
            if (isOurs && Display().Match(server.Arguments) is { Success: true } match)
                yield return new LiveSession("xrdp", match.Groups["display"].Value, parent?.Pid.ToString(CultureInfo.InvariantCulture), null);
        }
    }

    /// <summary>
    /// One process of sshd keeps each connection: "sshd: anna [priv]", and for a user with the id 0, who needs no second one,
    /// "sshd: root@pts/0" or "sshd: toor@pts/0". One that
    /// still asks for the password looks the same and is named too; it is nobody's session and harms none.
    /// </summary>
    internal static IEnumerable<LiveSession> OverSsh(IReadOnlyDictionary<int, LiveProcess> all)
    {
        foreach (var process in all.Values.Where(p => p.UserId == 0 && p.Name.StartsWith("sshd", StringComparison.Ordinal)))
        {
            var isMonitor = process.Arguments.EndsWith(" [priv]", StringComparison.Ordinal);
            var isRoots = RootsShell().IsMatch(process.Arguments);
            if (isMonitor || isRoots)
                yield return new LiveSession("sshd", process.Pid.ToString(CultureInfo.InvariantCulture), process.Pid.ToString(CultureInfo.InvariantCulture), null);
        }
    }

    /// <summary>The displays that sesman has begun to start and whose server is not there yet: a slow one must not come and go in the roster.</summary>
    private IEnumerable<LiveSession> Starting(LiveSnapshot look, List<LoggedLogon> logged) => logged
        .Where(l => l.Kind == "xrdp" && look.At - l.At < LogonCheck.StartMax && l.At <= look.At + ClocksApart)
        .Where(l => !served.ContainsKey((l.OsSessionId, l.Pid)) && !look.Sessions.Any(s => s.Kind == "xrdp" && s.OsSessionId == l.OsSessionId))
        .Select(l => new LiveSession("xrdp", l.OsSessionId, l.Pid, null));

    /// <summary>Remembers which displays had their server: one that had it and lost it is no slow one, it is gone.</summary>
    private void NoteServed(LiveSnapshot look)
    {
        foreach (var display in look.Sessions.Where(s => s.Kind == "xrdp"))
            served[(display.OsSessionId, display.Pid)] = look.Now.Ran;
        foreach (var (key, _) in served.Where(s => look.Now.Ran - s.Value > 2 * LogonCheck.StartMax).ToList())
            served.Remove(key);
    }

    /// <summary>
    /// In a container that has the host's logs and not its processes the first roster would end whatever is open. So outside the machine's own
    /// view of its processes what writes a followed log must have been seen once.
    /// </summary>
    private string? WhyBlind(IReadOnlyDictionary<int, LiveProcess> all)
    {
        foreach (var (kind, program) in (ReadOnlySpan<(string, string)>)[("sshd", "sshd"), ("xrdp", "xrdp-ses")])
        {
            if (!Followed.Contains(kind) || proven.Contains(kind))
                continue;

            if (!processes.SeesTheMachine && !all.Values.Any(p => p.UserId == 0 && p.Name.StartsWith(program, StringComparison.Ordinal)))
                return $"the agent sees no process that writes the followed log of {kind}: does it run in another container?";

            proven.Add(kind);
        }

        return null;
    }

    private (IEnumerable<LiveSession> Sessions, string? Unknown) AtTerminals()
    {
        if (utmp is null || !File.Exists(utmp))
            return ([], needsUtmp ? "login records are followed, and there is no utmp that says who is still logged on" : null);

        var tally = new Tally();
        try
        {
            var listed = WtmpReader.Read(LogFile.At(utmp), tally)
                .Select(r => r.Record)
                .Where(r => r.Type == WtmpType.UserProcess && r.Line.Length > 0 && r.User.Length > 0)
                .ToList();
            var sessions = listed.Where(r => processes.IsAlive(r.Pid)).Select(r => new LiveSession("utmp", r.Line, r.Pid.ToString(CultureInfo.InvariantCulture), r.User)).ToList();
            if (sessions.Count > 0 || processes.SeesTheMachine)
                proven.Add("utmp");

            var wrong = tally.Skipped.Count > 0 ? "utmp holds something that is no login record"
                : listed.Count == 0 || proven.Contains("utmp") ? null
                : "utmp lists logons and the agent sees none of their processes: does it run in another container?";
            return (sessions, needsUtmp ? wrong : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], needsUtmp ? $"utmp cannot be read: {e.Message}" : null);
        }
    }

    [GeneratedRegex(@"^\S+ (?:\S+ )*?:(?<display>\d+)(?: |$)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Display();

    [GeneratedRegex(@"^sshd(-session)?: \S+@", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RootsShell();
}
