using System.Text.Json;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Buffering;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Agent.Sending;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;
using Rollcall.Core.Sessions;
using Rollcall.Server.Ingest;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>The agent's loop beside a logind whose truth is known, and what the ledger makes of all that it sends.</summary>
public sealed class LogindLoopTests : IDisposable
{
    private const int Rounds = 20;

    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    /// <summary>One question of the two that an asking takes.</summary>
    private static readonly TimeSpan Question = TimeSpan.FromMilliseconds(60);

    private readonly TemporaryFolder folder = new();
    private readonly SteppedClock clock = new(Nine);
    private DateTimeOffset endAt;

    public static TheoryData<int> EndsMs => [.. Enumerable.Range(0, 27).Select(number => 7_000 + (number * 79))];

    [Theory, MemberData(nameof(EndsMs))]
    public void The_end_in_the_ledger_lies_about_the_true_one_also_when_that_is_between_two_askings_or_in_one(int afterMs)
    {
        endAt = Nine.AddMilliseconds(afterMs);

        var end = Assert.Single(Reduced()).Session.End!;

        Assert.Equal(EndTimeSource.Unknown, end.Source);
        Assert.True(end.Earliest <= endAt && endAt <= end.Latest, $"{endAt:O} is not in {end.Earliest:O} to {end.Latest:O}");
        Assert.InRange(end.Latest - end.Earliest, TimeSpan.Zero, TimeSpan.FromSeconds(1.2));
    }

    [Fact]
    public void A_session_that_stays_has_no_end()
    {
        endAt = Nine.AddDays(1);

        Assert.Null(Assert.Single(Reduced()).Session.End);
    }

    public void Dispose() => folder.Dispose();

    private IReadOnlyList<ReducedSession> Reduced()
    {
        Directory.CreateDirectory(folder.File("proc/1"));
        File.WriteAllText(folder.File("proc/1/stat"), "1 (init) S 0 0 0 0");
        using var logind = new LogindSource("lin-01", new HashSet<string>(), new AgentState(), clock, Answer);
        using var buffer = new EventBuffer(folder.File("buffer"), 10_000_000, _ => { });
        var settings = BeatTests.Settings with { StateFolder = folder.Path };
        var beats = new Beats(settings, new HostBoot(null, null), s => new EventRosterEntry { OsSessionId = s.OsSessionId, User = s.User });
        var live = new LiveSessions(new ProcessTable(folder.File("proc")), null, needsUtmp: false, logind.Look);
        var loop = new AgentLoop(settings, [logind], live, beats, new Bookmark(folder.File("bookmark.json")), buffer, new SendingCount(), clock);
        for (var second = 0; second < Rounds; second++)
        {
            clock.Advance(Nine.AddSeconds(second) - clock.GetUtcNow());
            loop.Round();
        }

        return Support.Events.Reduce([.. Sent(buffer).Select(one => EventReader.Read(JsonElement.Parse(one)).Event!)]);
    }

    private static IEnumerable<byte[]> Sent(EventBuffer buffer)
    {
        for (; buffer.Oldest() is { } batch; buffer.Remove())
        {
            foreach (var one in batch)
                yield return one;
        }
    }

    /// <summary>Each question takes a while, and is answered by what is so at its middle.</summary>
    private Task<string?> Answer(string[] asked)
    {
        clock.Advance(Question / 2);
        var isOn = clock.GetUtcNow() < endAt;
        clock.Advance(Question / 2);
        return Task.FromResult<string?>((asked.Contains("ListSessions"), isOn) switch
        {
            (true, true) => """{"type":"a(susso)","data":[[["1",1000,"anna","","/org/freedesktop/login1/session/_31"]]]}""",
            (true, false) => """{"type":"a(susso)","data":[[]]}""",
            (false, var isActive) => $$$"""
                {"type":"a{sv}","data":[{"Class":{"type":"s","data":"user"},"State":{"type":"s","data":"{{{(isActive ? "active" : "closing")}}}"},"Name":{"type":"s","data":"anna"},
                "Timestamp":{"type":"t","data":{{{Nine.AddHours(-3).ToUnixTimeMilliseconds() * 1000}}}}}]}
                """,
        });
    }
}
