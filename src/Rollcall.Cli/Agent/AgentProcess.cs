using System.Diagnostics;
using Rollcall.Cli.Agent.Buffering;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Agent.Sending;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent;

/// <summary>Puts the agent together and runs it from start to stop.</summary>
internal sealed class AgentProcess(AgentSettings settings, AgentLog log, TimeProvider time)
{
    private const string BookmarkName = "bookmark.json", LockName = "lock", ParkedName = "parked.ndjson", BufferName = "buffer";

    /// <summary>How long the last events may take when the agent is stopped; what is left is sent by the next run.</summary>
    private static readonly TimeSpan FarewellMax = TimeSpan.FromSeconds(5);

    private SendingCount count = new();

    /// <summary>Runs until cancelled, which is how a supervisor asks it to stop.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var alone = Alone();
        var path = Path.Combine(settings.StateFolder, BookmarkName);
        var state = AgentState.TryRead(path) ?? new AgentState();
        count = new SendingCount(state.Counts);
        using var buffer = new EventBuffer(Path.Combine(settings.StateFolder, BufferName), settings.BufferBytesMax, Dropped);
        using var link = new ServerLink(settings.Server, settings.Tenant, settings.Token, settings.Authorities, time);
        var parts = AgentParts.Build(settings, state, log, time);
        try
        {
            buffer.Append(parts.Beats.Started(state.BootId));
            Announce(parts.Sources);
            var loop = new AgentLoop(settings, parts.Sources, parts.Live, parts.Beats, new Bookmark(path), buffer, count, time);
            var sender = new Sender(buffer, link, count, Path.Combine(settings.StateFolder, ParkedName), time, log);
            using var stopSending = new CancellationTokenSource();
            var sending = Task.Run(() => sender.RunAsync(stopSending.Token), CancellationToken.None);
            var reading = Task.Run(() => loop.RunAsync(cancel), CancellationToken.None);

            // Neither ends by itself: the first that does has failed, and the supervisor must start all of it again.
            await await Task.WhenAny(sending, reading);
            await FarewellAsync(parts.Beats, buffer, sending, stopSending);
        }
        finally
        {
            foreach (var source in parts.Sources)
                source.Dispose();
        }
    }

    private async Task FarewellAsync(Beats beats, EventBuffer buffer, Task sending, CancellationTokenSource stopSending)
    {
        if (await IsHostStoppingAsync())
            buffer.Append([beats.Stopped(time.GetUtcNow())]);

        using var limit = new CancellationTokenSource(FarewellMax);
        while (buffer.Count > 0 && count.Facts.Failure is null && !limit.IsCancellationRequested)
            await Task.Delay(50, CancellationToken.None);

        await stopSending.CancelAsync();
        await sending.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        log.Say($"Stopped. {buffer.Count} events wait on disk for the next start.");
    }

    /// <summary>Only where systemd itself says so: an agent that is stopped says nothing of its host.</summary>
    private static async Task<bool> IsHostStoppingAsync() =>
        Directory.Exists("/run/systemd/system") && (await ShortCommand.TryRunAsync("systemctl", ["is-system-running"]))?.Trim() == "stopping";

    private FileStream Alone()
    {
        Directory.CreateDirectory(settings.StateFolder);
        try
        {
            return new FileStream(Path.Combine(settings.StateFolder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new UsageException($"Another agent works in {settings.StateFolder}. Two would each send what the other has sent: give this one its own --state-folder.");
        }
    }

    private void Announce(IReadOnlyList<ISource> sources)
    {
        log.Say($"Rollcall agent of {settings.HostName}, sending to {settings.Server} for tenant {settings.Tenant}. Times without a zone are taken for {settings.Zone.Id}.");
        foreach (var one in sources.SelectMany(s => s.Describe()))
            log.Say($"Follows {one.Kind}: {one.Name}{(one.Reason is null ? "" : $" ({one.Reason})")}.");
        foreach (var one in settings.Sources.Off)
            log.Say($"Does not follow {one.Kind}: {one.Name}: {one.Reason}.");
    }

    private void Dropped(long events)
    {
        count.Drop(events, time.GetUtcNow());
        log.Dropped(events, count.Facts.Dropped);
    }
}

/// <summary>The parts that read.</summary>
internal sealed record AgentParts(IReadOnlyList<ISource> Sources, LiveSessions Live, Beats Beats)
{
    public static AgentParts Build(AgentSettings settings, AgentState state, AgentLog log, TimeProvider time)
    {
        var choice = settings.Sources;
        var logind = choice.Logind ? new LogindSource(settings.HostName, choice.Kinds, state, time) : null;
        var live = new LiveSessions(
            new ProcessTable(moreXServers: choice.XServers), choice.Utmp, needsUtmp: choice.Wtmp is not null, logind is null ? null : logind.Look) { Followed = choice.Kinds };
        var teller = new SshdTeller(settings.HostName, Environment.MachineName, live.IsSshdAlive, state);
        var accounts = Accounts.OfHost(time);
        var lines = new XrdpLines(settings.HostName, settings.Zone, live.IsDisplayAlive, state, accounts.TryUserId) { Tally = accounts.Tally, MayKnowMore = accounts.MayTellMore };
        var sources = new List<ISource>();
        if (choice.Sesman is not null)
            sources.Add(new XrdpSource(choice.Sesman, choice.Xrdp, choice.XorgGlob, settings.Zone, lines, state));
        if (choice.SshdLog is not null)
            sources.Add(new SshdFileSource(choice.SshdLog, teller, settings.Zone, state, time));
        if (choice.SshdJournal)
            sources.Add(new SshdJournalSource(teller, state, log));
        if (choice.Wtmp is not null)
            sources.Add(new WtmpSource(choice.Wtmp, settings.HostName, choice.Kinds, state));
        if (logind is not null)
            sources.Add(logind);

        live.Logged = () => sources.Exists(s => s.HasMore) ? [] : teller.Open.Concat(lines.Open);
        return new AgentParts(sources, live, new Beats(settings, HostBoot.Read(), session => EntryOf(session, teller, lines)));
    }

    /// <summary>With the user's name as the log writes it, which is the name that the session's events have; with none where the log does not show it.</summary>
    private static EventRosterEntry EntryOf(LiveSession session, SshdTeller teller, XrdpLines lines)
    {
        var entry = new EventRosterEntry { OsSessionId = session.OsSessionId, User = session.User };
        if (session.Kind == "sshd")
            return entry with { User = teller.UserOf(session.OsSessionId), State = "active" };

        return session.Kind == "xrdp" && lines.OpenOn(session.OsSessionId, session.Pid) is var (user, state) ? entry with { User = user, State = state } : entry;
    }
}
