using System.Globalization;
using System.Text;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent.Real;

/// <summary>A log that grows and is rotated in every way, an agent and a server that are killed in the middle: what the log says is in the
/// ledger once.</summary>
public sealed class KillRoundsTests
{
    private const int SessionsARound = 150;

    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    [Theory, InlineData(3)]
    public Task Nothing_is_lost_or_doubled_when_agent_and_server_are_killed(int rounds) => KillAsync("rounds-few", rounds);

    [Theory, InlineData(20), Trait("Category", "Long")]
    public Task Nothing_is_lost_or_doubled_in_many_rounds(int rounds) => KillAsync("rounds-many", rounds);

    private static async Task KillAsync(string host, int rounds)
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        var log = new GrowingLog(folder);
        log.Write(SessionsARound);
        await using var agent = await RunningAgent.StartAsync(server, folder, host, "--sshd-log", log.Path);
        for (var round = 0; round < rounds; round++)
        {
            log.Write(SessionsARound);
            log.Rotate(round);
            log.Write(SessionsARound / 2);
            if (round % 3 == 2)
                server.Kill();

            // Somewhere in what a round of the agent does, each time somewhere else.
            await Task.Delay(TimeSpan.FromMilliseconds(137 * round % 1_900), CancellationToken.None);
            agent.Kill();
            log.Write(SessionsARound / 2);
            log.Rotate(round + 1);
            agent.Restart();
            if (round % 3 == 2)
                await server.RestartInPlaceAsync();
        }

        log.Write(1);
        var ledger = new LedgerView(server, host);
        await HostPrograms.UntilAsync(
            async () => await ledger.CountAsync("state=ended") == log.Sessions || agent.IsIdleAt(log.Length), $"{log.Sessions} sessions are over", TimeSpan.FromSeconds(120));
        Assert.Equal((log.Sessions, log.Sessions), (await ledger.CountAsync(""), await ledger.CountAsync("state=ended")));
        Assert.All(await ledger.SessionsAsync(), session => Assert.Equal(1_000, session.GetProperty("duration_ms").GetInt64()));
        Assert.Equal(0, agent.Status.GetProperty("dropped_events").GetInt64());
        Assert.Equal(0, agent.Status.GetProperty("rejected_events").GetInt64());
    }

    /// <summary>sshd's part of a syslog file.</summary>
    private sealed class GrowingLog(TemporaryFolder folder)
    {
        private int rotations;

        public string Path { get; } = folder.File("auth.log");

        public int Sessions { get; private set; }

        public long Length => new FileInfo(Path).Length;

        public void Write(int count)
        {
            using var file = new FileStream(Path, FileMode.Append);
            for (var i = 0; i < count; i++, Sessions++)
            {
                Line(file, 0, $"Accepted publickey for user{Sessions} from 10.0.0.1 port {10_000 + Sessions} ssh2: ED25519 SHA256:x");
                Line(file, 0, $"pam_unix(sshd:session): session opened for user user{Sessions}(uid=1001) by (uid=0)");
                Line(file, 1, $"pam_unix(sshd:session): session closed for user user{Sessions}");
            }
        }

        /// <summary>By renaming, by copying and emptying, or not at all.</summary>
        public void Rotate(int how)
        {
            var old = $"{Path}.{++rotations}";
            switch (how % 3)
            {
                case 0:
                    File.Move(Path, old);
                    break;
                case 1:
                    File.Copy(Path, old);
                    using (var file = new FileStream(Path, FileMode.Open))
                        file.SetLength(0);
                    break;
            }
        }

        private void Line(FileStream file, int second, string text)
        {
            var at = Start.AddSeconds((2 * Sessions) + second).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
            file.Write(Encoding.UTF8.GetBytes($"{at} {Environment.MachineName} sshd[{20_000 + Sessions}]: {text}\n"));
        }
    }
}
