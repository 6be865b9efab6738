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

        await HostPrograms.UntilAsync(() => IsOverAsync(ledger, "anna"), $"one session is over: {agent.Said}");
        await LogAsync(within, ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"], 4714, LinesOf("mallory", 4714));
        await LogAsync(within, [], 4715, LinesOf("dora", 4715)[..2]);
        await LogAsync(within, ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups"], 4715, LinesOf("dora", 4715)[2..]);
        await LogAsync(within, 4712, "bo");
        await HostPrograms.UntilAsync(() => IsOverAsync(ledger, "bo"), $"two sessions are over: {agent.Said}");
        agent.Kill();
        await LogAsync(within, 4713, "cleo");
        agent.Restart();
        await HostPrograms.UntilAsync(() => IsOverAsync(ledger, "cleo"), $"three sessions are over: {agent.Said}");

        // What another user than root wrote under sshd's name neither made mallory a session nor ended dora's.
        Assert.Equal(["anna", "bo", "cleo", "dora"], (await ledger.SessionsAsync()).Select(s => s.GetProperty("user").GetString()).Order());
        Assert.False(await IsOverAsync(ledger, "dora"));
    }

    /// <summary>Whether a session's own line told its end.</summary>
    private static async Task<bool> IsOverAsync(LedgerView ledger, string user) => (await ledger.SessionsAsync()).Any(s =>
        s.GetProperty("user").GetString() == user && s.TryGetProperty("end_time_source", out var end) && end.GetString() == "reported");

    private static Task LogAsync(string[] within, int pid, string user) => LogAsync(within, [], pid, LinesOf(user, pid));

    private static string[] LinesOf(string user, int port) =>
    [
        $"Accepted publickey for {user} from 10.0.0.1 port {port} ssh2: ED25519 SHA256:x",
        $"pam_unix(sshd:session): session opened for user {user}(uid=1001) by (uid=0)",
        $"pam_unix(sshd:session): session closed for user {user}",
        $"Disconnected from user {user} 10.0.0.1 port {port}",
    ];

    /// <param name="writer">What runs logger as somebody else; empty for root.</param>
    private static async Task LogAsync(string[] within, string[] writer, int pid, string[] lines)
    {
        foreach (var line in lines)
        {
            string[] logger = ["/usr/bin/logger", "--socket", Socket, "--socket-errors=on", $"--id={pid.ToString(CultureInfo.InvariantCulture)}", "--tag", "sshd", line];
            var (code, said) = await HostPrograms.RunAsync(within[0], [.. within.Skip(1), .. writer, .. logger]);
            Assert.True(code == 0, said);
        }
    }
}
