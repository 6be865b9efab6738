using System.Text.Json;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Events;

namespace Rollcall.Tests.Agent;

public sealed class BeatTests
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly Beats beats = new(Settings, new HostBoot("b1", Nine.AddHours(-1)), s => new EventRosterEntry { OsSessionId = s.OsSessionId, User = "anna", State = "active" });

    [Fact]
    public void A_beat_comes_at_each_interval_and_at_once_when_the_roster_changed_with_the_last_look_before_that()
    {
        Assert.Equal(["10"], RosterOf(Assert.Single(Due(0, "10"))));
        Assert.Empty(Due(5, "10"));
        var changed = Due(6, "10", "11");
        Assert.Equal([Nine.AddSeconds(5), Nine.AddSeconds(6)], changed.Select(b => b.GetProperty("time").GetDateTimeOffset()));
        Assert.Equal([["10"], ["10", "11"]], changed.Select(RosterOf));
        Assert.Empty(Due(35, "10", "11"));
        var beat = Assert.Single(Due(36, "10", "11"));
        Assert.Equal(("rollcall.host.beat", 120, "b1", "agent://lin-01"), (Text(beat, "type"), beat.GetProperty("data").GetProperty("lease_seconds").GetInt32(), Text(beat.GetProperty("data").GetProperty("host"), "boot_id"), Text(beat, "source")));
    }

    [Fact]
    public void A_beat_that_leaves_somebody_out_is_of_the_instant_after_the_look_and_any_other_of_the_one_before_it()
    {
        Assert.Equal(Nine.AddSeconds(0.5), After(0, "10")); // nobody knows whom the server holds for open
        Assert.Equal(Nine.AddSeconds(1), After(1, "10", "11"));
        Assert.Equal(Nine.AddSeconds(2.5), After(2, "11"));
        Assert.Equal(Nine.AddSeconds(2.5), After(2, "11", "12")); // of the same look: what it left out it still leaves out
        Assert.Equal(Nine.AddSeconds(32), After(32, "11", "12"));

        DateTimeOffset After(int second, params string[] displays) =>
            JsonElement.Parse(beats.Due(new RosterReading(Moments.Of(Nine.AddSeconds(second)), Nine.AddSeconds(second + 0.5), Live(displays), null), Moments.Of(Nine.AddSeconds(second)), isWaiting: false).Last())
                .GetProperty("time").GetDateTimeOffset();
    }

    [Fact]
    public void A_beat_without_a_roster_says_nothing_of_sessions()
    {
        var beat = JsonElement.Parse(Assert.Single(beats.Due(Nine, null, Nine, isWaiting: false)));

        Assert.False(beat.GetProperty("data").TryGetProperty("roster", out _));
    }

    [Fact]
    public void An_empty_roster_is_sent_as_one() => Assert.Empty(RosterOf(Assert.Single(Due(0))));

    [Fact]
    public void While_nothing_gets_through_only_the_first_and_the_last_of_equal_beats_are_kept()
    {
        Assert.Single(Due(0, "10"));
        for (var second = 30; second <= 300; second += 30)
            Assert.Empty(beats.Due(Nine.AddSeconds(second), Live("10"), Nine.AddSeconds(second), isWaiting: true));

        var due = beats.Due(Nine.AddSeconds(310), Live(), Nine.AddSeconds(310), isWaiting: true).Select(b => JsonElement.Parse(b)).ToList();
        Assert.Equal([Nine.AddSeconds(300), Nine.AddSeconds(310)], due.Select(b => b.GetProperty("time").GetDateTimeOffset()));
        Assert.Equal([["10"], []], due.Select(RosterOf));
    }

    [Fact]
    public void Beats_of_one_instant_with_other_rosters_have_other_ids()
    {
        var first = Assert.Single(beats.Due(Nine, Live("10"), Nine, isWaiting: false));
        var second = Assert.Single(beats.Due(Nine, Live("10", "11"), Nine, isWaiting: false));

        Assert.NotEqual(Text(JsonElement.Parse(first), "id"), Text(JsonElement.Parse(second), "id"));
    }

    [Fact]
    public void A_boot_is_told_once_and_an_event_names_it_only_when_it_was_in_it()
    {
        Assert.Empty(beats.Started("b1"));
        var boot = JsonElement.Parse(Assert.Single(beats.Started("b0")));
        Assert.Equal(("rollcall.host.started", Nine.AddHours(-1)), (Text(boot, "type"), boot.GetProperty("time").GetDateTimeOffset()));

        Assert.Equal("b1", BootOf(Nine));
        Assert.Null(BootOf(Nine.AddHours(-2)));
    }

    internal static AgentSettings Settings => new()
    {
        Server = new Uri("http://127.0.0.1:1"),
        Tenant = "acme",
        Token = () => "t",
        StateFolder = "/nowhere",
        HostName = "lin-01",
        Zone = TimeZoneInfo.Utc,
        Beat = TimeSpan.FromSeconds(30),
        Lease = TimeSpan.FromSeconds(120),
        BufferBytesMax = 1,
        Sources = new SourceChoice(),
    };

    private List<JsonElement> Due(int second, params string[] displays) =>
        [.. beats.Due(Nine.AddSeconds(second), Live(displays), Nine.AddSeconds(second), isWaiting: false).Select(b => JsonElement.Parse(b))];

    private static List<LiveSession> Live(params string[] displays) => [.. displays.Select(d => new LiveSession("xrdp", d, null, null))];

    private static string[] RosterOf(JsonElement beat) => [.. beat.GetProperty("data").GetProperty("roster").EnumerateArray().Select(e => Text(e, "os_session_id"))];

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private string? BootOf(DateTimeOffset at)
    {
        var data = new EventData { Host = new EventHost { Name = "lin-01" }, OsSessionId = "1", User = "anna" };
        var wire = JsonElement.Parse(beats.Complete(new LedgerEvent { Id = "1", Source = "s", Type = EventTypes.SessionStarted, Time = at, Data = data }));
        return wire.GetProperty("data").GetProperty("host").TryGetProperty("boot_id", out var id) ? id.GetString() : null;
    }
}
