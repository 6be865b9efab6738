using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Sshd;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>Follows the syslog file that sshd writes to.</summary>
internal sealed class SshdFileSource : ISource
{
    private readonly FollowedText text;
    private readonly SshdTeller teller;
    private readonly TimeZoneInfo zone;
    private readonly TimeProvider time;
    private SshdLog log;

    public SshdFileSource(string path, SshdTeller teller, TimeZoneInfo zone, AgentState state, TimeProvider time)
    {
        (this.teller, this.zone, this.time) = (teller, zone, time);
        text = new FollowedText(path, Framing.Lines, LinkPolicy.Follow, state.Files.GetValueOrDefault(path), Tally);
        log = NewLog();
    }

    public string Name => "sshd";

    public bool HasMore => text.File.HasMore;

    public Tally Tally { get; } = new();

    public IReadOnlyList<ImportedEvent> Poll(Moment now)
    {
        var events = new List<ImportedEvent>();
        var pieces = text.Read(now);
        if (text.BeganAnother())
            log = NewLog();

        foreach (var (bytes, spot) in pieces)
        {
            if (LineReader.TextOf(bytes.Span, spot, Tally) is not { } line || log.Take(new LogLine(line, spot)) is not var (fact, message))
                continue;

            text.LastAt = fact.At;
            if (teller.Tell(fact, message, Tally) is { } one)
                events.Add(one);
        }

        if (!HasMore)
            teller.Forget(now);
        return events;
    }

    public AgentState Keep(AgentState state)
    {
        if (text.Keep() is { } kept)
            state.Files[text.File.Path] = kept;
        return teller.Keep(state);
    }

    public IEnumerable<SourceStatus> Describe() => [text.Describe(Name)];

    public void Dispose() => text.Dispose();

    private SshdLog NewLog() => new(new SshdClock(zone, YearOf, Tally, text.LastAt, () => text.Written), content => text.Occurrences.Next(content), Tally);

    /// <summary>A log that is being written has no line from the future, so a date without a year is the newest that has passed.</summary>
    private int YearOf(DateTime yearless)
    {
        var tomorrow = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).Date.AddDays(1);
        return new DateTime(tomorrow.Year, 1, 1).AddMonths(yearless.Month - 1).AddDays(yearless.Day - 1) > tomorrow ? tomorrow.Year - 1 : tomorrow.Year;
    }
}

/// <summary>What lines of sshd, from wherever they come, mean on this host.</summary>
internal sealed class SshdTeller
{
    /// <summary>How long lines of one failed attempt may be apart: sshd gives a client two minutes to log on.</summary>
    private static readonly TimeSpan AttemptMax = TimeSpan.FromHours(1);

    /// <summary>How long after its process was first missed a logon is kept for an end that may still be written.</summary>
    private static readonly TimeSpan EndMax = TimeSpan.FromMinutes(10);

    private readonly SshdDesk desk;
    private readonly Dictionary<SshdLogon, TimeSpan> missedSince = new(ReferenceEqualityComparer.Instance);
    private readonly string host, machine;
    private readonly Predicate<string> isAlive;

    /// <param name="host">The host's name in the ledger.</param>
    /// <param name="machine">The name under which syslog knows this machine.</param>
    /// <param name="isAlive">Whether a process of sshd with this number runs.</param>
    public SshdTeller(string host, string machine, Predicate<string> isAlive, AgentState state)
    {
        (this.host, this.machine, this.isAlive) = (host, machine, isAlive);
        desk = new SshdDesk(DeskTally);
        desk.Resume(state.SshdOpen, state.SshdAttempts);
    }

    /// <summary>The logons without an end so far.</summary>
    public IEnumerable<LoggedLogon> Open => desk.Open.Select(o => new LoggedLogon("sshd", o.Pid, o.StartedAt));

    /// <summary>What the desk passed over.</summary>
    public Tally DeskTally { get; } = new();

    /// <summary>Null for what makes no event, and for another host's line in a log that collects from many.</summary>
    public ImportedEvent? Tell(SshdFact fact, SshdMessage message, Tally tally)
    {
        if (!IsThisMachine(fact.Host))
        {
            tally.Skip("another host's line: an agent tells of its own host only", fact.Spot);
            return null;
        }

        // The id stays that of an import of the same line; only the host is called by its name in the ledger.
        return desk.Take(message, fact) is { } told
            ? new ImportedEvent(told with { Data = told.Data with { Host = new EventHost { Name = host } } }, fact.Spot)
            : null;
    }

    /// <summary>The user of the logon that a process serves; null when the log does not show it.</summary>
    public string? UserOf(string pid) => desk.Open.FirstOrDefault(o => o.Pid == pid)?.User;

    /// <summary>Forgets what can have no next line. Only when all that was written is read: the line may stand further down.</summary>
    public void Forget(Moment now)
    {
        foreach (var back in missedSince.Keys.Where(logon => isAlive(logon.Pid)).ToList())
            missedSince.Remove(back);

        desk.Forget(now.At - AttemptMax, logon => IsLost(logon, now));
        var open = desk.Open.ToHashSet<SshdLogon>(ReferenceEqualityComparer.Instance);
        foreach (var gone in missedSince.Keys.Where(logon => !open.Contains(logon)).ToList())
            missedSince.Remove(gone);
    }

    public AgentState Keep(AgentState state) => state with { SshdOpen = [.. desk.Open], SshdAttempts = [.. desk.Attempts] };

    private bool IsLost(SshdLogon logon, Moment now)
    {
        if (isAlive(logon.Pid))
            return false;

        missedSince.TryAdd(logon, now.Ran);
        return now.Ran - missedSince[logon] >= EndMax;
    }

    private bool IsThisMachine(string name) =>
        string.Equals(FirstLabel(name), FirstLabel(machine), StringComparison.OrdinalIgnoreCase);

    private static string FirstLabel(string name) => name.Split('.')[0];
}
