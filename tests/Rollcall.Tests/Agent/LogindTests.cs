using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;

namespace Rollcall.Tests.Agent;

public sealed class LogindTests
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly SteppedClock clock = new(Nine);

    private DateTimeOffset startedAt = Nine.AddHours(-3);

    [Fact]
    public void A_session_of_a_later_boot_with_the_same_number_is_another_one()
    {
        AgentState state;
        using (var before = Open(new AgentState()))
        {
            Assert.Equal(EventTypes.SessionStarted, Assert.Single(before.Ask(Nine)).Event.Type);
            state = before.Keep(new AgentState());
        }

        startedAt = Nine.AddMinutes(30);
        clock.Advance(TimeSpan.FromHours(1));
        using var after = Open(state);
        var told = after.Ask(Nine.AddHours(1));

        Assert.Equal(
            [(EventTypes.SessionEnded, Nine), (EventTypes.SessionStarted, startedAt)],
            told.Select(e => (e.Event.Type, e.Event.Time)).OrderBy(e => e.Time));
        Assert.Empty(after.Ask(Nine.AddHours(2)));
    }

    [Fact]
    public void What_can_never_be_its_own_logon_is_asked_about_once_and_the_others_at_every_look()
    {
        foreach (var (service, expected) in (ReadOnlySpan<(string, int)>)[("sshd", 1), ("login", 2)])
        {
            var asked = 0;
            using var source = new LogindSource("lin-01", new HashSet<string> { "sshd" }, new AgentState(), clock, async asking =>
            {
                asked += asking.Contains("GetAll") ? 1 : 0;
                return (await Answer(asking))!.Replace("\"Class\"", $"\"Service\":{{\"type\":\"s\",\"data\":\"{service}\"}},\"Class\"", StringComparison.Ordinal);
            });
            source.Look();
            Assert.Equal(expected - 1, source.Look()!.Count);
            Assert.Equal(expected, asked);
        }
    }

    private LogindSource Open(AgentState state) => new("lin-01", new HashSet<string>(), state, clock, Answer);

    /// <summary>Source: <c>busctl --json=short</c> of systemd 252.</summary>
    private Task<string?> Answer(string[] asked) => Task.FromResult<string?>(asked.Contains("ListSessions")
        ? """{"type":"a(susso)","data":[[["1",1000,"anna","","/org/freedesktop/login1/session/_31"]]]}"""
        : $$$"""
            {"type":"a{sv}","data":[{"Class":{"type":"s","data":"user"},"State":{"type":"s","data":"active"},"Name":{"type":"s","data":"anna"},
            "Timestamp":{"type":"t","data":{{{startedAt.ToUnixTimeMilliseconds() * 1000}}}}}]}
            """);
}
