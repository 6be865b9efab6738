using System.Globalization;
using System.Text;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>A host without PAM: sshd's own goodbye is the only end, and it says nothing of a logon that was forgotten.</summary>
public sealed class SshdForgetTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();

    private string Log => folder.File("auth.log");

    [Fact]
    public void While_old_lines_are_being_read_no_logon_is_forgotten()
    {
        const int logons = 2_500;
        var text = new StringBuilder();
        for (var i = 0; i < logons; i++)
            text.Append(Began(i));
        for (var i = 0; i < logons; i++)
            text.Append(Ended(i));
        File.WriteAllText(Log, text.ToString());
        using var source = Open(_ => false);

        var told = new List<ImportedEvent>();
        do
        {
            told.AddRange(source.Poll(Nine));
        }
        while (source.HasMore);

        Assert.Equal(logons, told.Count(e => e.Event.Type == EventTypes.SessionEnded));
    }

    [Fact]
    public void An_end_that_is_written_minutes_after_its_process_went_is_told_and_one_after_ten_is_not()
    {
        File.WriteAllText(Log, Began(1) + Began(2));
        using var source = Open(_ => false);
        Assert.Equal(2, source.Poll(Nine).Count);

        File.AppendAllText(Log, Ended(1));
        Assert.Single(source.Poll(Nine.AddMinutes(9)));
        Assert.Empty(source.Poll(Nine.AddMinutes(10)));
        File.AppendAllText(Log, Ended(2));
        Assert.Empty(source.Poll(Nine.AddMinutes(11)));
    }

    public void Dispose() => folder.Dispose();

    private SshdFileSource Open(Predicate<string> isAlive)
    {
        var state = new AgentState();
        return new SshdFileSource(Log, new SshdTeller("lin-01", "vm", isAlive, state), TimeZoneInfo.Utc, state, new FakeClock(Nine));
    }

    private static string Began(int i) => Line(i, $"Accepted publickey for anna from 10.0.0.1 port {PortOf(i)} ssh2: ED25519 SHA256:{new string('x', 40)}");

    private static string Ended(int i) => Line(i, $"Disconnected from user anna 10.0.0.1 port {PortOf(i)}");

    private static string Line(int i, string message) => string.Create(CultureInfo.InvariantCulture, $"Mar  2 08:00:00 vm sshd[{1_000 + i}]: {message}\n");

    private static int PortOf(int i) => 20_000 + i;
}
