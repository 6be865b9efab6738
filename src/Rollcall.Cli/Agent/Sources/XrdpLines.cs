using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>The lines of xrdp's logs that sessions still need, and which of their events were told.</summary>
/// <remarks>
/// The import's own rules join them, over and over, so that agent and import cannot disagree. What keeps that cheap is that lines go
/// when their session is over and told.
/// </remarks>
internal sealed class XrdpLines
{
    /// <summary>How long lines are kept that no open session needs: longer than anybody may sit at the logon window.</summary>
    private static readonly TimeSpan KeepTime = TimeSpan.FromMinutes(10);

    /// <summary>Lines kept at most; a host with more open sessions than these make loses the oldest, with a note.</summary>
    private const int LinesMax = 50_000;

    /// <summary>New lines after which the old ones are looked through.</summary>
    private const int PruneEvery = 500;

    private readonly XrdpImporter importer;
    private readonly Predicate<string> isDisplayAlive;
    private readonly HashSet<(string Content, int Occurrence, uint? Owner)> seen = [];
    private readonly HashSet<string> told;
    private readonly DisplayFacts displays = new();
    private List<XrdpFact> facts = [];
    private XrdpStory? story;
    private bool isDirty;
    private int added;
    private TimeSpan? prunedAt;

    /// <param name="isDisplayAlive">Whether a server of this display runs.</param>
    /// <param name="userIdOf">The numeric id of a user; without it only logs that root owns are believed.</param>
    public XrdpLines(string host, TimeZoneInfo zone, Predicate<string> isDisplayAlive, AgentState state, Func<string, uint?>? userIdOf = null)
    {
        (importer, this.isDisplayAlive, told) = (new XrdpImporter(host, zone, userIdOf ?? (_ => null)), isDisplayAlive, [.. state.XrdpSent]);
        foreach (var line in state.XrdpLines)
        {
            if (FactOf(line) is { } fact)
                Add(fact);
        }
    }

    public Tally Tally { get; init; } = new();

    /// <summary>True when the ids of users may be known now that were not: what was not believed for that is looked at again.</summary>
    public Func<bool>? MayKnowMore { get; init; }

    /// <summary>The sessions that began in the lines kept and have no end in them.</summary>
    public IEnumerable<LoggedLogon> Open =>
        Story.Sessions.Where(s => s.EndedAt is null && s.StartedAt is not null).Select(s => new LoggedLogon("xrdp", s.Display, s.StartedAt!.Value) { Pid = s.Pid });

    // A throw-away tally: what is skipped is met again each time, and would be counted each time.
    private XrdpStory Story => story ??= importer.Join([.. facts, .. displays.All], new Tally());

    public void Add(XrdpFact fact)
    {
        if (!seen.Add(KeyOf(fact)))
            return;

        if (fact is not DisplayChanged change)
            facts.Add(fact);
        else if (displays.Add(change) is { } gone)
            seen.Remove(KeyOf(gone));
        (story, isDirty, added) = (null, true, added + 1);
    }

    /// <summary>The events up to an instant that were not told before.</summary>
    public IReadOnlyList<ImportedEvent> Settled(DateTimeOffset until, Moment now)
    {
        if (MayKnowMore?.Invoke() == true)
            (story, isDirty) = (null, true);
        if (!isDirty && added < PruneEvery && now.Ran - prunedAt < KeepTime)
            return [];

        var due = Story.Events.Where(e => e.Event.Time <= until && told.Add(e.Event.Id)).ToList();
        isDirty = Story.Events.Any(e => e.Event.Time > until);
        if (added >= PruneEvery || !(now.Ran - prunedAt < KeepTime))
            Prune(until, now);

        return due;
    }

    /// <summary>The user and state of the open session on a display, as far as the log tells; null when it shows none.</summary>
    /// <param name="pid">Of sesman's process for the session; null when nobody knows.</param>
    public (string User, string State)? OpenOn(string display, string? pid)
    {
        if (Story.Sessions.LastOrDefault(s => s.Display == display && s.EndedAt is null && (pid is null || s.Pid == pid)) is not { } session)
            return null;

        var last = Story.Events.LastOrDefault(e => e.Event.Data.OsSessionId == display && e.Event.Data.User == session.User);
        return (session.User, last?.Event.Type == EventTypes.SessionDisconnected ? "disconnected" : "active");
    }

    public AgentState Keep(AgentState state) => state with { XrdpLines = [.. facts.Concat(displays.All).Select(KeptOf)], XrdpSent = [.. told] };

    private void Prune(DateTimeOffset until, Moment now)
    {
        // What runs now says nothing of lines that are old: their ends may stand further down.
        var (before, isFarBehind) = (until - KeepTime, now.At - until > KeepTime);
        bool IsNeeded(XrdpSession s) => (s.EndedAt is null && (isFarBehind || isDisplayAlive(s.Display))) || s.Facts.Exists(f => f.At > before);
        var needed = Story.Sessions.Where(IsNeeded).ToHashSet();
        var kept = needed.SelectMany(s => s.Facts).ToHashSet<XrdpFact>(ReferenceEqualityComparer.Instance);
        kept.UnionWith(Story.Connections.Where(c => c.Session is { } s && needed.Contains(s) && !(c.GoneAt < before)).SelectMany(c => c.Facts));
        var sessionOf = Story.SessionOf;
        var next = facts.FindAll(f => f.At > before || kept.Contains(f));
        if (next.Count > LinesMax)
        {
            Tally.Note("too many open sessions to keep all their lines; a disconnect may be missed", next[0].Line.Spot);
            next.RemoveRange(0, next.Count - LinesMax);
        }

        displays.Keep(d => d.At > before || (sessionOf(d) is { } s && needed.Contains(s)));
        (facts, story) = (next, null);
        seen.Clear();
        seen.UnionWith(facts.Concat(displays.All).Select(KeyOf));
        told.IntersectWith(Story.Events.Select(e => e.Event.Id).ToHashSet(StringComparer.Ordinal));
        (added, prunedAt) = (0, now.Ran);
    }

    /// <summary>What makes two lines the same one. A copy that another account wrote is another line, or it would keep out the true one.</summary>
    private static (string Content, int Occurrence, uint? Owner) KeyOf(XrdpFact fact) => (fact.Line.Content, fact.Line.Occurrence, (fact as DisplayChanged)?.Owner);

    private static KeptLine KeptOf(XrdpFact fact)
    {
        var kept = new KeptLine { At = fact.At, Text = fact.Line.Content, Occurrence = fact.Line.Occurrence, File = fact.Line.Spot.File, Line = fact.Line.Spot.Line };
        return fact is DisplayChanged change
            ? kept with { Display = change.Display, DisplayAt = change.DisplayStartedAt, Attached = change.Attached, Owner = change.Owner }
            : kept;
    }

    private static XrdpFact? FactOf(KeptLine kept)
    {
        var line = new FactLine(kept.At, kept.Text, kept.Occurrence, new Spot(kept.File, kept.Line));
        if (kept is { Display: { } display, DisplayAt: { } displayAt, Attached: { } attached })
            return new DisplayChanged(line, display, displayAt, attached) { Owner = kept.Owner };

        return XrdpLine.TrySplit(kept.Text) is { } split ? XrdpLine.FactOf(split.Message, line) : null;
    }
}
