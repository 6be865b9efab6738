using Rollcall.Cli.Events;
using Rollcall.Cli.Sample;

namespace Rollcall.Tests.Cli.Sample;

public sealed class SampleSessionTests
{
    private static readonly IReadOnlyList<IReadOnlyList<LedgerEvent>> Sessions = SampleFleet.SessionsOf(SampleFleet.Events);

    /// <summary>What may come next in a session; null is its beginning.</summary>
    private static readonly HashSet<(string? From, string To)> Moves =
    [
        (null, EventTypes.SessionInitializing), (null, EventTypes.SessionStarted), (null, EventTypes.SessionFailed),
        (EventTypes.SessionInitializing, EventTypes.SessionStarted), (EventTypes.SessionInitializing, EventTypes.SessionFailed),
        (EventTypes.SessionStarted, EventTypes.SessionDisconnected), (EventTypes.SessionStarted, EventTypes.SessionEnded),
        (EventTypes.SessionReconnected, EventTypes.SessionDisconnected), (EventTypes.SessionReconnected, EventTypes.SessionEnded),
        (EventTypes.SessionDisconnected, EventTypes.SessionReconnected), (EventTypes.SessionDisconnected, EventTypes.SessionEnded),
    ];

    [Fact]
    public void The_events_of_a_session_come_in_an_order_that_can_happen()
    {
        Assert.NotEmpty(Sessions);
        foreach (var session in Sessions)
        {
            Assert.All(session.Prepend(null).Zip(session), pair => Assert.Contains((pair.First?.Type, pair.Second.Type), Moves));
            Assert.All(session.Zip(session.Skip(1)), pair => Assert.True(pair.First.Time < pair.Second.Time));
            Assert.Single(session.Select(e => (e.Data.Host.Name, e.Data.Host.BootId, e.Data.OsSessionId, e.Data.User)).Distinct());
        }
    }

    [Fact]
    public void Within_one_boot_of_a_host_no_two_sessions_share_an_os_session_id_but_across_boots_they_do()
    {
        var keys = Sessions.Select(s => s[0].Data).Select(d => (d.Host.Name, d.Host.BootId, d.OsSessionId)).ToList();

        Assert.Equal(keys.Count, keys.Distinct().Count());
        Assert.True(keys.Select(key => (key.Name, key.OsSessionId)).Distinct().Count() < keys.Count);
    }

    [Fact]
    public void No_session_outlives_the_boot_of_its_host()
    {
        var stops = StopsByBoot();

        Assert.NotEmpty(stops);
        Assert.All(Sessions, session =>
        {
            if (stops.TryGetValue(session[0].Data.Host.BootId!, out var stop))
                Assert.True(session[^1].Time < stop);
        });
    }

    [Fact]
    public void The_fleet_shows_reconnects_failures_applications_and_ghosts()
    {
        var events = SampleFleet.Events;
        var stops = StopsByBoot();
        var ghosts = Sessions.Count(s =>
            s[^1].Type is EventTypes.SessionDisconnected && stops.ContainsKey(s[^1].Data.Host.BootId!));

        Assert.True(events.Count(e => e.Type == EventTypes.SessionReconnected) >= 1000);
        Assert.True(events.Count(e => e.Type == EventTypes.SessionFailed) >= 60);
        Assert.Equal(SampleFailures.All.Count, events.Select(e => e.Data.Failure?.Code).OfType<string>().Distinct().Count());
        Assert.True(Sessions.Count(s => s[0].Data is { Kind: "application", AppName: not null }) >= 500);
        Assert.True(ghosts >= 5, $"{ghosts} ghosts");
        Assert.Equal(["HDP", "RDP"], events.Select(e => e.Data.Protocol).OfType<string>().Distinct().Order());
    }

    [Fact]
    public void People_come_back_from_another_client_with_another_public_address()
    {
        var moved = Sessions.Count(s => s.Select(e => e.Data.Client?.Name).OfType<string>().Distinct().Count() > 1
            && s.Select(e => e.Data.Client?.PublicIp).OfType<string>().Distinct().Count() > 1);

        Assert.True(moved >= 200, $"{moved} sessions moved");
    }

    [Fact]
    public void Every_attach_has_its_delays_and_a_transaction_of_its_own()
    {
        var attached = SampleFleet.Events
            .Where(e => e.Type is EventTypes.SessionStarted or EventTypes.SessionReconnected).Select(e => e.Data).ToList();

        Assert.NotEmpty(attached);
        Assert.All(attached, data => Assert.True(data.NetworkRttMs > 0 && data.EndToEndRttMs > data.NetworkRttMs));
        Assert.Equal(attached.Count, attached.Select(data => data.TransactionId).Distinct().Count());
    }

    [Fact]
    public void An_initializing_session_starts_or_fails_within_seconds()
    {
        var prepared = Sessions.Where(s => s[0].Type == EventTypes.SessionInitializing && s.Count > 1).ToList();

        Assert.NotEmpty(prepared);
        Assert.All(prepared, s => Assert.InRange((s[1].Time - s[0].Time).TotalSeconds, 1, 20));
    }

    [Fact]
    public void Offices_are_busy_on_their_weekdays_and_nearly_empty_on_their_weekends()
    {
        foreach (var group in SampleFleet.Generator.Fleet.Groups)
        {
            var starts = SampleFleet.Events
                .Where(e => e.Type == EventTypes.SessionStarted && e.Data.Host.GroupId == group.Id)
                .Select(e => e.Time.ToOffset(group.Site.Offset)).ToList();
            var mornings = starts.Where(time => time.Hour is >= 7 and < 10).ToList();

            Assert.True(mornings.Count > starts.Count / 2);
            Assert.True(mornings.Count(time => group.Site.Weekend.Contains(time.DayOfWeek)) < mornings.Count / 10);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void On_any_day_of_the_week_sessions_are_open_in_each_state(int days)
    {
        var events = new FleetGenerator(new FleetOptions(1, SampleFleet.Now.AddDays(days), days: 10)).Events().ToList();
        var stopped = events.Where(e => e.Type == EventTypes.HostStopped).Select(e => e.Data.Host.BootId).ToHashSet();
        var newest = SampleFleet.SessionsOf(events).Select(s => s[^1])
            .Where(e => !stopped.Contains(e.Data.Host.BootId)).Select(e => e.Type).ToList();

        Assert.InRange(newest.Count(type => type == EventTypes.SessionInitializing), NightShift.Initializing, 10);
        Assert.InRange(newest.Count(type => type == EventTypes.SessionDisconnected), NightShift.Disconnected, 40);
        Assert.InRange(newest.Count(type => type is EventTypes.SessionStarted or EventTypes.SessionReconnected), NightShift.Active, 60);
    }

    private static Dictionary<string, DateTimeOffset> StopsByBoot() => SampleFleet.Events
        .Where(e => e.Type == EventTypes.HostStopped).ToDictionary(e => e.Data.Host.BootId!, e => e.Time);
}
