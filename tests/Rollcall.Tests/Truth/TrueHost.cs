using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Truth;

/// <summary>
/// A host that lives: sessions come, go away and come back; it crashes, reboots and is cut off. Its agent's clock is right. What it sends may be
/// lost or late, but for three things by which the truth could not be known at all: a host whose session numbers are reused, or of which a log
/// without boots is read, loses goodbyes only; a host that never comes back died while it was heard; a shutdown is orderly only when every lost
/// goodbye was followed by a beat.
/// </summary>
/// <param name="life">How long its story is, and of what kind.</param>
internal sealed class TrueHost(Chance chance, string name, TrueLife life)
{
    public const int BeatLeaseSeconds = 180;

    private const int StepSeconds = 5, BeatSeconds = 60;

    private static readonly string[] Users = [@"CORP\anna", @"CORP\bo", @"CORP\cem"];

    private readonly List<TrueSession> open = [];

    /// <summary>Like a desktop on Linux: a display is free again as soon as its session is over.</summary>
    private readonly bool reusesNumbers = chance.Next(2) == 0;

    private readonly bool hasImporter = chance.Next(3) == 0;
    private readonly int beatOffset = chance.Next(BeatSeconds / StepSeconds) * StepSeconds;
    private int boot = 1, lastNumber, counter, second;
    private int? upAt;
    private int cutUntil = -1, lastBeatAt = -life.Seconds;
    private bool isCutLossy, isGoodbyeUnconfirmed;

    public List<TrueSession> Sessions { get; } = [];

    public List<Sent> Sent { get; } = [];

    private bool IsDown => upAt is not null;

    private bool IsCut => second < cutUntil;

    private string Agent => $"agent://{name}";

    public void Live()
    {
        for (second = 0; second < life.Seconds; second += StepSeconds)
            Step();

        second = life.Seconds;
        if (!IsDown)
            SendBeat();
    }

    private void Step()
    {
        if (IsDown)
        {
            if (second >= upAt)
                Boot();
            return;
        }

        Incident();
        if (IsDown)
            return;
        if (second % BeatSeconds == beatOffset)
            SendBeat();
        if (Happens(life.IsQuiet ? 240 : 60))
            Logon();
        if (Happens(200))
            Send(EventKind.SessionFailed, new TrueSession(name, $"auth-{second}", Users[chance.Next(Users.Length)], Now));
        foreach (var session in open.ToList())
            Live(session);
    }

    /// <summary>Once in so many steps.</summary>
    private bool Happens(int steps) => chance.Next(steps) == 0;

    private DateTimeOffset Now => Nine.AddSeconds(second);

    /// <summary>Within the step, so that no two things happen at one instant but by chance.</summary>
    private DateTimeOffset Soon => Now.AddMilliseconds(chance.Next(StepSeconds * 500));

    private void Incident()
    {
        if (!IsCut && second < life.Seconds - 500 && Happens(150))
            (cutUntil, isCutLossy) = (second + chance.Next(20, 400), !reusesNumbers && !hasImporter && chance.Next(2) == 0);
        // Dead without having been heard for a lease: only a return can tell of it.
        var mustReturn = life.IsQuiet || IsCut || second - lastBeatAt > BeatSeconds;
        if (mustReturn && second > life.Seconds - 500)
            return;
        if (Happens(300))
            Crash(mustReturn || chance.Next(4) > 0);
        else if (!isGoodbyeUnconfirmed && Happens(300))
            ShutDown();
    }

    private void Crash(bool returns)
    {
        foreach (var session in open)
            session.EndAt = Now;
        GoDown(returns);
    }

    private void ShutDown()
    {
        foreach (var session in open)
        {
            session.EndAt = Now;
            if (chance.Next(2) == 0)
                Send(EventKind.SessionEnded, session, Now);
        }

        Send(Host(EventKind.HostStopped, Now));
        GoDown(returns: true);
    }

    private void GoDown(bool returns)
    {
        open.Clear();
        isGoodbyeUnconfirmed = false;
        upAt = returns ? second + chance.Next(30, 400) : int.MaxValue;
    }

    private void Boot()
    {
        upAt = null;
        boot++;
        lastNumber = 0;
        if (chance.Next(3) > 0)
            Send(Host(EventKind.HostStarted, Now));
    }

