using System.Globalization;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent.Real;

/// <summary>A real journald and the real journalctl; the lines are sshd's, written by logger.</summary>
public sealed class JournalTests
{
    private const string Journald = "/lib/systemd/systemd-journald", Socket = "/run/systemd/journal/dev-log";

    [Fact]
    public async Task Sshds_lines_in_the_journal_become_sessions_also_those_written_while_the_agent_was_dead()
    {
        RealPart.Require("systemd (and the tests must run as root)", () => File.Exists(Journald) && Environment.UserName == "root");
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        await using var programs = new HostPrograms(folder.Path);

        // In a view of its own, so that this machine's journal, should there be one, sees nothing of it.
        var ready = folder.File("ready");
        var script = $"mount -t tmpfs none /run && mount -t tmpfs none /var/log && mkdir -p /run/log/journal /run/systemd/journal && touch {ready} && exec {Journald}";
        var journald = programs.Start("/usr/bin/unshare", ["--mount", "/bin/sh", "-c", script]);
        await HostPrograms.UntilAsync(() => File.Exists(ready) && File.Exists($"/proc/{journald.Id}/root{Socket}"), $"journald listens: {journald.Said}");
        string[] within = ["/usr/bin/nsenter", "--mount", $"--target={journald.Id}"];
        await LogAsync(within, 4711, "anna");
        await using var agent = await RunningAgent.StartWithinAsync(within, server, folder, "lin-03", "--sshd-journal");
        var ledger = new LedgerView(server, "lin-03");

        await HostPrograms.UntilAsync(async () => await ledger.CountAsync("state=ended") == 1, $"one session is over: {agent.Said}");
        await LogAsync(within, 4712, "bo");
        await HostPrograms.UntilAsync(async () => await ledger.CountAsync("state=ended") == 2, $"two sessions are over: {agent.Said}");
        agent.Kill();
        await LogAsync(within, 4713, "cleo");
        agent.Restart();
        await HostPrograms.UntilAsync(async () => await ledger.CountAsync("state=ended") == 3, $"three sessions are over: {agent.Said}");

        Assert.Equal(["anna", "bo", "cleo"], (await ledger.SessionsAsync()).Select(s => s.GetProperty("user").GetString()));
        Assert.All(await ledger.SessionsAsync(), s => Assert.Equal("reported", s.GetProperty("end_time_source").GetString()));
    }

    private static async Task LogAsync(string[] within, int pid, string user)
    {
        foreach (var line in (string[])[$"Accepted publickey for {user} from 10.0.0.1 port {pid} ssh2: ED25519 SHA256:x", $"pam_unix(sshd:session): session opened for user {user}(uid=1001) by (uid=0)", $"pam_unix(sshd:session): session closed for user {user}"])
        {
            var id = pid.ToString(CultureInfo.InvariantCulture);
            var (code, said) = await HostPrograms.RunAsync(within[0], [.. within.Skip(1), "/usr/bin/logger", "--socket", Socket, "--socket-errors=on", $"--id={id}", "--tag", "sshd", line]);
            Assert.True(code == 0, said);
        }
    }
}
