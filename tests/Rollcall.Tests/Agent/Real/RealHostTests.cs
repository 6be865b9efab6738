using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent.Real;

/// <summary>Real logons at a real xrdp and a real sshd, watched by the real agent, sent to the real server.</summary>
public sealed class RealHostTests
{
    /// <summary>What the ledger's times may differ from the true ones: the logs write whole seconds, and each log has its own.</summary>
    private static readonly TimeSpan Exact = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ToldMax = TimeSpan.FromSeconds(45);

    [Fact]
    public async Task The_ledger_ends_up_equal_to_what_was_done()
    {
        DesktopHost.Require();
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        await using var host = await DesktopHost.StartAsync();
        await using var agent = await RunningAgent.StartAsync(server, folder, "lin-01", SourcesOf(host));
        var ledger = new LedgerView(server, "lin-01");

        var failed = await host.FailAsync();
        var (client, started) = await host.LogOnAsync();
        var ssh = host.UseSshAsync(seconds: 3);
        await PassAsync(TimeSpan.FromSeconds(3));
        var disconnected = DesktopHost.Disconnect(client);
        await PassAsync(TimeSpan.FromSeconds(3));
        var (_, reconnected) = await host.LogOnAsync();
        await PassAsync(TimeSpan.FromSeconds(3));
        var ended = await host.LogOffAsync();
        var (sshFrom, sshTo) = await ssh;
        var sshFailed = await host.FailSshAsync();

        await HostPrograms.UntilAsync(async () => (await ledger.SessionsAsync()).Count(IsOver) == 4, $"four sessions are over: {agent.Said}", ToldMax);
        var sessions = await ledger.SessionsAsync();
        Assert.Equal(4, sessions.Count);
        var desktop = Assert.Single(sessions, s => Is(s, "RDP", "ended"));
        Assert.Equal(host.ClientName, desktop.GetProperty("client").GetProperty("name").GetString());
        Assert.Equal("reported", desktop.GetProperty("end_time_source").GetString());
        AssertTimeline(await ledger.TimelineAsync(IdOf(desktop)), ("started", started), ("disconnected", disconnected), ("reconnected", reconnected), ("disconnected", ended), ("ended", ended));
        AssertTimeline(await ledger.TimelineAsync(IdOf(Assert.Single(sessions, s => Is(s, "RDP", "failed")))), ("failed", failed));
        AssertTimeline(await ledger.TimelineAsync(IdOf(Assert.Single(sessions, s => Is(s, "SSH", "ended")))), ("started", sshFrom), ("ended", sshTo));
        AssertTimeline(await ledger.TimelineAsync(IdOf(Assert.Single(sessions, s => Is(s, "SSH", "failed")))), ("failed", sshFailed));
        Assert.Equal(0, agent.Status.GetProperty("rejected_events").GetInt64());
        Assert.Equal(0, await agent.StopAsync());
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task The_ledger_ends_up_equal_to_what_was_done_although_agent_server_and_sesman_are_killed()
    {
        DesktopHost.Require();
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        await using var host = await DesktopHost.StartAsync();
        await using var agent = await RunningAgent.StartAsync(server, folder, "lin-02", SourcesOf(host));
        var ledger = new LedgerView(server, "lin-02");
        var expected = new List<(string, DateTimeOffset)[]>();

        // The agent dies while somebody is on; what it misses stands in the logs.
        var (first, started) = await host.LogOnAsync();
        agent.Kill();
        var gone = DesktopHost.Disconnect(first);
        await PassAsync(TimeSpan.FromSeconds(3));
        agent.Restart();
        var (_, back) = await host.LogOnAsync();
        agent.Kill();
        await PassAsync(TimeSpan.FromSeconds(3));
        var off = await host.LogOffAsync();
        agent.Restart();
        expected.Add([("started", started), ("disconnected", gone), ("reconnected", back), ("disconnected", off), ("ended", off)]);

        // The server dies; the agent keeps what it reads, and is killed on top of it.
        server.Kill();
        var (_, during) = await host.LogOnAsync();
        var ssh = await host.UseSshAsync(seconds: 2);
        agent.Kill();
        agent.Restart();
        await PassAsync(TimeSpan.FromSeconds(8));
        var duringOff = await host.LogOffAsync();
        await server.RestartInPlaceAsync();
        ledger.SignInAgain();
        expected.Add([("started", during), ("disconnected", duringOff), ("ended", duringOff)]);
        await HostPrograms.UntilAsync(async () => (await ledger.SessionsAsync()).Count(IsOver) == 3, $"three sessions are over: {agent.Said}", TimeSpan.FromSeconds(90));

        // sesman dies with the session's own process: no log will ever tell of that end.
        var (_, last) = await host.LogOnAsync();
        await PassAsync(TimeSpan.FromSeconds(10));
        var lost = await host.KillSessionAsync();
        await host.StartSesmanAsync();
        await HostPrograms.UntilAsync(async () => (await ledger.SessionsAsync()).Count(IsOver) == 4, $"four sessions are over: {agent.Said}", ToldMax);

        var sessions = await ledger.SessionsAsync();
        Assert.Equal(4, sessions.Count);
        var desktops = sessions.Where(s => Is(s, "RDP", "ended")).ToList();
        for (var i = 0; i < expected.Count; i++)
            AssertTimeline(await ledger.TimelineAsync(IdOf(desktops[i])), expected[i]);
        AssertTimeline(await ledger.TimelineAsync(IdOf(Assert.Single(sessions, s => Is(s, "SSH", "ended")))), ("started", ssh.From), ("ended", ssh.To));
        Near(last, desktops[^1].GetProperty("start_time").GetDateTimeOffset());
        Assert.Equal("roster", desktops[^1].GetProperty("end_time_source").GetString());
        Near(lost, desktops[^1].GetProperty("end_time_latest").GetDateTimeOffset());
        Near(lost, desktops[^1].GetProperty("end_time_earliest").GetDateTimeOffset());
        Near(lost, desktops[^1].GetProperty("end_time").GetDateTimeOffset());
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_desktop_that_goes_on_stays_open_when_sesman_alone_is_killed_and_started_again()
    {
        DesktopHost.Require();
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        await using var host = await DesktopHost.StartAsync();
        await using var agent = await RunningAgent.StartAsync(server, folder, "lin-03", SourcesOf(host));
        var ledger = new LedgerView(server, "lin-03");
        var (_, started) = await host.LogOnAsync();
        await HostPrograms.UntilAsync(async () => (await ledger.SessionsAsync()).Count == 1, $"the session is told: {agent.Said}", ToldMax);

        // Its child, which keeps the session, has its output too: the program's own Kill would wait for that.
        HostPrograms.Kill(host.Sesman.Id);
        await PassAsync(TimeSpan.FromSeconds(3));
        await host.StartSesmanAsync();
        var restarted = TimeProvider.System.GetUtcNow();
        // Rosters lie some seconds back: one of after the restart must have gone to the server.
        await HostPrograms.UntilAsync(() => agent.Status.GetProperty("beat_at").GetDateTimeOffset() > restarted && agent.Status.GetProperty("buffered_events").GetInt64() == 0, $"a beat after the restart is sent: {agent.Said}", ToldMax);
        var open = Assert.Single(await ledger.SessionsAsync());
        Assert.True(Is(open, "RDP", "active"), $"{open}");
        Assert.Equal([open.GetProperty("os_session_id").GetString()], agent.Status.GetProperty("roster").EnumerateArray().Select(one => one.GetString()));

        var ended = await host.LogOffAsync();
        await HostPrograms.UntilAsync(async () => (await ledger.SessionsAsync()).All(IsOver), $"the session is over: {agent.Said}", ToldMax);
        var over = Assert.Single(await ledger.SessionsAsync());
        Near(started, over.GetProperty("start_time").GetDateTimeOffset());
        Near(ended, over.GetProperty("end_time_latest").GetDateTimeOffset());
        Near(ended, over.GetProperty("end_time_earliest").GetDateTimeOffset());
    }

    private static string[] SourcesOf(DesktopHost host) =>
        ["--xrdp-sesman", host.SesmanLog, "--xrdp", host.XrdpLog, "--xorgxrdp", host.XorgGlob, "--sshd-log", host.SshdLog];

    private static bool IsOver(JsonElement session) => session.GetProperty("state").GetString() is "ended" or "failed";

    private static bool Is(JsonElement session, string protocol, string state) =>
        session.GetProperty("protocol").GetString() == protocol && session.GetProperty("state").GetString() == state;

    private static string IdOf(JsonElement session) => session.GetProperty("id").GetString()!;

    /// <summary>A logoff closes the display, whose log shows the client go in the same moment: before the end or, its second being the same, behind it.</summary>
    private static void AssertTimeline(IReadOnlyList<(string Type, DateTimeOffset At)> timeline, params (string Type, DateTimeOffset At)[] done)
    {
        var told = timeline.OrderBy(t => t.Type == "ended").ToList();
        Assert.Equal(done.Select(d => d.Type), told.Select(t => t.Type));
        Assert.All(told.Zip(done), pair => Near(pair.Second.At, pair.First.At));
    }

    private static void Near(DateTimeOffset done, DateTimeOffset told) =>
        Assert.True((done - told).Duration() <= Exact, $"done {done:O}, told {told:O}");

    /// <summary>Lets the real clock go on: what is done here must lie apart by more than the logs' seconds.</summary>
    private static Task PassAsync(TimeSpan time) => Task.Delay(time, CancellationToken.None);
}