    private void Logon()
    {
        var session = new TrueSession(name, FreeNumber(), Users[chance.Next(Users.Length)], Soon) 
        {
            IsImported = hasImporter && chance.Next(2) == 0,
            IsBrief = life.IsQuiet && chance.Next(2) == 0,
        };
        Sessions.Add(session);
        open.Add(session);
        if (chance.Next(3) == 0)
            Send(EventKind.SessionInitializing, session, session.StartAt.AddMilliseconds(-chance.Next(1, 2000)));
        Send(EventKind.SessionStarted, session, session.StartAt);
        if (session.IsImported)
            Import(EventKind.SessionStarted, session, session.StartAt);
    }

    private string FreeNumber()
    {
        if (!reusesNumbers)
            return $"{++lastNumber}";

        var number = 10;
        while (open.Exists(session => session.OsSessionId == $"{number}"))
            number++;
        return $"{number}";
    }

    private void Live(TrueSession session)
    {
        if (session.StartAt >= Now)
            return;
        if (Happens(session.IsBrief ? 3 : 80))
            Leave(session);
        else if (Happens(60))
            SendChange(session);
    }

    private void SendChange(TrueSession session)
    {
        session.IsDisconnected = !session.IsDisconnected;
        Send(session.IsDisconnected ? EventKind.SessionDisconnected : EventKind.SessionReconnected, session);
    }

    private void Leave(TrueSession session)
    {
        session.EndAt = Soon;
        open.Remove(session);
        if (!session.IsBrief && chance.Next(4) > 0)
            Send(EventKind.SessionEnded, session, session.EndAt);
        else
            isGoodbyeUnconfirmed = true;
        if (session.IsImported)
            Import(EventKind.SessionEnded, session, session.EndAt.Value);
    }

    private void SendBeat()
    {
        var roster = open.Where(session => session.StartAt <= Now).Select(session => new RosterEntry(session.OsSessionId, session.User, null)).ToList();
        if (!Send(Host(EventKind.HostBeat, Now) with { LeaseSeconds = BeatLeaseSeconds, Roster = roster }))
            return;

        (isGoodbyeUnconfirmed, lastBeatAt) = (false, second);
    }

    private void Send(EventKind kind, TrueSession session, DateTimeOffset? at = null)
    {
        var e = About(kind, session, at ?? Soon, Agent) with { Host = Facts };
        if (Send(e))
            session.Told.Add((e.Source, e.Id));
    }

    /// <summary>A log that is read later: it knows no boot and is never cut off.</summary>
    private void Import(EventKind kind, TrueSession session, DateTimeOffset at)
    {
        var e = About(kind, session, at, $"import://{name}");
        session.Told.Add((e.Source, e.Id));
        Sent.Add(new Sent(e, Earliest(at.AddSeconds(chance.Next(1, 1800)))));
    }

    /// <summary>Whether it was not lost.</summary>
    private bool Send(LedgerEvent e)
    {
        if (IsCut && isCutLossy)
        {
            isGoodbyeUnconfirmed |= e.Kind is EventKind.SessionEnded;
            return false;
        }

        var leaves = IsCut ? Nine.AddSeconds(cutUntil) : e.At;
        Sent.Add(new Sent(e, Earliest(leaves.AddMilliseconds(chance.Next(1, 900)))));
        return true;
    }

    /// <summary>All that was sent has arrived when the story ends.</summary>
    private DateTimeOffset Earliest(DateTimeOffset arrivesAt) =>
        arrivesAt < Nine.AddSeconds(life.Seconds + 1) ? arrivesAt : Nine.AddSeconds(life.Seconds + 1);

    private HostFacts Facts => new() { Name = name, BootId = $"{name}-boot-{boot}" };

    private LedgerEvent Host(EventKind kind, DateTimeOffset at) => Of(kind, 0, $"{kind}-{++counter}", source: Agent) with { At = at, Host = Facts };

    private LedgerEvent About(EventKind kind, TrueSession session, DateTimeOffset at, string source) =>
        Of(kind, 0, $"{kind}-{++counter}", session.OsSessionId, session.User, source) with { At = at, Host = new HostFacts { Name = name } };
}
